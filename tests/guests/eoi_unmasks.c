/* SPDX-License-Identifier: MIT */
/*
 * After the first form of pirq_eoi_gmfn, does the end of an interrupt unmask its port?
 *
 * That is how the oldest kernels that use the page of EOI bits expect it. Before, EOI leaves the
 * port as it is.
 *
 * Domain: dom0
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/physdev.h>

#define GSI 10

static long eoi(void)
{
	struct physdev_eoi op = { .irq = GSI };

	return HC(physdev_op, PHYSDEVOP_eoi, &op);
}

void guest_main(void)
{
	struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI,
					.index = GSI, .pirq = GSI };
	struct physdev_pirq_eoi_gmfn page = { .gmfn = 0 };
	struct evtchn_bind_pirq bind = { .pirq = GSI };

	kit_init();
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_map_pirq, &map), 0);
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_bind_pirq, &bind), 0);
	event_mask(bind.port);
	CHECK_EQ(eoi(), 0);
	CHECK(event_masked(bind.port));
	page.gmfn = paging_mfn(page_alloc());
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v1, &page), 0);
	CHECK_EQ(HC(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v1, &page), -kEBUSY);
	CHECK_EQ(eoi(), 0);
	CHECK(!event_masked(bind.port));
	verdict();
}
