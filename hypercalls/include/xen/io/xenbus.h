/* SPDX-License-Identifier: MIT */
/*
 * States of a device end, as the decimal text in its "state" node. Each end only writes its own
 * and watches the other's.
 */
#ifndef XEN_IO_XENBUS_H
#define XEN_IO_XENBUS_H

enum xenbus_state {
	XenbusStateUnknown = 0,		/* the node is gone */
	XenbusStateInitialising = 1,
	XenbusStateInitWait = 2,	/* backend: features written, waiting for the frontend */
	XenbusStateInitialised = 3,	/* frontend: rings and ports written */
	XenbusStateConnected = 4,
	XenbusStateClosing = 5,		/* asked to stop, still draining */
	XenbusStateClosed = 6,
	XenbusStateReconfiguring = 7,	/* pci: functions come and go */
	XenbusStateReconfigured = 8,
};

typedef enum xenbus_state XenbusState;

#endif
