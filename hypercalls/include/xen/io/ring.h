/* SPDX-License-Identifier: MIT */
/*
 * The layout of a request/response ring: one page or more shared between a frontend (which
 * produces requests) and a backend (which overwrites them with responses). Only the shape is here;
 * barriers, bounds checks and the private ends live with the code that uses rings.
 *
 * Indexes are 32 bits and run freely; a slot is index modulo the number of slots, which is the
 * largest power of two that fits. req_event and rsp_event are the index at which the other end
 * wants an event: the producer sends one when its index passes it.
 */
#ifndef XEN_IO_RING_H
#define XEN_IO_RING_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t RING_IDX;

/* Bytes before the first slot, in every ring. */
#define XEN_RING_HEADER_SIZE	64

/*
 * Declare struct <name>_sring, the shared memory, and union <name>_sring_entry, one slot. The
 * array has as many slots as fit the shared pages; it is declared with one.
 */
#define DEFINE_RING_TYPES(name, req_type, rsp_type)		\
	union name##_sring_entry {				\
		req_type req;					\
		rsp_type rsp;					\
	};							\
	struct name##_sring {					\
		RING_IDX req_prod, req_event;			\
		RING_IDX rsp_prod, rsp_event;			\
		uint8_t pvt[4];					\
		uint8_t __pad[44];				\
		union name##_sring_entry ring[1];		\
	}

/* The largest power of two that is not above n; 0 for 0. Constant when n is. */
#define XEN_RING_ROUND_DOWN(n) \
	((n) == 0 ? 0U : 1U << (31 - __builtin_clz((unsigned int)(n) | 1U)))

/* Slots of a ring that takes up size bytes. */
#define __CONST_RING_SIZE(name, size)						\
	XEN_RING_ROUND_DOWN(((size) - offsetof(struct name##_sring, ring)) /	\
			    sizeof(union name##_sring_entry))

#endif
