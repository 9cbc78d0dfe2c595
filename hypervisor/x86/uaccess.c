/* SPDX-License-Identifier: MIT */
/*
 * Copies to and from guest virtual addresses, and the table that says where to go on when one faults. Holds no
 * state; the table is sorted by the linker's order and short, so it is searched linearly.
 */
#include <dais/compiler.h>
#include <dais/guest_access.h>
#include <dais/uaccess.h>
#include <xen/arch-x86/xen.h>
#include <xen/errno.h>

struct ex_entry {
	int32_t insn, fixup;
};

extern const struct ex_entry __start___ex_table[], __stop___ex_table[];

unsigned long ex_table_find(unsigned long rip)
{
	for (const struct ex_entry *e = __start___ex_table; e < __stop___ex_table; e++) {
		if ((unsigned long)&e->insn + (unsigned long)(long)e->insn == rip) {
			return (unsigned long)&e->fixup + (unsigned long)(long)e->fixup;
		}
	}
	return 0;
}

/* Copy n bytes, eight at a time first. True when all were copied. */
static inline bool copy_words(void *dst, const void *src, size_t n)
{
	size_t words = n / 8, bytes = n % 8;

	uaccess_begin();
	__asm__ volatile goto("1: rep movsq\n\t"
		     "mov %3, %%rcx\n\t"
		     "2: rep movsb\n\t"
		     EX_TABLE("1b", "%l[fault]") EX_TABLE("2b", "%l[fault]")
		     : "+D"(dst), "+S"(src), "+c"(words)
		     : "r"(bytes)
		     : "memory"
		     : fault);
	uaccess_end();
	return true;
fault:
	uaccess_end();
	return false;
}

int copy_from_guest(void *dst, unsigned long va, size_t n)
{
	if (!guest_range_ok(va, n)) {
		return -XEN_EFAULT;
	}
	/* Should the processor run ahead of that test, it reads at 0 instead of in the hypervisor. */
	va &= ~array_index_mask(va - HYPERVISOR_VIRT_START, HYPERVISOR_VIRT_END - HYPERVISOR_VIRT_START);
	return copy_words(dst, (const void *)va, n) ? 0 : -XEN_EFAULT;
}

int copy_to_guest(unsigned long va, const void *src, size_t n)
{
	return guest_range_ok(va, n) && copy_words((void *)va, src, n) ? 0 : -XEN_EFAULT;
}

int clear_guest(unsigned long va, size_t n)
{
	static const uint8_t zeroes[512];
	size_t piece;

	do {
		piece = min(n, sizeof(zeroes));
		if (copy_to_guest(va, zeroes, piece) != 0) {
			return -XEN_EFAULT;
		}
		va += piece;
		n -= piece;
	} while (n > 0);
	return 0;
}

int rdmsr_safe(uint32_t msr, uint64_t *val)
{
	uint32_t lo, hi;

	__asm__ volatile goto("1: rdmsr\n\t" EX_TABLE("1b", "%l[fault]")
		     : "=a"(lo), "=d"(hi) : "c"(msr) : "memory" : fault);
	*val = ((uint64_t)hi << 32) | lo;
	return 0;
fault:
	return -XEN_EFAULT;
}

int wrmsr_safe(uint32_t msr, uint64_t val)
{
	__asm__ volatile goto("1: wrmsr\n\t" EX_TABLE("1b", "%l[fault]")
		     : : "c"(msr), "a"((uint32_t)val), "d"((uint32_t)(val >> 32)) : "memory" : fault);
	return 0;
fault:
	return -XEN_EFAULT;
}
