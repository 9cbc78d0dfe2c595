/* SPDX-License-Identifier: MIT */
/*
 * Owns the neighbour and the mapping of its console page, at whose end, after all that the protocol
 * uses, the pulse lies.
 */
#include "neighbour.h"

#include <xen/sched.h>

#include "kit.h"

#include "domain.h"

#define BEAT (5 * MS)
#define PULSE_AT 3584

struct pulse {
	volatile u64 beats, worst;
};

static struct domain neighbour;
static char pulse_page[PAGE_SIZE] PAGE_ALIGNED;

static struct pulse *pulse(void)
{
	return (struct pulse *)(pulse_page + PULSE_AT);
}

bool neighbour_told(const char *word)
{
	return strncmp((const char *)start_info->cmd_line, word, strlen(word)) == 0;
}

u64 neighbour_option(const char *name, u64 otherwise)
{
	const char *at = strstr((const char *)start_info->cmd_line, name);
	u64 v = 0;

	if (at == NULL) {
		return otherwise;
	}
	for (at += strlen(name); *at >= '0' && *at <= '9'; at++) {
		v = v * 10 + (u64)(*at - '0');
	}
	return v;
}

void neighbour_sleep_until(u64 when)
{
	struct sched_poll op = { .nr_ports = 0, .timeout = when };

	HC(sched_op, SCHEDOP_poll, &op);
}

void *neighbour_console(void)
{
	return paging_va_of_mfn(start_info->console.domU.mfn);
}

void neighbour_beat(void)
{
	struct pulse *p = (struct pulse *)((char *)neighbour_console() + PULSE_AT);
	u64 next = clock_ns() + BEAT;

	for (;;) {
		u64 now;

		neighbour_sleep_until(next);
		now = clock_ns();
		if (now > next && now - next > p->worst) {
			p->worst = now - next;
		}
		p->beats++;
		next = now + BEAT;
	}
}

void neighbour_make(struct domain *d, const char *cmdline)
{
	CHECK_EQ(domain_create(d), 0);
	CHECK_EQ(domain_build(d, (void *)start_info->mod_start, start_info->mod_len, cmdline), 0);
}

void neighbour_start(void)
{
	neighbour_make(&neighbour, "beat");
	CHECK_EQ(domain_map(&neighbour, neighbour.console_pfn, pulse_page, PTE_FLAGS_RW), 0);
	CHECK_EQ(domain_unpause(&neighbour), 0);
	neighbour_sleep_until(clock_ns() + 50 * MS);
	CHECK(pulse()->beats > 0);
	neighbour_forget();
}

void neighbour_stop(void)
{
	CHECK_EQ(paging_unmap(pulse_page), 0);
	CHECK_EQ(domain_destroy(&neighbour), 0);
}

u64 neighbour_beats(void)
{
	return pulse()->beats;
}

u64 neighbour_worst(void)
{
	return pulse()->worst;
}

void neighbour_forget(void)
{
	pulse()->worst = 0;
}
