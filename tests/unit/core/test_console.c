/* SPDX-License-Identifier: MIT */
/*
 * The console with a pretended line: what readers of the ring get, who gets what is typed, and that
 * a crash is told whatever the other CPUs were doing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <dais/boot_info.h>
#include <dais/cmdline.h>
#include <dais/console.h>
#include <dais/evtchn.h>
#include <dais/hv_alloc.h>
#include <dais/keys.h>
#include <dais/percpu.h>
#include <dais/printk.h>
#include <dais/pt_env.h>
#include <dais/softirq.h>
#include <dais/time.h>
#include <dais/x86.h>

/* ---- the machine ---- */

static bool irqs = true;

unsigned long irq_save(void)
{
	bool on = irqs;

	irqs = false;
	return on ? RFLAGS_IF : 0;
}

void irq_restore(unsigned long f)
{
	irqs |= (f & RFLAGS_IF) != 0;
}

void irq_disable(void)
{
	irqs = false;
}

void irq_enable(void)
{
	irqs = true;
}

bool irqs_enabled(void)
{
	return irqs;
}

void tlb_answer(void)
{
}

void panic(const char *fmt, ...)
{
	abort();
}

void softirq_register(enum softirq nr, void (*fn)(void))
{
}

void softirq_raise(enum softirq nr)
{
}

void virq_send_global(uint32_t virq)
{
}

uint64_t time_now_ns(void)
{
	return 0;
}

void *hv_alloc(size_t size)
{
	return NULL;
}

uint64_t cmdline_parse_size(const char *s, unsigned int shift, const char **end)
{
	return 0;
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	return (size_t)snprintf(dst, size, "%s", src);
}

void screen_clear(void)
{
}

void keys_run_pending(void)
{
}

/* How long anybody waited for a lock (see tests/fake/dais/barrier.h). */
static unsigned long waited;
int __wrap_sched_yield(void);

int __wrap_sched_yield(void)
{
	waited++;
	return 0;
}

/* ---- its line, on which a CPU can be stopped in the middle of writing ---- */

static char line[1 << 16];
static size_t sent;
static bool stop_cpu;
static jmp_buf stopped;

static int line_init(struct console_driver *drv, const struct boot_info *bi, bool named)
{
	return drv == &serial_com[0] ? 0 : -1;
}

static void line_write(struct console_driver *drv, const char *s, size_t n)
{
	if (stop_cpu) {
		stop_cpu = false;
		longjmp(stopped, 1);
	}
	assert_true(sent + n < sizeof(line));
	memcpy(line + sent, s, n);
	sent += n;
	line[sent] = '\0';
}

struct console_driver serial_com[SERIAL_PORTS] = {
	{ .name = "com1", .init = line_init, .write = line_write },
	{ .name = "com2", .init = line_init },
};
struct console_driver screen_console = { .name = "vga", .init = line_init };

static char keys[64];
static bool key_types_x;		/* somebody types while a key is worked on */

void keys_press(char key, struct regs *regs)
{
	assert_true(strlen(keys) + 1 < sizeof(keys));
	keys[strlen(keys)] = key;
	if (key_types_x) {
		key_types_x = false;
		console_input('x', regs);
	}
}

static int setup(void **state)
{
	static bool up;
	static struct boot_info bi;
	uint32_t index = 0;

	if (!up) {
		console_init_early(&bi);
		up = true;
	}
	while (console_ring_read(line, sizeof(line), &index, true, true) != 0) {
	}
	sent = waited = 0;
	memset(keys, 0, sizeof(keys));
	irqs = true;
	return 0;
}

/* ---- the ring ---- */

static void expect(uint32_t *index, size_t n, bool clear, bool incremental, const char *text)
{
	char buf[256];

	assert_int_equal(console_ring_read(buf, n, index, clear, incremental), strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

/* Only what was read is cleared. */
static void test_clear(void **state)
{
	uint32_t index = 0;

	pr_err("0123456789\n");
	expect(&index, 10, true, false, "(DAIS) 012");
	expect(&index, 4, true, true, "3456");
	pr_err("abc\n");
	expect(&index, 0, true, true, "");
	expect(&index, 200, false, false, "789\n(DAIS) abc\n");
	expect(&index, 200, true, false, "789\n(DAIS) abc\n");
	expect(&index, 200, false, false, "");
}

static void test_positions(void **state)
{
	uint32_t index = 0, strange;

	pr_err("one\n");
	expect(&index, 200, false, false, "(DAIS) one\n");
	strange = index + 1000;
	pr_err("two\n");
	expect(&strange, 11, false, true, "(DAIS) one\n");
	expect(&index, 200, false, true, "(DAIS) two\n");
}

static void test_lines(void **state)
{
	console_guest_write("half", 4);
	pr_err("a\nb");
	pr_err("c\n");
	assert_string_equal(line, "half\n(DAIS) a\n(DAIS) bc\n");
}

/* What is too long is cut, and yet the next message begins a line. */
static void test_long_line(void **state)
{
	char text[2001];
	size_t len;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	pr_err("%s\n", text);
	len = sent;
	assert_in_range(len, 1000, 1100);
	pr_err("b\n");
	assert_string_equal(line + len - 2, "a\n(DAIS) b\n");
}

/* ---- what is typed ---- */

static void test_input(void **state)
{
	char buf[8];

	console_input('\1', NULL);
	console_input('a', NULL);
	assert_string_equal(keys, "\1a");
	for (int i = 0; i < 3; i++) {
		console_input('\1', NULL);
	}
	console_input('b', NULL);
	assert_int_equal(console_guest_read(buf, sizeof(buf)), 1);
	assert_int_equal(buf[0], 'b');
	for (int i = 0; i < 3; i++) {
		console_input('\1', NULL);
	}
	assert_string_equal(keys, "\1a");
}

/* A line that is polled may be interrupted by one that is not. */
static void test_input_of_two_lines(void **state)
{
	console_input('\1', NULL);
	key_types_x = true;
	console_input('y', NULL);
	assert_string_equal(keys, "\1xy");
}

/* ---- the end ---- */

/* Last, for there is no way back. A CPU that was stopped while it wrote keeps its locks. */
static void test_crash(void **state)
{
	stop_cpu = true;
	if (setjmp(stopped) == 0) {
		pr_err("never seen\n");
		fail();
	}
	console_start_sync();
	pr_err("one\n");
	pr_err("two\n");
	assert_non_null(strstr(line, "one\n(DAIS) two\n"));
	assert_true(waited == 0);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_clear), T(test_positions), T(test_lines), T(test_long_line), T(test_input),
		T(test_input_of_two_lines), T(test_crash),
	};

	return cmocka_run_group_tests_name("core/console", tests, NULL, NULL);
}
