/* SPDX-License-Identifier: MIT */
/*
 * Running pieces of the guest in user mode. The user page tables map everything the kernel's do,
 * so that any function of the image can be used; what differs is the mode the hypervisor thinks
 * the vCPU is in.
 */
#ifndef KIT_USER_H
#define KIT_USER_H

#include "base.h"

#define USER_EXIT 0x7e57e417UL /* rax of the system call that ends an excursion */

/* Words as user_switch() pushes them: rdi, then the frame of the iret hypercall. */
struct iret_request {
	u64 rdi;
	u64 rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

/* Make the user page tables and set the kernel stack for entries from user mode. */
void user_init(void);

/*
 * Run fn(arg) in user mode and return its result. A trap inside arrives as a bounce frame like
 * any other; TRAP_OF(user_call(...)) catches it.
 */
long user_call(long (*fn)(long), long arg);

/* The same with every field of the iret frame chosen. user_request() gives the usual values. */
struct iret_request user_request(long (*fn)(long), long arg);
long user_switch(const struct iret_request *req);
void user_resume(u64 result) NORETURN;

extern u64 user_root_mfn;		/* frame of the user L4 */
extern char user_return[];		/* user functions return here */
extern char user_kernel_stack_top[];	/* stack registered for entries from user mode */

#endif
