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

/* The whole file in memory of its own: a mapping could change or shrink under us. */
static int kernel_open(const char *path, void **file, size_t *len, struct failure *f)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0 || fstat(fd, &st)) {
		rc = -errno;
		if (fd >= 0) {
			close(fd);
		}
		return failure_set(f, rc,
				   "cannot open the kernel '%s': %s; check `kernel` in the "
				   "configuration",
				   path, strerror(-rc));
	}
	*file = NULL;
	*len = (size_t)st.st_size;
	rc = -EINVAL;
	if (!S_ISREG(st.st_mode) || !st.st_size || (uint64_t)st.st_size > KERNEL_FILE_MAX) {
		failure_set(f, rc,
			    "'%s' is not a kernel: it is %s; check `kernel` in the "
			    "configuration",
			    path,
			    !S_ISREG(st.st_mode) ? "not a regular file"
			    : st.st_size         ? "larger than 512 MiB"
						 : "empty");
	} else {
		*file = kernel_memory(*len);
		rc = *file ? kernel_read(fd, *file, *len) : -ENOMEM;
		if (rc) {
			failure_set(f, rc, "cannot read the kernel '%s': %s", path, strerror(-rc));
		}
	}
	close(fd);
	if (rc && *file) {
		munmap(*file, *len);
	}
	return rc;
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

int builder_kernel_load(struct builder_kernel *k, const char *path, struct failure *f)
{
	struct bzimage_payload payload;
	const char *why = "";
	void *file = NULL;
	size_t len = 0;
	int rc;

	memset(k, 0, sizeof(*k));
	rc = kernel_open(path, &file, &len, f);
	if (rc) {
		return rc;
	}
	rc = bzimage_payload(file, len, &payload, &why);
	if (!rc && payload.format == PAYLOAD_ELF) {
		k->image = file;
		k->image_len = len;
		rc = elf_parse(&k->elf, payload.data, payload.len, &why);
	} else {
		if (!rc) {
			rc = kernel_unpack(k, &payload, &why);
		}
		munmap(file, len);
	}
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
