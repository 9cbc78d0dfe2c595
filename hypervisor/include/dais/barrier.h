/* SPDX-License-Identifier: MIT */
/*
 * Memory ordering on x86-64: stores are not reordered with stores, nor loads with
 * loads, so only the store-then-load order needs an instruction for write-back
 * memory. mb/rmb/wmb order device and write-combining accesses too.
 */
#ifndef DAIS_BARRIER_H
#define DAIS_BARRIER_H

#define barrier()	__asm__ volatile("" ::: "memory")

#define mb()		__asm__ volatile("mfence" ::: "memory")
#define rmb()		__asm__ volatile("lfence" ::: "memory")
#define wmb()		__asm__ volatile("sfence" ::: "memory")

#define smp_mb()	__asm__ volatile("lock addl $0, -4(%%rsp)" ::: "memory", "cc")
#define smp_rmb()	barrier()
#define smp_wmb()	barrier()

/* No later instruction starts, even speculatively, before this one is done. */
#define speculation_barrier()	__asm__ volatile("lfence" ::: "memory")

#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)

#define cpu_relax()	__asm__ volatile("pause" ::: "memory")

#endif /* DAIS_BARRIER_H */
