/* SPDX-License-Identifier: MIT */
/*
 * The ring page as a transport. The page is shared with a guest that may write anything into it
 * at any time: its own two indexes are read once per look and judged against private copies of
 * ours, and message bytes are copied before they are interpreted.
 */
#ifndef STORED_RING_H
#define STORED_RING_H

#include "stored/conn.h"

struct domain;
struct xenstore_domain_interface;

extern const struct conn_io ring_io;

/* A fresh ring for a domain that has not used it yet. */
void ring_start(struct xenstore_domain_interface *page);
/* Takes over a ring in use, from where its indexes are. */
void ring_adopt(struct xenstore_domain_interface *page, struct conn *c);
/*
 * After a restart: puts the page in step with the journal. A request whose effects are in the
 * journal counts as consumed, and output already in the page is not sent twice.
 */
void ring_resume(struct stored *st, struct domain *d);

#endif
