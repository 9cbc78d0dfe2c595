// SPDX-License-Identifier: MIT
/*
 * The TSC: how fast it runs, by what CPU or hypervisor say or by measuring, and whether
 * all CPUs' counters are in step.
 *
 * tsc_sync_* work on one pair of CPUs at a time, at boot; `sync` is theirs alone.
 */
#include <dais/atomic.h>
#include <dais/barrier.h>
#include <dais/compiler.h>
#include <dais/cpuid.h>
#include <dais/msr.h>
#include <dais/percpu.h>
#include <dais/platform_timer.h>
#include <dais/smp.h>
#include <dais/spinlock.h>
#include <dais/string.h>
#include <dais/time_math.h>

#define HV_LEAF_BASE	0x40000000u
#define HYPERV_FREQ_MSRS	(1u << 11)
#define HYPERV_MSR_TSC_HZ	0x40000022u
#define CPU_CYCLES_PER_MS_MAX	10000000ULL	/* no CPU is faster than 10 GHz */

/* ---- what others say ---- */

/* Of the first hypervisor that is known; 0 when it does not say. */
static uint64_t __init hz_from_hypervisor(void)
{
	if (!cpuid_has(CPU_HYPERVISOR)) {
		return 0;
	}
	for (uint32_t base = HV_LEAF_BASE; base < HV_LEAF_BASE + 0x1000; base += 0x100) {
		struct cpuid_regs r = cpuid(base);
		char name[13] = "";

		memcpy(name, &r.ebx, 4);
		memcpy(name + 4, &r.ecx, 4);
		memcpy(name + 8, &r.edx, 4);
		if (!strcmp(name, "KVMKVMKVM") || !strcmp(name, "VMwareVMware")) {
			/* kHz in this leaf when their range reaches so far. */
			return r.eax >= base + 0x10 ? cpuid(base + 0x10).eax * 1000ULL : 0;
		}
		if (!strcmp(name, "Microsoft Hv")) {
			return cpuid(base + 3).eax & HYPERV_FREQ_MSRS ? rdmsr(HYPERV_MSR_TSC_HZ) : 0;
		}
		if (!strcmp(name, "XenVMMXenVMM")) {
			return r.eax >= base + 3 ? cpuid_count(base + 3, 0).ecx * 1000ULL : 0;
		}
	}
	return 0;
}

/* Leaf 0x15: the crystal's frequency and the ratio of the TSC to it. */
static uint64_t __init hz_from_crystal(void)
{
	struct cpuid_regs r = cpuid(0x15);
	bool there = cpuid_max(0) >= 0x15 && r.eax && r.ebx && r.ecx;

	return there ? time_freq(r.ecx, r.eax, r.ebx) : 0;
}

uint64_t __init tsc_enumerated_hz(const char **how, bool rough)
{
	uint64_t hz = hz_from_crystal();

	*how = "CPUID crystal";
	if (!hz) {
		hz = hz_from_hypervisor();
		*how = "hypervisor";
	}
	if (!hz && rough && cpuid_max(0) >= 0x16) {
		/* In MHz; better than nothing. */
		hz = (cpuid(0x16).eax & 0xffff) * 1000000ULL;
		*how = "CPUID base frequency";
	}
	return hz;
}

/* ---- measuring ---- */

/*
 * Both counters at one moment: of some tries, the one in which the slow read was the
 * quickest, that is, the least disturbed.
 */
void tsc_sample(const struct platform_timer *pt, uint64_t *tsc, uint64_t *count)
{
	uint64_t best = UINT64_MAX;

	for (unsigned int i = 0; i < 5; i++) {
		uint64_t t0 = rdtsc_ordered(), c = pt->read(), t1 = rdtsc_ordered();

		if (t1 - t0 < best) {
			best = t1 - t0;
			*tsc = t0 + (t1 - t0) / 2;
			*count = c;
		}
	}
}

uint64_t __init tsc_measure_hz(const struct platform_timer *pt, unsigned int ms)
{
	uint64_t t0, t1, c0, c1, last, moved, passed = 0, want = pt->hz * ms / 1000;

	tsc_sample(pt, &t0, &c0);
	last = c0;
	moved = t0;
	while (passed < want) {
		uint64_t c = pt->read();

		/*
		 * A counter that stands still is of no use. Read it once more before saying so:
		 * somebody else's machine may have been taken from us between two instructions.
		 */
		if (c != last) {
			moved = rdtsc();
		} else if (rdtsc() - moved > ms * CPU_CYCLES_PER_MS_MAX && pt->read() == last) {
			return 0;
		}
		passed += (c - last) & pt->mask;
		last = c;
	}
	tsc_sample(pt, &t1, &c1);
	passed += (c1 - last) & pt->mask;
	return time_freq(t1 - t0, passed, pt->hz);
}

/* ---- in step? ---- */

#define SYNC_ROUNDS	20000
#define SYNC_TICKS	10000000ULL	/* some ms; bounds it where turns are slow */

static struct {
	spinlock_t lock;
	uint64_t last;
	uint64_t worst;		/* largest step back that either CPU saw */
	unsigned int arrived;
} sync;

/* Two CPUs take turns noting the time: none may see an earlier one than was noted. */
static void sync_loop(void *arg __maybe_unused)
{
	uint64_t start, now;

	atomic_inc(&sync.arrived);
	while (atomic_read(&sync.arrived) < 2) {
		cpu_relax();
	}
	start = now = rdtsc();
	for (unsigned int i = 0; i < SYNC_ROUNDS && now - start < SYNC_TICKS; i++) {
		spin_lock(&sync.lock);
		now = rdtsc_ordered();
		if ((int64_t)(now - sync.last) < 0) {
			sync.worst = max(sync.worst, sync.last - now);
		} else {
			sync.last = now;
		}
		spin_unlock(&sync.lock);
	}
}

uint64_t __init tsc_sync_check(unsigned int cpu)
{
	cpumask_t both;

	cpumask_clear(&both);
	cpumask_set(&both, cpu);
	cpumask_set(&both, cpu_id());
	sync.worst = 0;
	atomic_set(&sync.arrived, 0);
	sync.last = rdtsc_ordered();
	smp_call_mask(&both, sync_loop, NULL);
	return sync.worst;
}
