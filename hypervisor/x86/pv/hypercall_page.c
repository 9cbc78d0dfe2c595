/* SPDX-License-Identifier: MIT */
/*
 * 128 stubs of 32 bytes: stub n issues hypercall n and returns. Unused bytes are INT3, so that a
 * jump into the middle of nowhere is noticed.
 */
#include <dais/compiler.h>
#include <dais/hypercall_page.h>
#include <dais/string.h>
#include <xen/xen.h>

#define STUB_BYTES	32
#define INT3		0xcc

/* SYSCALL destroys RCX and R11, which a caller of the stub may rely on. */
static const uint8_t stub_call[] = {
	0x51,				/* push %rcx */
	0x41, 0x53,			/* push %r11 */
	0xb8, 0, 0, 0, 0,		/* mov $n, %eax */
	0x0f, 0x05,			/* syscall */
	0x41, 0x5b,			/* pop %r11 */
	0x59,				/* pop %rcx */
	0xc3,				/* ret */
};
#define STUB_CALL_NR	4

/* iret does not come back: the three registers pushed are the start of its frame. */
static const uint8_t stub_iret[] = {
	0x51,				/* push %rcx */
	0x41, 0x53,			/* push %r11 */
	0x50,				/* push %rax */
	0xb8, __HYPERVISOR_iret, 0, 0, 0, /* mov $23, %eax */
	0x0f, 0x05,			/* syscall */
};

BUILD_BUG_ON(sizeof(stub_call) > STUB_BYTES || sizeof(stub_iret) > STUB_BYTES);

void pv_hypercall_page_fill(void *page)
{
	uint8_t *at = page;

	memset(page, INT3, PAGE_SIZE);
	for (unsigned int n = 0; n < PAGE_SIZE / STUB_BYTES; n++, at += STUB_BYTES) {
		memcpy(at, stub_call, sizeof(stub_call));
		at[STUB_CALL_NR] = (uint8_t)n;
	}
	memcpy((uint8_t *)page + __HYPERVISOR_iret * STUB_BYTES, stub_iret, sizeof(stub_iret));
}
