/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the compiler: attributes, section placement, small pure macros.
 *
 * Code and data marked __init/__initdata are freed after boot and must not be
 * reached from anything that stays.
 */
#ifndef DAIS_COMPILER_H
#define DAIS_COMPILER_H

#include <dais/types.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define __section(s)	__attribute__((__section__(s)))
#define __used		__attribute__((__used__))
#define __maybe_unused	__attribute__((__unused__))
#define __packed	__attribute__((__packed__))
#define __aligned(n)	__attribute__((__aligned__(n)))
#define __noinline	__attribute__((__noinline__))
#define __cold		__attribute__((__cold__))
#define __weak		__attribute__((__weak__))
#define __must_check	__attribute__((__warn_unused_result__))
#define __printf(fmt, args) __attribute__((__format__(__printf__, fmt, args)))
#ifndef __noreturn
#define __noreturn	__attribute__((__noreturn__))
#endif
#ifndef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#endif

/* Boot-time only: freed once dom0 runs. */
#define __init		__section(".init.text") __cold __noinline
#define __initdata	__section(".init.data")
#define __initconst	__section(".init.rodata")
/* Written during boot, read-only afterwards. */
#define __ro_after_init	__section(".data.ro_after_init")

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define min(a, b) ({ \
	__typeof__(a) _min_a = (a); \
	__typeof__(b) _min_b = (b); \
	(void)(&_min_a == &_min_b); \
	_min_a < _min_b ? _min_a : _min_b; })
#define max(a, b) ({ \
	__typeof__(a) _max_a = (a); \
	__typeof__(b) _max_b = (b); \
	(void)(&_max_a == &_max_b); \
	_max_a > _max_b ? _max_a : _max_b; })
#define min_t(t, a, b)	({ t _mt_a = (a); t _mt_b = (b); _mt_a < _mt_b ? _mt_a : _mt_b; })
#define max_t(t, a, b)	({ t _xt_a = (a); t _xt_b = (b); _xt_a > _xt_b ? _xt_a : _xt_b; })

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define ROUND_UP(n, to)		(((n) + (to) - 1) & ~((__typeof__(n))(to) - 1))
#define ROUND_DOWN(n, to)	((n) & ~((__typeof__(n))(to) - 1))
#define IS_ALIGNED(n, to)	(((n) & ((__typeof__(n))(to) - 1)) == 0)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), "build check: " #cond)

/* One access, exactly as written: neither torn, merged nor repeated. */
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

/* All ones when index < size, else 0, computed without a branch to mispredict. */
static inline unsigned long array_index_mask(unsigned long index, unsigned long size)
{
	unsigned long mask;

	__asm__ volatile("cmp %1, %2\n\tsbb %0, %0"
			 : "=r"(mask)
			 : "erm"(size), "r"(index)
			 : "cc");
	return mask;
}

/*
 * A guest-supplied index that was already checked against size: clamped to 0 when
 * the check was only speculatively passed.
 */
#define array_index_nospec(index, size) ({ \
	__typeof__(index) _nospec_i = (index); \
	(__typeof__(index))(_nospec_i & array_index_mask(_nospec_i, (size))); })

#endif /* DAIS_COMPILER_H */
