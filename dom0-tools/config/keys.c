/* SPDX-License-Identifier: MIT */
/*
 * The table of settings: see keys.h. Pure and constant.
 */
#include "config/keys.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/uuid.h"
#include "lib/xalloc.h"

#define FIELD(name)  offsetof(struct guest_config, name)
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int key_name(struct key_context *c, const struct config_key *key,
		    const struct config_value *v)
{
	struct failure why = { 0 };
	int rc = key_text(c, key, v);

	if (!rc && guest_check_name(c->g->name ? c->g->name : "", &why)) {
		rc = key_complain(c, key->name, v, why.text);
	}
	return rc;
}

static int key_uuid(struct key_context *c, const struct config_key *key,
		    const struct config_value *v)
{
	if (v->is_list || !uuid_parse(v->text, c->g->uuid)) {
		return key_complain(c, key->name, v, "not a UUID; leave the line out to get one");
	}
	c->g->uuid_set = true;
	return 0;
}

static int key_type(struct key_context *c, const struct config_key *key,
		    const struct config_value *v)
{
	if (!v->is_list &&
	    (!strcmp(v->text, "pv") || !strcmp(v->text, "linux") || !strcmp(v->text, "generic"))) {
		return 0;
	}
	if (!v->is_list && (!strcmp(v->text, "hvm") || !strcmp(v->text, "pvh"))) {
		return failure_set(c->f, -EINVAL,
				   "%s:%u: %s = \"%s\": this hypervisor runs "
				   "paravirtual guests only; use type = \"pv\" with a kernel built "
				   "with CONFIG_XEN_PV",
				   c->where, v->line, key->name, v->text);
	}
	return key_complain(c, key->name, v, "unknown type; it is \"pv\"");
}

/* on_poweroff ...: key->max is the reason (enum guest_end). */
static int key_action(struct key_context *c, const struct config_key *key,
		      const struct config_value *v)
{
	enum guest_action a;

	for (a = 0; !v->is_list && a < ACTION_COUNT; a++) {
		if (!strcmp(v->text, guest_action_name(a))) {
			c->g->on[key->max] = a;
			return 0;
		}
	}
	return key_complain(c, key->name, v,
			    "unknown action; it is destroy, restart, "
			    "rename-restart, preserve, coredump-destroy or coredump-restart");
}

static int key_weight(struct key_context *c, const struct config_key *key,
		      const struct config_value *v)
{
	c->g->weight_set = true;
	return key_u32(c, key, v);
}

static int key_cap(struct key_context *c, const struct config_key *key,
		   const struct config_value *v)
{
	c->g->cap_set = true;
	return key_u32(c, key, v);
}

static int key_tsc(struct key_context *c, const struct config_key *key,
		   const struct config_value *v)
{
	static const char *const modes[] = { "default", "always_emulate", "native" };
	uint32_t i;

	for (i = 0; !v->is_list && i < COUNT(modes); i++) {
		if (!strcmp(v->text, modes[i]) || (v->text[0] == (char)('0' + i) && !v->text[1])) {
			c->g->tsc_mode = i;
			return 0;
		}
	}
	return key_complain(c, key->name, v, "unknown; it is default, always_emulate or native");
}

static int key_offset(struct key_context *c, const struct config_key *key,
		      const struct config_value *v)
{
	char *end = NULL;

	if (!v->is_list) {
		c->g->time_offset = strtoll(v->text, &end, 10);
	}
	return !end || end == v->text || *end
		       ? key_complain(c, key->name, v, "not a number of seconds")
		       : 0;
}

/* A setting that is fine, and without effect. */
static int key_ignore(struct key_context *c, const struct config_key *key,
		      const struct config_value *v)
{
	(void)c;
	(void)key;
	(void)v;
	return 0;
}

static int key_hvm(struct key_context *c, const struct config_key *key,
		   const struct config_value *v)
{
	config_note(c->notes, "%s:%u: %s is for HVM guests and has no effect", c->where, v->line,
		    key->name);
	return 0;
}

static int key_note(struct key_context *c, const struct config_key *key,
		    const struct config_value *v)
{
	config_note(c->notes, "%s:%u: %s has no effect: %s", c->where, v->line, key->name,
		    key->says);
	return 0;
}

/* Programs that find a kernel on the guest's disk: GRUB inside the guest takes their place. */
static int key_bootloader(struct key_context *c, const struct config_key *key,
			  const struct config_value *v)
{
	const char *base = v->is_list ? "" : strrchr(v->text, '/');

	base = base && *base ? base + 1 : v->is_list ? "[" : v->text;
	if (!*base) {
		return 0;
	}
	if (strcmp(base, "pygrub") && strcmp(base, "pvgrub") && strcmp(base, "pvgrub64")) {
		return key_complain(c, key->name, v, key->says);
	}
	config_note(c->notes,
		    "%s:%u: %s is not run in dom0; the guest starts with " GUEST_PVGRUB
		    ", which reads grub.cfg on its first disk",
		    c->where, v->line, base);
	c->g->boots_grub = true;
	return 0;
}

static int key_firmware(struct key_context *c, const struct config_key *key,
			const struct config_value *v)
{
	if (!v->is_list && !strcmp(v->text, "pvgrub64")) {
		c->g->boots_grub = true;
		return 0;
	}
	if (!v->is_list && !strcmp(v->text, "pvgrub32")) {
		return key_complain(c, key->name, v,
				    "32-bit guests are not offered; write \"pvgrub64\" and give "
				    "the guest a 64-bit kernel");
	}
	return key_hvm(c, key, v);
}

/* What the guest would miss: an empty list or text asks for nothing, anything else is refused. */
static int key_refuse(struct key_context *c, const struct config_key *key,
		      const struct config_value *v)
{
	if ((v->is_list && !v->count) || (!v->is_list && (!*v->text || !strcmp(v->text, "0")))) {
		return 0;
	}
	return key_complain(c, key->name, v, key->says);
}

/* clang-format off */
#define TEXT(name)		{ #name, key_text, FIELD(name), 0, 0, NULL }
#define SAY(name, fn, text)	{ #name, fn, 0, 0, 0, text }
#define HVM(name)		{ #name, key_hvm, 0, 0, 0, NULL }
#define IGNORE(name)		{ #name, key_ignore, 0, 0, 0, NULL }
#define DEVICE(name)		SAY(name, key_refuse, NO_QEMU)
#define SCREEN(name)		SAY(name, key_note, NO_SCREEN)
/* clang-format on */

#define NO_QEMU   "needs QEMU as device model, which is not offered; take the line out"
#define NO_SCREEN "a screen needs QEMU, which is not offered; use `dais console`"

const struct config_key config_keys[] = {
	{ "name", key_name, FIELD(name), 0, 0, NULL },
	{ "uuid", key_uuid, 0, 0, 0, NULL },
	{ "type", key_type, 0, 0, 0, NULL },
	{ "builder", key_type, 0, 0, 0, NULL },
	{ "memory", key_mib, FIELD(memory_kib), 1, 1u << 24, NULL },
	{ "maxmem", key_mib, FIELD(maxmem_kib), 1, 1u << 24, NULL },
	{ "vcpus", key_u32, FIELD(vcpus), 1, GUEST_VCPUS_MAX, NULL },
	{ "maxvcpus", key_u32, FIELD(maxvcpus), 1, GUEST_VCPUS_MAX, NULL },
	{ "cpus", key_cpus, FIELD(cpus), 0, 0, NULL },
	{ "cpus_soft", key_cpus, FIELD(cpus_soft), 0, 0, NULL },
	{ "cpu_weight", key_weight, FIELD(weight), 1, 65535, NULL },
	{ "cap", key_cap, FIELD(cap), 0, 65534, NULL },
	TEXT(pool),
	TEXT(kernel),
	TEXT(ramdisk),
	{ "cmdline", key_ignore, 0, 0, 0, NULL }, /* these three: guest.c */
	{ "root", key_ignore, 0, 0, 0, NULL },
	{ "extra", key_ignore, 0, 0, 0, NULL },
	{ "on_poweroff", key_action, 0, 0, END_POWEROFF, NULL },
	{ "on_reboot", key_action, 0, 0, END_REBOOT, NULL },
	{ "on_crash", key_action, 0, 0, END_CRASH, NULL },
	{ "on_watchdog", key_action, 0, 0, END_WATCHDOG, NULL },
	{ "on_soft_reset", key_action, 0, 0, END_SOFT_RESET, NULL },
	{ "disk", key_disk, 0, 0, 0, NULL },
	{ "vif", key_vif, 0, 0, 0, NULL },
	{ "cpuid", key_cpuid, 0, 0, 0, NULL },
	{ "tsc_mode", key_tsc, 0, 0, 0, NULL },
	{ "localtime", key_bool, FIELD(localtime), 0, 0, NULL },
	{ "rtc_timeoffset", key_offset, 0, 0, 0, NULL },
	{ "msr_relaxed", key_bool, FIELD(msr_relaxed), 0, 0, NULL },
	{ "e820_host", key_flag, 0, 0, 0, NULL },
	{ "nomigrate", key_flag, 0, 0, 0, NULL },
	{ "max_grant_frames", key_s32, FIELD(max_grant_frames), 1, 1u << 20, NULL },
	{ "max_maptrack_frames", key_s32, FIELD(max_maptrack_frames), 0, 1u << 20, NULL },
	{ "max_grant_version", key_u32, FIELD(max_grant_version), 1, 2, NULL },
	{ "max_event_channels", key_u32, FIELD(max_event_channels), 1, 131071, NULL },
	{ "event_channels", key_u32, FIELD(max_event_channels), 1, 131071, NULL },
	{ "ioports", key_hex_ranges, FIELD(ioports), 0, 0xffff, "write such as \"2f8-2ff\"" },
	{ "irqs", key_hex_ranges, FIELD(irqs), 0, 0xffffff, "write such as 5 or \"5-6\"" },
	{ "iomem", key_hex_ranges, FIELD(iomem), 0, 1ull << 40,
	  "write such as \"fd000,10\": first page and number of pages, hexadecimal" },

	SAY(bootloader, key_bootloader,
	    "programs that read the guest's disk in dom0 are not run; boot "
	    "the disk with firmware = \"pvgrub64\" (package grub-xen-host)"),
	{ "firmware", key_firmware, 0, 0, 0, NULL },
	IGNORE(bootloader_args),
	SAY(pci, key_refuse, "passing PCI devices to guests is not offered; take the line out"),
	DEVICE(vfb),
	DEVICE(vkb),
	DEVICE(p9),
	DEVICE(channel),
	DEVICE(usbctrl),
	DEVICE(usbdev),
	DEVICE(vsnd),
	DEVICE(vdispl),
	SAY(vtpm, key_refuse, "virtual TPMs are not offered; take the line out"),
	SAY(pvcalls, key_refuse, "the pvcalls device is not offered; take the line out"),
	SAY(vnuma, key_refuse, "virtual NUMA nodes are not offered; take the line out"),
	SAY(seclabel, key_refuse, "the hypervisor has no security labels; take the line out"),
	SAY(init_seclabel, key_refuse, "the hypervisor has no security labels; take the line out"),
	SAY(driver_domain, key_refuse, "backends run in dom0 only; take the line out"),
	SAY(device_tree, key_refuse, "there are no device trees on x86; take the line out"),
	SAY(claim_mode, key_note, "memory is always claimed before it is allocated"),
	SAY(period, key_note, "the scheduler has weights and caps"),
	SAY(budget, key_note, "the scheduler has weights and caps"),
	SAY(extratime, key_note, "the scheduler has weights and caps"),
	SAY(sched, key_note, "the scheduler is the pool's"),
	IGNORE(blkdev_start),
	IGNORE(passthrough),
	IGNORE(permissive),
	IGNORE(pci_permissive),
	IGNORE(pci_seize),
	IGNORE(pci_msitranslate),
	IGNORE(pci_power_mgmt),
	IGNORE(vncviewer),
	IGNORE(suppress_spurious_page_faults),
	IGNORE(gic_version),
	IGNORE(vuart),
	IGNORE(features),
	SAY(dtdev, key_refuse, "there are no device trees on x86; take the line out"),
	SAY(tee, key_note, "it is about Arm"),
	SCREEN(vnc),
	SCREEN(vnclisten),
	SCREEN(vncdisplay),
	SCREEN(vncpasswd),
	SCREEN(vncunused),
	SCREEN(sdl),
	SCREEN(opengl),
	SCREEN(display),
	SCREEN(xauthority),
	SCREEN(keymap),
	IGNORE(xend_suspend_evtchn_compat),
	IGNORE(vmtrace_buf_kb),
	IGNORE(vpmu),

	HVM(boot),
	HVM(firmware_override),
	HVM(hap),
	HVM(pae),
	HVM(acpi),
	HVM(acpi_s3),
	HVM(acpi_s4),
	HVM(acpi_laptop_slate),
	HVM(apic),
	HVM(nx),
	HVM(viridian),
	HVM(hpet),
	HVM(nestedhvm),
	HVM(altp2m),
	HVM(altp2mhvm),
	HVM(shadow_memory),
	HVM(timeoffset),
	HVM(timer_mode),
	HVM(vpt_align),
	HVM(serial),
	HVM(soundhw),
	HVM(usb),
	HVM(usbdevice),
	HVM(usbversion),
	HVM(spice),
	HVM(spiceport),
	HVM(spicehost),
	HVM(spicepasswd),
	HVM(nographic),
	HVM(dm_restrict),
	HVM(rdm_mem_boundary),
	HVM(rdm),
	HVM(oos),
	HVM(vkb_device),
	HVM(spicetls_port),
	HVM(spicedisable_ticketing),
	HVM(spiceagent_mouse),
	HVM(spicevdagent),
	HVM(spice_clipboard_sharing),
	HVM(spiceusbredirection),
	HVM(spice_image_compression),
	HVM(spice_streaming_video),
	HVM(device_model_stubdomain_seclabel),
	HVM(stdvga),
	HVM(vga),
	HVM(videoram),
	HVM(vendor_device),
	HVM(xen_platform_pci),
	HVM(mmio_hole),
	HVM(ms_vm_genid),
	HVM(smbios_firmware),
	HVM(acpi_firmware),
	HVM(bios),
	HVM(bios_path_override),
	HVM(smbios),
	HVM(device_model_version),
	HVM(device_model_override),
	HVM(device_model_stubdomain_override),
	HVM(device_model_args),
	HVM(device_model_args_pv),
	HVM(device_model_args_hvm),
	HVM(device_model_user),
	HVM(device_model),
	HVM(stubdomain_kernel),
	HVM(stubdomain_cmdline),
	HVM(stubdomain_ramdisk),
	HVM(stubdomain_memory),
	HVM(gfx_passthru),
	HVM(nestedhap),
	HVM(pvshim),
	HVM(pvshim_path),
	HVM(pvshim_cmdline),
	HVM(pvshim_extra),
	HVM(mca_caps),
	HVM(hdtype),
	HVM(vmware_hwver),
	HVM(vmware_port),
	HVM(vispice),
	HVM(fda),
	HVM(cpuid_limit),
	HVM(rtc),
};

const size_t config_key_count = COUNT(config_keys);

/* How many letters differ, counted only as far as "perhaps a slip of the finger". */
static unsigned int distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), prefix = 0, suffix = 0, longer;

	longer = la > lb ? la : lb;
	while (prefix < la && prefix < lb && a[prefix] == b[prefix]) {
		prefix++;
	}
	while (suffix < la - prefix && suffix < lb - prefix &&
	       a[la - 1 - suffix] == b[lb - 1 - suffix]) {
		suffix++;
	}
	return (unsigned int)(longer - prefix - suffix);
}

const struct config_key *config_key_find(const char *name, const char **close)
{
	unsigned int best = 3, d;
	size_t i;

	*close = NULL;
	for (i = 0; i < config_key_count; i++) {
		if (!strcmp(config_keys[i].name, name)) {
			return &config_keys[i];
		}
		d = distance(config_keys[i].name, name);
		if (d < best && strlen(name) > 2) {
			best = d;
			*close = config_keys[i].name;
		}
	}
	return NULL;
}
