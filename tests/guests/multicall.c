/* SPDX-License-Identifier: MIT */
/*
 * Multicalls: order, results, and what a bad list costs.
 *
 * Each entry is run in order with its six argument words and gets its own result; a failing entry
 * does not stop the next one. The list as a whole succeeds. An iret among the entries leaves the
 * list. A list that cannot be read is an error of the multicall; what ran before stays done.
 */
#include "kit.h"

#include <xen/version.h>

static char window[2 * PAGE_SIZE] PAGE_ALIGNED;

static void check_order(void)
{
	char *a = page_alloc(), *b = page_alloc();
	struct multicall_entry list[5];

	memset(list, 0xff, sizeof(list));
	a[0] = 'a';
	b[0] = 'b';
	list[0].op = __HYPERVISOR_update_va_mapping;
	list[0].args[0] = (u64)window;
	list[0].args[1] = PTE(paging_mfn(a), PTE_FLAGS_RW);
	list[0].args[2] = UVMF_INVLPG;
	list[1].op = 11;
	list[2].op = __HYPERVISOR_update_va_mapping;
	list[2].args[0] = (u64)window;
	list[2].args[1] = PTE(paging_mfn(b), PTE_FLAGS_RW);
	list[2].args[2] = UVMF_INVLPG;
	list[3].op = __HYPERVISOR_xen_version;
	list[3].args[0] = XENVER_version;
	list[3].args[1] = 0;
	list[4].op = 0xffffffff;
	CHECK_EQ(HC(multicall, list, 5), 0);
	CHECK_EQ(list[0].result, 0);
	CHECK_EQ(list[1].result, -kENOSYS);
	CHECK_EQ(list[2].result, 0);
	CHECK_EQ(list[3].result, 0x00040011);
	CHECK_EQ(list[4].result, -kENOSYS);
	CHECK_EQ(*(volatile char *)window, 'b');
	CHECK_EQ(list[3].op, __HYPERVISOR_xen_version);
	CHECK_EQ(list[3].args[0], XENVER_version);
}

/* A multicall is no entry of a multicall; the others are run. */
static void check_nested(void)
{
	struct multicall_entry inner = { .op = __HYPERVISOR_xen_version };
	struct multicall_entry list[2] = {
		{ .op = __HYPERVISOR_multicall, .args = { (u64)&inner, 1 } },
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
	};

	CHECK_EQ(HC(multicall, list, 2), 0);
	CHECK_EQ(list[0].result, -kEINVAL);
	CHECK_EQ(inner.result, 0);
	CHECK_EQ(list[1].result, 0x00040011);
}

static void check_bad_lists(void)
{
	/* The second entry lies in a page that is not there. */
	struct multicall_entry *end = (void *)(window + PAGE_SIZE - sizeof(*end));

	CHECK_EQ(HC(multicall, ADDR_UNMAPPED, 1), -kEFAULT);
	CHECK_EQ(HC(multicall, ADDR_HOLE, 1), -kEFAULT);
	CHECK_EQ(HC(multicall, ADDR_UNMAPPED, 0), 0);
	CHECK_EQ(paging_unmap(window + PAGE_SIZE), 0);
	end->op = __HYPERVISOR_xen_version;
	end->args[0] = XENVER_version;
	end->args[1] = 0;
	end->result = 0;
	CHECK_EQ(HC(multicall, end, 2), -kEFAULT);
	CHECK_EQ(end->result, 0x00040011);
	CHECK_EQ(paging_unprotect(window + PAGE_SIZE), 0);
}

/* iret inside a list: frame on the stack, list in rdi. Returns at the label with CF set. */
static u64 iret_in_list(struct multicall_entry *list)
{
	u64 flags;

	__asm__ volatile("mov %%rsp, %%rbx\n"
			 "push %[ss]\n"
			 "push %%rbx\n"
			 "push %[fl]\n"
			 "push %[cs]\n"
			 "push $1f\n"
			 "push $0\n"
			 "push $0\n"
			 "push $0\n"
			 "push $0\n"
			 "syscall\n"
			 "ud2\n"
			 "1: pushfq\n"
			 "pop %[out]\n"
			 : [out] "=&d"(flags)
			 : [ss] "r"((u64)FLAT_KERNEL_SS), [fl] "r"(0x203UL),
			   [cs] "r"((u64)FLAT_KERNEL_CS & ~3UL), "a"(__HYPERVISOR_multicall),
			   "D"(list), "S"(2)
			 : "rbx", "rcx", "r11", "memory");
	return flags;
}

static void check_iret(void)
{
	struct multicall_entry list[2];

	memset(list, 0, sizeof(list));
	list[0].op = __HYPERVISOR_iret;
	list[1].op = __HYPERVISOR_xen_version;
	list[1].result = 77;
	CHECK_EQ(iret_in_list(list) & 1, 1);
	CHECK_EQ(list[1].result, 77); /* never reached */
}

void guest_main(void)
{
	kit_init();
	check_order();
	check_nested();
	check_bad_lists();
	check_iret();
	verdict();
}
