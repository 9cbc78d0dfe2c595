/* SPDX-License-Identifier: MIT */
/*
 * The last words: panic(), register dumps, symbolised backtraces. Takes no lock and trusts little, since it runs
 * when something is broken already.
 */
#include <dais/console.h>
#include <dais/crash.h>
#include <dais/domain.h>
#include <dais/guest_access.h>
#include <dais/ksyms.h>
#include <dais/paging.h>
#include <dais/percpu.h>
#include <dais/printf.h>
#include <dais/printk.h>
#include <dais/reset.h>
#include <dais/sections.h>
#include <dais/smp.h>
#include <dais/x86.h>

static unsigned int panicking;

static const char *const trap_names[32] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow", "bound range", "invalid opcode",
	"device not available", "double fault", "coprocessor segment", "invalid TSS", "segment not present",
	"stack fault", "general protection", "page fault", "reserved", "x87 error", "alignment check",
	"machine check", "SIMD error", "virtualization", "control protection",
};

void crash_show_regs(const struct regs *r)
{
	pr_err("rip %016lx  cs %04lx  rflags %08lx  rsp %016lx  ss %04lx\n", r->rip, r->cs & 0xffff, r->rflags,
	       r->rsp, r->ss & 0xffff);
	pr_err("rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", r->rax, r->rbx, r->rcx, r->rdx);
	pr_err("rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx\n", r->rsi, r->rdi, r->rbp, r->r8);
	pr_err("r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx\n", r->r9, r->r10, r->r11, r->r12);
	pr_err("r13 %016lx  r14 %016lx  r15 %016lx\n", r->r13, r->r14, r->r15);
}

static bool is_text(unsigned long addr)
{
	return addr >= (unsigned long)__text_start && addr < (unsigned long)__text_end;
}

static void show_address(unsigned long addr)
{
	unsigned long off;
	const char *name = ksym_lookup(addr, &off);

	if (name != NULL) {
		pr_err("  [%016lx] %s+%#lx\n", addr, name, off);
	} else {
		pr_err("  [%016lx]\n", addr);
	}
}

/* Without frame pointers: every word on the stack that points behind a call. Some may be stale. */
static void show_backtrace(unsigned long rip, unsigned long rsp)
{
	unsigned long end = (rsp | (PERCPU_SIZE - 1)) & ~7UL, shown = 0;

	pr_err("backtrace (words on the stack that look like return addresses):\n");
	if (is_text(rip)) {
		show_address(rip);
	}
	if (rsp < (unsigned long)cpu_ptr(0) || rsp >= (unsigned long)cpu_ptr(NR_CPUS)) {
		pr_err("  stack pointer %#lx is not on a stack of ours\n", rsp);
		return;
	}
	/* One that overflowed begins on the next page. */
	if (paging_walk(rsp) == INVALID_PADDR) {
		rsp = (rsp | (PAGE_SIZE - 1)) + 1;
	}
	for (unsigned long p = rsp & ~7UL; p < end && shown < 24; p += 8) {
		unsigned long word;

		if ((p & (PAGE_SIZE - 1)) == 0 && paging_walk(p) == INVALID_PADDR) {
			break;
		}
		word = *(unsigned long *)p;
		if (is_text(word)) {
			show_address(word);
			shown++;
		}
	}
}

void crash_show_vcpu(const struct vcpu *v)
{
	uint64_t word;

	pr_err("d%u vcpu %u (%s mode) on cpu %u, cr3 %#lx, cr2 %#lx, user cr3 %#lx\n", v->domain->domid, v->id,
	       v->kernel_mode ? "kernel" : "user", v->cpu, v->pv.kernel_cr3,
	       (unsigned long)v->info->arch.cr2, v->pv.user_cr3);
	crash_show_regs(&v->regs);
	if (v != current_vcpu()) {
		return;
	}
	pr_err("stack:");
	for (unsigned int i = 0; i < 16; i++) {
		if (copy_from_guest(&word, v->regs.rsp + i * 8, 8) != 0) {
			break;
		}
		printk(LOG_ERR, " %016lx%s", word, i % 4 == 3 ? "\n     " : "");
	}
	printk(LOG_ERR, "\n");
}

/* Only the first to get here goes on, and it alone. */
static void panic_begin(void)
{
	const struct vcpu *v = current_vcpu();

	irq_disable();
	if (atomic_xchg(&panicking, 1) != 0) {
		machine_halt();
	}
	smp_stop_others();
	console_start_sync();
	pr_err("*** Dais panic on cpu %u", cpu_id());
	if (v != NULL && !v->is_idle) {
		printk(LOG_ERR, ", current domain %u vcpu %u", v->domain->domid, v->id);
	}
	printk(LOG_ERR, " ***\n");
}

void crash_fatal_trap(const struct regs *r)
{
	unsigned int vec = r->vector & 0xff;
	unsigned long cr2 = read_cr2();

	panic_begin();
	pr_err("fatal trap %u (%s), error code %#x, cr2 %#lx\n", vec,
	       vec < 32 && trap_names[vec] ? trap_names[vec] : "interrupt", r->error_code, cr2);
	crash_show_regs(r);
	show_backtrace(r->rip, r->rsp);
	machine_crash_end();
}

void panic(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	panic_begin();
	pr_err("dais: %s\n", text);
	show_backtrace(0, (unsigned long)__builtin_frame_address(0));
	machine_crash_end();
}
