// SPDX-License-Identifier: MIT
/*
 * 8250/16550 serial ports as consoles: com1= and com2=, in the syntax Xen has.
 *
 *	com1=115200,8n1,0x3f8,4		baud or "auto", frame, I/O base, irq (0: polled)
 *
 * Output goes through a ring, sent as the chip takes it, so that a slow line does not hold
 * up the CPU; in sync mode each character is waited for. When the ring is full, a line that moves
 * is waited for; one that stands still is not, since that would be with interrupts off and locks
 * held: what comes is dropped, and counted, until half of the ring has gone out. Each port's lock
 * guards its registers and ring; it is a leaf, taken with interrupts off.
 */
#include <dais/barrier.h>
#include <dais/boot_info.h>
#include <dais/cmdline.h>
#include <dais/compiler.h>
#include <dais/console.h>
#include <dais/io.h>
#include <dais/ioapic.h>
#include <dais/irq.h>
#include <dais/printf.h>
#include <dais/printk.h>
#include <dais/spinlock.h>
#include <dais/string.h>
#include <dais/time.h>
#include <dais/timer.h>
#include <xen/errno.h>

#define UART_DATA	0
#define UART_IER	1
#define UART_DLL	0	/* with LCR_DLAB: divisor */
#define UART_DLM	1
#define UART_IIR	2
#define UART_FCR	2
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5

#define IER_RX		0x01
#define IER_TX		0x02
#define IIR_NONE	0x01
#define IIR_FIFO	0xc0
#define FCR_ENABLE	0x01
#define FCR_CLEAR	0x06
#define FCR_TRIGGER_14	0xc0
#define LCR_DLAB	0x80
#define MCR_DTR_RTS	0x03
#define MCR_OUT2	0x08	/* gates the interrupt on a PC */
#define LSR_DATA	0x01
#define LSR_THR_EMPTY	0x20

#define UART_CLOCK	115200u
#define TX_RING		16384u		/* power of two */
#define POLL_NS		NSEC_PER_MSEC	/* before 16 characters have come at 115200 baud */
#define SPIN_MAX	1000000		/* then the chip is written to anyway */
#define STALL_SPINS	100000		/* some 100 ms: the chip sends 16 characters at 2400 baud */

struct serial {
	uint16_t base, irq;
	uint32_t baud;			/* 0: as firmware left it */
	uint8_t lcr;
	bool configured;		/* com1= was given */
	bool sync, by_irq;
	uint8_t fifo, ier;
	char last;
	spinlock_t lock;
	struct timer poll;
	bool stalled;			/* the chip took nothing when it was waited for last */
	bool dropping;
	uint32_t lost;			/* characters, since dropping began */
	uint32_t prod, cons;
	char ring[TX_RING];
};

static struct serial ports[SERIAL_PORTS] = {
	{ .base = 0x3f8, .irq = 4, .baud = 115200, .lcr = 0x03 },
	{ .base = 0x2f8, .irq = 3, .baud = 115200, .lcr = 0x03 },
};

static void uart_out(const struct serial *p, unsigned int reg, uint8_t value)
{
	outb(value, p->base + reg);
}

static uint8_t uart_in(const struct serial *p, unsigned int reg)
{
	return inb(p->base + reg);
}

/* ---- com1=, com2= ---- */

/* Data bits, parity, stop bits: "8n1". */
static int __init parse_frame(struct serial *p, const char *s, const char *end)
{
	static const char letters[] = "noems";
	static const uint8_t parity[] = { 0x00, 0x08, 0x18, 0x28, 0x38 };
	const char *l = end - s == 3 ? strchr(letters, s[1]) : NULL;

	if (!l || s[0] < '5' || s[0] > '8' || (s[2] != '1' && s[2] != '2')) {
		return -XEN_EINVAL;
	}
	p->lcr = (s[0] - '5') | (s[2] == '2' ? 4 : 0) | parity[l - letters];
	return 0;
}

static int __init parse_field(struct serial *p, unsigned int n, const char *s, const char *end)
{
	const char *stop;
	uint64_t v = cmdline_parse_u64(s, &stop);
	/* "115200/115200": the second is the chip's clock, which on a PC is always that. */
	bool number = stop != s && (stop == end || (n == 0 && *stop == '/'));

	if (n == 1) {
		return parse_frame(p, s, end);
	}
	if (n == 0 && end - s == 4 && !memcmp(s, "auto", 4)) {
		p->baud = 0;
	} else if (n == 0 && number && v >= 50 && v <= UART_CLOCK) {
		p->baud = v;
	} else if (n == 2 && number && v <= 0xffff) {
		p->base = v;
	} else if (n == 3 && number && v <= 0xffff) {
		p->irq = v;
	} else {
		return -XEN_EINVAL;
	}
	return 0;
}

static int __init parse_com(struct serial *p, const char *s)
{
	int rc = s ? 0 : -XEN_EINVAL;

	for (unsigned int n = 0; !rc && s; n++) {
		const char *end = s + strcspn(s, ",");

		if (end != s) {			/* else left out: as it was */
			rc = parse_field(p, n, s, end);
		}
		s = *end ? end + 1 : NULL;
	}
	p->configured = !rc;
	return rc;
}

static int __init parse_com1(const char *value)
{
	return parse_com(&ports[0], value);
}
CMDLINE_PARAM("com1", parse_com1, "com1=baud|auto[,8n1[,io-base[,irq]]] (no pci, no MMIO)");

static int __init parse_com2(const char *value)
{
	return parse_com(&ports[1], value);
}
CMDLINE_PARAM("com2", parse_com2, "com2=baud|auto[,8n1[,io-base[,irq]]] (no pci, no MMIO)");

/* ---- sending; p->lock held ---- */

static bool tx_ready(const struct serial *p)
{
	return uart_in(p, UART_LSR) & LSR_THR_EMPTY;
}

static void tx_fill(struct serial *p)
{
	for (unsigned int i = 0; i < p->fifo && p->cons != p->prod; i++) {
		uart_out(p, UART_DATA, p->ring[p->cons++ % TX_RING]);
	}
}

/* A line that stood still is not waited for again before it has moved. */
static void tx_wait(struct serial *p, unsigned int spins)
{
	bool ready;

	for (unsigned int i = 0; !(ready = tx_ready(p)) && !p->stalled && i < spins; i++) {
		cpu_relax();
	}
	p->stalled = !ready;
}

static void tx_drain(struct serial *p)
{
	while (p->cons != p->prod) {
		tx_wait(p, SPIN_MAX);
		tx_fill(p);
	}
	p->dropping = false;
}

/* Whether somebody comes back for what the chip does not take now: an interrupt or the timer. */
static bool tx_later(const struct serial *p)
{
	return !p->sync && (p->by_irq || p->poll.fn);
}

static void tx_put(struct serial *p, char c)
{
	bool full = p->prod - p->cons == TX_RING;

	if (full && !p->dropping) {
		tx_wait(p, tx_later(p) ? STALL_SPINS : SPIN_MAX);
		p->dropping = p->stalled && tx_later(p);
		if (!p->dropping) {
			tx_fill(p);
		}
	}
	if (p->dropping) {
		p->lost++;
		return;
	}
	p->ring[p->prod++ % TX_RING] = c;
}

/* The line moves again: say what is missing, and go on. */
static void tx_resume(struct serial *p)
{
	char note[64];
	int n = snprintf(note, sizeof(note), "\r\n(%u characters lost: the line stood still)\r\n", p->lost);

	p->dropping = false;
	p->lost = 0;
	for (int i = 0; i < n; i++) {
		tx_put(p, note[i]);
	}
}

/* Send what the chip takes now; ask for an interrupt when something is left. */
static void tx_kick(struct serial *p)
{
	uint8_t ier;

	while (p->cons != p->prod && tx_ready(p)) {
		tx_fill(p);
		if (p->dropping && p->prod - p->cons <= TX_RING / 2) {
			tx_resume(p);
		}
	}
	ier = (p->ier & ~IER_TX) | (p->by_irq && p->cons != p->prod ? IER_TX : 0);
	if (ier != p->ier) {
		p->ier = ier;
		uart_out(p, UART_IER, ier);
	}
}

static void serial_write(struct console_driver *drv, const char *s, size_t n)
{
	struct serial *p = drv->port;
	unsigned long flags = spin_lock_irqsave(&p->lock);

	if (p->dropping) {
		tx_kick(p);		/* it may have moved meanwhile */
	}
	while (n--) {
		if (*s == '\n' && p->last != '\r') {
			tx_put(p, '\r');
		}
		p->last = *s;
		tx_put(p, *s++);
	}
	/* Before there are interrupts or timers nobody would come back for the rest. */
	if (tx_later(p)) {
		tx_kick(p);
	} else {
		tx_drain(p);
	}
	spin_unlock_irqrestore(&p->lock, flags);
}

/* After a crash the lock's owner may be gone: then there is nobody to race with. */
static void serial_sync(struct console_driver *drv)
{
	struct serial *p = drv->port;
	bool locked;

	for (unsigned int i = 0; !(locked = spin_trylock(&p->lock)) && i < SPIN_MAX; i++) {
		cpu_relax();
	}
	if (!locked) {
		spin_lock_init(&p->lock);
	}
	p->sync = true;
	tx_drain(p);
	if (locked) {
		spin_unlock(&p->lock);
	}
}

/* ---- receiving ---- */

static void serial_service(struct serial *p, struct regs *regs)
{
	uint8_t lsr = uart_in(p, UART_LSR);
	unsigned long flags;

	for (unsigned int i = 0; i < 64 && (lsr & LSR_DATA) && lsr != 0xff; i++) {
		console_input(uart_in(p, UART_DATA), regs);
		lsr = uart_in(p, UART_LSR);
	}
	flags = spin_lock_irqsave(&p->lock);
	tx_kick(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

static void serial_interrupt(unsigned int irq __maybe_unused, void *arg, struct regs *regs)
{
	struct serial *p = arg;

	for (unsigned int i = 0; i < 16 && !(uart_in(p, UART_IIR) & IIR_NONE); i++) {
		serial_service(p, regs);
	}
}

static void serial_poll(void *arg)
{
	struct serial *p = arg;

	serial_service(p, NULL);
	timer_set(&p->poll, time_now_ns() + POLL_NS);
}

/* ---- starting ---- */

static int __init serial_init(struct console_driver *drv, const struct boot_info *bi, bool named)
{
	struct serial *p = drv->port;
	bool there;

	if (!named && !p->configured) {
		return -XEN_ENODEV;
	}
	there = uart_in(p, UART_LSR) != 0xff;
	if (there) {
		uart_out(p, UART_IER, 0);	/* its upper half is wired to zero */
		there = !(uart_in(p, UART_IER) & 0xf0);
	}
	if (!there) {
		pr_warn("serial: no port answers at I/O %#x\n", p->base);
		return -XEN_ENODEV;
	}
	if (p->baud) {
		uint16_t divisor = UART_CLOCK / p->baud;

		uart_out(p, UART_LCR, LCR_DLAB);
		uart_out(p, UART_DLL, divisor & 0xff);
		uart_out(p, UART_DLM, divisor >> 8);
	}
	uart_out(p, UART_LCR, p->lcr);
	uart_out(p, UART_MCR, MCR_DTR_RTS | MCR_OUT2);
	uart_out(p, UART_FCR, FCR_ENABLE | FCR_CLEAR | FCR_TRIGGER_14);
	p->fifo = (uart_in(p, UART_IIR) & IIR_FIFO) == IIR_FIFO ? 16 : 1;
	return 0;
}

static void __init serial_init_late(struct console_driver *drv)
{
	struct serial *p = drv->port;
	unsigned long flags;
	int rc = p->irq ? irq_request(ioapic_isa_to_gsi(p->irq), serial_interrupt, p, "serial")
			: -XEN_ENODEV;

	if (rc) {
		timer_init(&p->poll, serial_poll, p, 0);
		timer_set(&p->poll, time_now_ns() + POLL_NS);
		return;
	}
	flags = spin_lock_irqsave(&p->lock);
	p->by_irq = true;
	p->ier = IER_RX;
	uart_out(p, UART_IER, p->ier);
	spin_unlock_irqrestore(&p->lock, flags);
}

struct console_driver serial_com[SERIAL_PORTS] = {
	{
		.name = "com1", .port = &ports[0], .init = serial_init,
		.init_late = serial_init_late, .write = serial_write, .sync = serial_sync,
	}, {
		.name = "com2", .port = &ports[1], .init = serial_init,
		.init_late = serial_init_late, .write = serial_write, .sync = serial_sync,
	},
};

uint16_t serial_in_use(unsigned int i)
{
	return serial_com[i].active ? ports[i].base : 0;
}
