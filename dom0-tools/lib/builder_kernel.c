/* SPDX-License-Identifier: MIT */
/*
 * Reading and unpacking kernels: see builder.h. Stateless. Memory comes from mmap, so that what
 * is not filled costs nothing and what is done with goes back at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dais/bzimage.h>
#include <dais/decompress.h>

#include "lib/builder.h"
#include "lib/kernel_cache.h"

#define KERNEL_FILE_MAX (512ul << 20)

/* The decoders may use every register here: there is nothing to prepare. */
void decompress_cpu_begin(struct decompress_cpu *saved)
{
	(void)saved;
}

void decompress_cpu_end(const struct decompress_cpu *saved)
{
	(void)saved;
}

static void *kernel_memory(size_t bytes)
{
	void *p = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int kernel_read(int fd, void *to, size_t len)
{
	char *p = to;
	ssize_t n;

	while (len) {
		n = read(fd, p, len);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n ? -errno : -EIO;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The descriptor of a file that may be a kernel, by its kind and size, or -errno. */
static int kernel_open(const char *path, struct stat *st, struct failure *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0 || fstat(fd, st)) {
		rc = -errno;
		if (fd >= 0) {
			close(fd);
		}
		return failure_set(f, rc,
				   "cannot open the kernel '%s': %s; check `kernel` in the "
				   "configuration",
				   path, strerror(-rc));
	}
	if (S_ISREG(st->st_mode) && st->st_size && (uint64_t)st->st_size <= KERNEL_FILE_MAX) {
		return fd;
	}
	close(fd);
	return failure_set(f, -EINVAL,
			   "'%s' is not a kernel: it is %s; check `kernel` in the configuration",
			   path,
			   !S_ISREG(st->st_mode) ? "not a regular file"
			   : st->st_size         ? "larger than 512 MiB"
						 : "empty");
}

static int kernel_unpack(struct builder_kernel *k, const struct bzimage_payload *p,
			 const char **why)
{
	size_t arena_len = decompress_arena_size(p->data, p->len), got = 0;
	void *arena = kernel_memory(arena_len);
	int rc = -ENOMEM;

	*why = "There is not enough memory to unpack it.";
	k->image_len = p->unpacked_len;
	k->image = kernel_memory(k->image_len);
	if (arena && k->image) {
		rc = decompress(p->data, p->len, k->image, k->image_len, &got, arena, arena_len,
				why);
	}
	if (!rc) {
		rc = elf_parse(&k->elf, k->image, got, why);
	}
	if (arena) {
		munmap(arena, arena_len ? arena_len : 1);
	}
	return rc;
}

/* Unpacked for an earlier guest. */
static bool kernel_kept(struct builder_kernel *k, const struct stat *st)
{
	const char *why;

	if (!kernel_cache_get(st, &k->image, &k->image_len)) {
		return false;
	}
	if (elf_parse(&k->elf, k->image, k->image_len, &why)) {
		kernel_cache_drop(st);
		builder_kernel_free(k);
		return false;
	}
	return true;
}

/* The whole file in memory of its own: a mapping could change or shrink under us. */
static int kernel_read_file(int fd, const char *path, size_t len, void **file, struct failure *f)
{
	int rc;

	*file = kernel_memory(len);
	rc = *file ? kernel_read(fd, *file, len) : -ENOMEM;
	if (rc && *file) {
		munmap(*file, len);
	}
	return rc ? failure_set(f, rc, "cannot read the kernel '%s': %s", path, strerror(-rc)) : 0;
}

/* Takes over the memory of the file that `st` describes. */
static int kernel_take(struct builder_kernel *k, void *file, const struct stat *st,
		       const char **why)
{
	size_t len = (size_t)st->st_size;
	struct bzimage_payload payload;
	int rc = bzimage_payload(file, len, &payload, why);

	if (!rc && payload.format == PAYLOAD_ELF) {
		k->image = file;
		k->image_len = len;
		return elf_parse(&k->elf, payload.data, payload.len, why);
	}
	if (!rc) {
		rc = kernel_unpack(k, &payload, why);
	}
	if (!rc) {
		kernel_cache_put(st, k->elf.data, k->elf.size);
	}
	munmap(file, len);
	return rc;
}

int builder_kernel_load(struct builder_kernel *k, const char *path, struct failure *f)
{
	const char *why = "";
	struct stat st;
	void *file;
	int rc = 0, fd;

	memset(k, 0, sizeof(*k));
	fd = kernel_open(path, &st, f);
	if (fd < 0) {
		return f->code;
	}
	if (!kernel_kept(k, &st)) {
		rc = kernel_read_file(fd, path, (size_t)st.st_size, &file, f);
		rc = rc ? rc : kernel_take(k, file, &st, &why);
	}
	close(fd);
	if (!rc && k->elf.features_required & 1u << 11) {
		rc = -EINVAL;
		why = "It insists on being dom0's kernel (it requires feature dom0).";
	}
	if (rc) {
		failure_set(f, rc, "the kernel '%s' cannot run as a paravirtual guest. %s", path,
			    why);
		builder_kernel_free(k);
	}
	return rc;
}

void builder_kernel_free(struct builder_kernel *k)
{
	if (k->image) {
		munmap(k->image, k->image_len ? k->image_len : 1);
	}
	memset(k, 0, sizeof(*k));
}
