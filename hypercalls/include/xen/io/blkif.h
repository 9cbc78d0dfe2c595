/* SPDX-License-Identifier: MIT */
/*
 * Block devices: requests name sectors of 512 bytes whatever the device's own sector size, and
 * granted pages in which data lies, also counted in sectors of 512 bytes.
 *
 * A request goes unanswered only when the ring is torn down. Responses may come in any order; id is
 * the frontend's own and is echoed. What a backend offers stands in xenstore (feature-*, sectors,
 * sector-size, max-ring-page-order, feature-max-indirect-segments, feature-persistent ...).
 */
#ifndef XEN_IO_BLKIF_H
#define XEN_IO_BLKIF_H

#include <xen/grant_table.h>
#include <xen/io/ring.h>

typedef uint16_t blkif_vdev_t;
typedef uint64_t blkif_sector_t;

/* blkif_request.operation */
#define BLKIF_OP_READ			0
#define BLKIF_OP_WRITE			1
#define BLKIF_OP_WRITE_BARRIER		2	/* all before is durable, nothing after */
#define BLKIF_OP_FLUSH_DISKCACHE	3	/* what was answered is durable */
#define BLKIF_OP_RESERVED_1		4
#define BLKIF_OP_DISCARD		5	/* struct blkif_request_discard */
#define BLKIF_OP_INDIRECT		6	/* struct blkif_request_indirect */

#define BLKIF_MAX_SEGMENTS_PER_REQUEST		11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST	8

/* blkif_request_discard.flag: overwrite the data. */
#define BLKIF_DISCARD_SECURE		(1 << 0)

/* blkif_response.status */
#define BLKIF_RSP_EOPNOTSUPP		(-2)
#define BLKIF_RSP_ERROR			(-1)
#define BLKIF_RSP_OKAY			0

/* The "info" node in xenstore: bits. */
#define VDISK_CDROM			0x1
#define VDISK_REMOVABLE			0x2
#define VDISK_READONLY			0x4

/* Sectors first_sect..last_sect, both included, of the granted page. */
struct blkif_request_segment {
	grant_ref_t gref;
	uint8_t first_sect, last_sect;
};

struct blkif_request {
	uint8_t operation;		/* BLKIF_OP_* */
	uint8_t nr_segments;
	blkif_vdev_t handle;		/* ignored by today's backends */
	uint64_t id;
	blkif_sector_t sector_number;	/* ignored for a flush without segments */
	struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

/* Same size and head as blkif_request. */
struct blkif_request_discard {
	uint8_t operation;
	uint8_t flag;			/* BLKIF_DISCARD_* */
	blkif_vdev_t handle;
	uint64_t id;
	blkif_sector_t sector_number;
	uint64_t nr_sectors;
};

/* Segments listed in granted pages of their own, 512 blkif_request_segment each. */
struct blkif_request_indirect {
	uint8_t operation;		/* BLKIF_OP_INDIRECT */
	uint8_t indirect_op;		/* BLKIF_OP_READ or _WRITE */
	uint16_t nr_segments;
	uint64_t id;
	blkif_sector_t sector_number;
	blkif_vdev_t handle;
	grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};

struct blkif_response {
	uint64_t id;
	uint8_t operation;
	int16_t status;			/* BLKIF_RSP_* */
};

DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);

#endif
