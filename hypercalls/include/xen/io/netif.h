/* SPDX-License-Identifier: MIT */
/*
 * Network interfaces: a ring for packets from the guest (tx) and one for empty buffers it posts
 * for packets to it (rx). A packet that does not fit one page takes several slots, chained by the
 * more_data flag. An extra_info flag says that the next slot holds a netif_extra_info instead.
 *
 * In the first tx slot of a packet size is the whole packet's, in the others their own part's.
 */
#ifndef XEN_IO_NETIF_H
#define XEN_IO_NETIF_H

#include <xen/grant_table.h>
#include <xen/io/ring.h>

/* Slots per packet that every backend accepts. */
#define XEN_NETIF_NR_SLOTS_MIN		18
#define XEN_NETIF_MAX_TX_SIZE		0xFFFF

/* netif_tx_request.flags */
#define _NETTXF_csum_blank		0
#define NETTXF_csum_blank		(1U << _NETTXF_csum_blank)	/* fill in the checksum */
#define _NETTXF_data_validated		1
#define NETTXF_data_validated		(1U << _NETTXF_data_validated)
#define _NETTXF_more_data		2
#define NETTXF_more_data		(1U << _NETTXF_more_data)
#define _NETTXF_extra_info		3
#define NETTXF_extra_info		(1U << _NETTXF_extra_info)

/* netif_rx_response.flags */
#define _NETRXF_data_validated		0
#define NETRXF_data_validated		(1U << _NETRXF_data_validated)
#define _NETRXF_csum_blank		1
#define NETRXF_csum_blank		(1U << _NETRXF_csum_blank)
#define _NETRXF_more_data		2
#define NETRXF_more_data		(1U << _NETRXF_more_data)
#define _NETRXF_extra_info		3
#define NETRXF_extra_info		(1U << _NETRXF_extra_info)
#define _NETRXF_gso_prefix		4
#define NETRXF_gso_prefix		(1U << _NETRXF_gso_prefix)

/* netif_extra_info.type and flags */
#define XEN_NETIF_EXTRA_TYPE_NONE	0
#define XEN_NETIF_EXTRA_TYPE_GSO	1
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD	2
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL	3
#define XEN_NETIF_EXTRA_TYPE_HASH	4
#define XEN_NETIF_EXTRA_TYPE_MAX	5
#define _XEN_NETIF_EXTRA_FLAG_MORE	0
#define XEN_NETIF_EXTRA_FLAG_MORE	(1U << _XEN_NETIF_EXTRA_FLAG_MORE)

/* netif_extra_info.u.gso.type */
#define XEN_NETIF_GSO_TYPE_NONE		0
#define XEN_NETIF_GSO_TYPE_TCPV4	1
#define XEN_NETIF_GSO_TYPE_TCPV6	2

/* status of a response */
#define NETIF_RSP_DROPPED		(-2)
#define NETIF_RSP_ERROR			(-1)
#define NETIF_RSP_OKAY			0
#define NETIF_RSP_NULL			1	/* tx: answers a slot that held an extra info */

struct netif_tx_request {
	grant_ref_t gref;
	uint16_t offset;		/* of the data in the granted page */
	uint16_t flags;			/* NETTXF_* */
	uint16_t id;			/* echoed */
	uint16_t size;			/* bytes */
};

/* Says more about a packet; takes a ring slot. */
struct netif_extra_info {
	uint8_t type;			/* XEN_NETIF_EXTRA_TYPE_* */
	uint8_t flags;			/* XEN_NETIF_EXTRA_FLAG_* */
	union {
		struct {
			uint16_t size;		/* payload bytes of each segment */
			uint8_t type;		/* XEN_NETIF_GSO_TYPE_* */
			uint8_t pad;
			uint16_t features;
		} gso;
		struct {
			uint8_t addr[6];
		} mcast;
		struct {
			uint8_t type;
			uint8_t algorithm;
			uint8_t value[4];
		} hash;
		uint16_t pad[3];
	} u;
};

struct netif_tx_response {
	uint16_t id;
	int16_t status;			/* NETIF_RSP_* */
};

/* An empty, writable page for the backend to fill. */
struct netif_rx_request {
	uint16_t id;			/* echoed; must be the slot's index */
	uint16_t pad;
	grant_ref_t gref;
};

struct netif_rx_response {
	uint16_t id;
	uint16_t offset;
	uint16_t flags;			/* NETRXF_* */
	int16_t status;			/* bytes, or NETIF_RSP_* when negative */
};

DEFINE_RING_TYPES(netif_tx, struct netif_tx_request, struct netif_tx_response);
DEFINE_RING_TYPES(netif_rx, struct netif_rx_request, struct netif_rx_response);

#endif
