/* SPDX-License-Identifier: MIT */
/*
 * Is every wake-up seen, however closely it meets the moment of going to sleep?
 *
 * Two pairs of vCPUs on two CPUs play ball by IPIs. One that waits for the ball does so by chance
 * either polling its masked port with upcalls off, as spinlocks of Linux do, or blocked; timers of
 * its own come between; and before it plays it sometimes sleeps for a moment by a timer. First with
 * events as bits, then in FIFO queues. Nobody may wait for two seconds: what ends such a wait is
 * the slow periodic timer or the timeout of the poll, and no longer the wake-up. The oracle, whose
 * clock steps back under QEMU when a vCPU changes its CPU, does not always come to the end.
 * Needs: cpus=2
 * Options: dom0_max_vcpus=4
 * Domain: dom0
 * Only: dais
 */
#include "kit.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define MS 1000000UL
#define LOST (2000 * MS)
#define PLAYERS 4
#define ROUND_NS (700 * MS)

#define BIT(n) (1U << (n))

enum wait { POLLED, BLOCKED, TIMED, WAYS };

struct player {
	u32 id, ball, timer;		/* its ports */
	u64 stack, random;
	volatile struct evtchn_fifo_control_block *control;
	u32 head[EVTCHN_FIFO_MAX_QUEUES];
	volatile bool over, done;	/* the ball that comes is the last; it has gone down */
	u64 count[WAYS], worst[WAYS];
};

static struct player players[PLAYERS];
static volatile u32 *words;		/* of the FIFO form; NULL before */
static u64 end;

static volatile struct vcpu_info *info(const struct player *p)
{
	return &event_shared()->vcpu_info[p->id];
}

static u64 now(const struct player *p)
{
	return clock_ns_of(&info(p)->time);
}

static u64 chance(struct player *p, u64 below)
{
	p->random = p->random * 6364136223846793005UL + 1442695040888963407UL;
	return (p->random >> 33) % below;
}

/* --- ports in either form --- */

static volatile u32 *word_of(u32 port, u32 bit, u32 *at)
{
	volatile u32 *bits = (volatile u32 *)event_shared()->evtchn_pending;

	if (bit == EVTCHN_FIFO_MASKED) {
		bits = (volatile u32 *)event_shared()->evtchn_mask;
	}
	*at = words ? bit : port % 32;
	return words ? &words[port] : &bits[port / 32];
}

static bool port_test(u32 port, u32 bit)
{
	u32 at;
	volatile u32 *word = word_of(port, bit, &at);

	return *word & BIT(at);
}

static void port_set(u32 port, u32 bit)
{
	u32 at;
	volatile u32 *word = word_of(port, bit, &at);

	__atomic_fetch_or(word, BIT(at), __ATOMIC_SEQ_CST);
}

static void port_clear(u32 port, u32 bit)
{
	u32 at;
	volatile u32 *word = word_of(port, bit, &at);

	__atomic_fetch_and(word, ~BIT(at), __ATOMIC_SEQ_CST);
}

static void port_handle(u32 port)
{
	if (port_test(port, EVTCHN_FIFO_PENDING) && !port_test(port, EVTCHN_FIFO_MASKED)) {
		port_clear(port, EVTCHN_FIFO_PENDING);
		__atomic_fetch_add(&event_count[port], 1, __ATOMIC_SEQ_CST);
	}
}

/* Take ports off one queue until it is empty. */
static void queue_consume(struct player *p, u32 queue)
{
	u32 port = p->head[queue] ? p->head[queue] : p->control->head[queue];

	while (port) {
		u32 gone = BIT(EVTCHN_FIFO_LINKED) | EVTCHN_FIFO_LINK_MASK;
		u32 next = __atomic_fetch_and(&words[port], ~gone, __ATOMIC_SEQ_CST);

		p->head[queue] = next & EVTCHN_FIFO_LINK_MASK;
		port_handle(port);
		port = p->head[queue];
	}
}

static struct player *player_of(const struct trap_frame *frame)
{
	for (struct player *p = players + 1; p < players + PLAYERS; p++) {
		if (p->stack - (u64)frame < 8000) {
			return p;
		}
	}
	return players;
}

static void on_event(struct trap_frame *frame)
{
	struct player *p = player_of(frame);
	u32 ready;

	info(p)->evtchn_upcall_pending = 0;
	if (!words) {
		__atomic_exchange_n(&info(p)->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
		port_handle(p->ball);
		port_handle(p->timer);
		return;
	}
	while ((ready = __atomic_exchange_n(&p->control->ready, 0, __ATOMIC_SEQ_CST)) != 0) {
		for (; ready; ready &= ready - 1) {
			queue_consume(p, (u32)__builtin_ctz(ready));
		}
	}
}

/* --- waiting --- */

static void waited(struct player *p, enum wait way, u64 ns)
{
	p->count[way]++;
	if (ns > p->worst[way]) {
		p->worst[way] = ns;
	}
}

static void timer_at(struct player *p, u64 when)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = when };

	HC(vcpu_op, VCPUOP_set_singleshot_timer, p->id, &op);
}

static void sleep_for(struct player *p, u64 ns)
{
	u64 when = now(p) + ns, late;

	info(p)->evtchn_upcall_mask = 1;
	timer_at(p, when);
	while ((late = now(p)) < when) {
		HC(sched_op, SCHEDOP_block, 0);
		info(p)->evtchn_upcall_mask = 1;
	}
	waited(p, TIMED, late - when);
}

static void ball_by_poll(struct player *p)
{
	u64 start = now(p);

	info(p)->evtchn_upcall_mask = 1;
	while (!port_test(p->ball, EVTCHN_FIFO_PENDING)) {
		struct sched_poll op = { .nr_ports = 1, .timeout = start + LOST };

		SET_HANDLE(op.ports, &p->ball);
		HC(sched_op, SCHEDOP_poll, &op);
	}
	port_clear(p->ball, EVTCHN_FIFO_PENDING);
	waited(p, POLLED, now(p) - start);
}

static void ball_by_block(struct player *p)
{
	unsigned int before = event_count[p->ball];
	u64 start = now(p);

	info(p)->evtchn_upcall_mask = 1;
	event_unmask(p->ball);
	while (event_count[p->ball] == before) {
		HC(sched_op, SCHEDOP_block, 0);
		info(p)->evtchn_upcall_mask = 1;
	}
	waited(p, BLOCKED, now(p) - start);
	/* Nobody plays before we do, so the port is quiet. */
	port_set(p->ball, EVTCHN_FIFO_MASKED);
}

static void ball_catch(struct player *p)
{
	if (chance(p, 2)) {
		timer_at(p, now(p) + chance(p, 300000));
	}
	if (chance(p, 2)) {
		ball_by_poll(p);
	} else {
		ball_by_block(p);
	}
}

static void ball_throw(struct player *p, struct player *to)
{
	if (chance(p, 4) == 0) {
		sleep_for(p, chance(p, 1000000));
	}
	for (u64 spin = chance(p, 2000); spin > 0; spin--) {
		barrier();
	}
	event_send(to->ball);
}

/* --- the game --- */

static void play(struct player *p)
{
	struct player *other = &players[p->id ^ 1];
	bool first = !(p->id & 1), last = false;

	while (!last) {
		if (first) {
			last = now(p) > end;
			other->over = last;
			ball_throw(p, other);
		}
		ball_catch(p);
		if (!first) {
			last = p->over;
			ball_throw(p, other);
		}
	}
	info(p)->evtchn_upcall_mask = 1;
	p->done = true;
}

static void player_main(struct player *p)
{
	u64 here;

	p->stack = (u64)&here;
	for (;;) {
		play(p);
		HC(vcpu_op, VCPUOP_down, p->id, 0);
	}
}

static void main_1(void) { player_main(&players[1]); }
static void main_2(void) { player_main(&players[2]); }
static void main_3(void) { player_main(&players[3]); }

static void player_init(u32 id)
{
	struct vcpu_set_periodic_timer slow = { .period_ns = 3 * LOST / 2 };
	struct player *p = &players[id];

	p->id = id;
	p->random = clock_tsc() + id;
	p->ball = (u32)event_bind_ipi(id);
	p->timer = (u32)event_bind_virq(VIRQ_TIMER, id);
	port_set(p->ball, EVTCHN_FIFO_MASKED);
	info(p)->evtchn_upcall_mask = 1;
	CHECK_EQ(event_unmask(p->timer), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_set_periodic_timer, id, &slow), 0);
}

static bool others_done(void)
{
	return players[1].done && players[2].done && players[3].done;
}

static void game(const char *form)
{
	static const char *const ways[WAYS] = { "polled", "blocked", "timed" };
	u64 limit;

	end = clock_ns() + ROUND_NS;
	for (u32 id = 1; id < PLAYERS; id++) {
		players[id].done = false;
		players[id].over = false;
	}
	for (u32 id = 0; id < PLAYERS; id++) {
		memset(players[id].count, 0, sizeof(players[id].count));
		memset(players[id].worst, 0, sizeof(players[id].worst));
	}
	CHECK_EQ(HC(vcpu_op, VCPUOP_up, 1, 0), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_up, 2, 0), 0);
	CHECK_EQ(HC(vcpu_op, VCPUOP_up, 3, 0), 0);
	play(&players[0]);
	limit = clock_ns() + 10 * LOST;
	while (!others_done() && clock_ns() < limit) {
		HC(sched_op, SCHEDOP_yield, 0);
	}
	CHECK(others_done());
	for (struct player *p = players; p < players + PLAYERS; p++) {
		for (u32 way = 0; way < WAYS; way++) {
			kprintf("%s, vcpu %u: %s %lu times, at most %lu us\n", form, p->id,
				ways[way], p->count[way], p->worst[way] / 1000);
			CHECK(p->count[way] > 0);
			CHECK(p->worst[way] < LOST);
		}
	}
}

static void fifo_begin(void)
{
	u32 *page = page_alloc();
	struct evtchn_expand_array array = { .array_gfn = paging_mfn(page) };

	for (u32 id = 0; id < PLAYERS; id++) {
		char *control = page_alloc();
		struct evtchn_init_control op = { .control_gfn = paging_mfn(control), .vcpu = id };

		players[id].control = (void *)control;
		CHECK_EQ(HC(event_channel_op, EVTCHNOP_init_control, &op), 0);
	}
	CHECK_EQ(HC(event_channel_op, EVTCHNOP_expand_array, &array), 0);
	words = page;
	for (u32 id = 0; id < PLAYERS; id++) {
		port_set(players[id].ball, EVTCHN_FIFO_MASKED);
		port_clear(players[id].timer, EVTCHN_FIFO_MASKED);
	}
}

void guest_main(void)
{
	static void (*const entries[PLAYERS])(void) = { NULL, main_1, main_2, main_3 };

	kit_init();
	trap_handle(TRAP_EVENT, on_event);
	for (u32 id = 0; id < PLAYERS; id++) {
		static struct vcpu_guest_context ctx;

		if (entries[id]) {
			smp_context(&ctx, entries[id], id);
			CHECK_EQ(HC(vcpu_op, VCPUOP_initialise, id, &ctx), 0);
		}
		player_init(id);
	}
	game("bits");
	fifo_begin();
	game("queues");
	verdict();
}
