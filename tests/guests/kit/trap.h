/* SPDX-License-Identifier: MIT */
/*
 * Traps, events and user-mode entries as C sees them. By default an unexpected trap ends the run
 * with a FAIL verdict; a test either installs a handler for a vector or wraps one statement in
 * TRAP_OF() and looks at trap_last.
 */
#ifndef KIT_TRAP_H
#define KIT_TRAP_H

#include "base.h"

/*
 * What a handler may read and change; leaving goes through the iret hypercall with these values.
 * `mask` is the saved upcall mask the hypervisor puts beside CS.
 */
struct trap_frame {
	u64 vector;
	u64 r15, r14, r13, r12, rbp, rbx, r10, r9, r8, rdx, rsi, rdi;
	u64 rax, r11, rcx;
	u64 error;
	u64 rip;
	u32 cs, mask;
	u64 rflags, rsp, ss;
};

enum trap_vector {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_OF_VECTOR = 4,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_NP = 11,
	TRAP_SS = 12,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_AC = 17,
	/* entries that are not IDT vectors */
	TRAP_EVENT = 256,
	TRAP_FAILSAFE = 257,
	TRAP_SYSCALL = 258,
	TRAP_SYSCALL32 = 259,
	TRAP_SYSENTER = 260,
	TRAP_NMI_CALLBACK = 261,
	TRAP_COUNT
};

typedef void (*trap_handler)(struct trap_frame *frame);

extern struct trap_frame trap_last; /* the frame TRAP_OF() caught */
extern u64 trap_last_cr2;	    /* virtual CR2 at that moment */
extern u64 trap_last_frame_rsp;	    /* where the bounce frame began (its rcx slot) */
extern u64 failsafe_segments[4];    /* ds, es, fs, gs of the last failsafe frame */
extern volatile u32 trap_armed;
extern char trap_stubs[], trap_event[], trap_failsafe[], trap_syscall[], trap_syscall32[],
	trap_sysenter[], trap_nmi[];

/* Register all vectors (DPL 3 for 3, 4 and 0x80) and the event, failsafe and syscall entries. */
void trap_init(void);

/* One trap_info row as trap_init() makes it; flags: DPL | 4 to mask events. */
void trap_set(u8 vector, u8 flags, u16 cs, unsigned long address);
#define TRAP_STUB(vector) ((unsigned long)trap_stubs + 32UL * (vector))

/* Replace the handler of an entry; NULL restores the default. Returns the old one. */
trap_handler trap_handle(unsigned int vector, trap_handler handler);

int trap_arm(void) __attribute__((returns_twice));
void trap_jump(int value) NORETURN;
void trap_disarm(void);
void trap_dispatch(struct trap_frame *frame);

/* Run one statement; -1 when it completes, else the vector that ended it. */
#define TRAP_OF(stmt)                                \
	({                                           \
		int trap_value_ = trap_arm();        \
		if (trap_value_ == 0) {              \
			stmt;                        \
			trap_disarm();               \
		}                                    \
		trap_value_ - 1;                     \
	})

/* The entry registers stored before the first C instruction. */
struct boot_regs {
	u64 rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rflags, cs, ss, ds, es, fs, gs;
};
extern struct boot_regs boot_regs;
extern char kernel_stack_top[];

/* Hypercall with all registers chosen; order rax rbx rcx rdx rsi rdi rbp - r8..r15. */
void regs_hypercall(u64 regs[16]);

#endif
