/* SPDX-License-Identifier: MIT */
/*
 * Network interface specifications: "key=value,key=value" as xl-network-configuration(5)
 * describes them. See guest.h. Pure.
 */
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/guest.h"
#include "lib/xalloc.h"

struct nic_reader {
	struct guest_nic *n;
	const char *spec;
	struct config_notes *notes;
	struct failure *f;
};

static int complain(struct nic_reader *r, const char *what, const char *value)
{
	return failure_set(r->f, -EINVAL, "vif '%s': %s (not '%s')", r->spec, what, value);
}

static int set_text(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
	return 0;
}

static int set_mac(struct nic_reader *r, const char *value)
{
	unsigned int b[6], i;
	char end;

	if (sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &end) != 6) {
		return complain(r,
				"mac is six pairs of hexadecimal digits, such as "
				"00:16:3e:01:02:03",
				value);
	}
	if (b[0] & 1) {
		return complain(r, "mac must not be a multicast address; make the first pair even",
				value);
	}
	for (i = 0; i < 6; i++) {
		r->n->mac[i] = (uint8_t)b[i];
	}
	r->n->mac_set = true;
	return 0;
}

static int check_ifname(struct nic_reader *r, const char *key, const char *value)
{
	size_t i, len = strlen(value);
	char what[96];

	for (i = 0; i < len && !isspace((unsigned char)value[i]) && value[i] != '/'; i++) {
	}
	if (!len || len >= IFNAMSIZ || i < len) {
		snprintf(what, sizeof(what),
			 "%s is the name of an interface, at most %d characters", key,
			 IFNAMSIZ - 1);
		return complain(r, what, value);
	}
	return 0;
}

static int set_bridge(struct nic_reader *r, const char *value)
{
	int rc = check_ifname(r, "bridge", value);

	return rc ? rc : set_text(&r->n->bridge, value);
}

static int set_vifname(struct nic_reader *r, const char *value)
{
	int rc = check_ifname(r, "vifname", value);

	return rc ? rc : set_text(&r->n->ifname, value);
}

static int set_ip(struct nic_reader *r, const char *value)
{
	return set_text(&r->n->ip, value);
}

static int set_model(struct nic_reader *r, const char *value)
{
	(void)value;
	config_note(r->notes, "vif '%s': model is for HVM guests and has no effect", r->spec);
	return 0;
}

static int set_type(struct nic_reader *r, const char *value)
{
	if (!strcmp(value, "ioemu")) {
		config_note(r->notes,
			    "vif '%s': type=ioemu is for HVM guests; the guest gets a "
			    "paravirtual interface",
			    r->spec);
		return 0;
	}
	return strcmp(value, "vif") ? complain(r, "type is vif", value) : 0;
}

static int set_script(struct nic_reader *r, const char *value)
{
	const char *base = strrchr(value, '/') ? strrchr(value, '/') + 1 : value;

	if (strcmp(base, "vif-bridge")) {
		return complain(r,
				"scripts are not run; interfaces are attached to bridge=", value);
	}
	return 0;
}

static int set_backend(struct nic_reader *r, const char *value)
{
	char *end;

	if (strtoul(value, &end, 10) || *end || !*value) {
		return complain(r, "only dom0 can be the backend; leave backend= out", value);
	}
	return 0;
}

static int set_devid(struct nic_reader *r, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*end || !isdigit((unsigned char)*value) || n > 255) {
		return complain(r, "devid is a number from 0 to 255", value);
	}
	r->n->devid = (int)n;
	return 0;
}

static int set_mtu(struct nic_reader *r, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*end || n < 68 || n > 65535) {
		return complain(r, "mtu is a number from 68 to 65535", value);
	}
	r->n->mtu = (uint32_t)n;
	return 0;
}

static int set_trusted(struct nic_reader *r, const char *value)
{
	r->n->untrusted = !strcmp(value, "0") || !strcmp(value, "false");
	return 0;
}

/* "10Mb/s@20ms": bits (b) or bytes (B) in a second, and how often credit is given. */
static int set_rate(struct nic_reader *r, const char *value)
{
	static const char what[] = "rate is such as 10Mb/s, 1GB/s@20ms";
	unsigned long long n, interval = 50000;
	unsigned long long factor = 1;
	char *s;

	n = strtoull(value, &s, 10);
	if (s == value || n > 1ull << 40) {
		return complain(r, what, value);
	}
	factor = *s == 'G' ? 1000000000 : *s == 'M' ? 1000000 : *s == 'K' || *s == 'k' ? 1000 : 1;
	s += factor > 1;
	if ((*s != 'b' && *s != 'B') || strncmp(s + 1, "/s", 2) || !n || n > UINT64_MAX / factor) {
		return complain(r, what, value);
	}
	n = *s == 'b' ? n * factor / 8 : n * factor;
	s += 3;
	if (*s == '@') {
		interval = strtoull(s + 1, &s, 10);
		factor = !strcmp(s, "us")   ? 1
			 : !strcmp(s, "ms") ? 1000
			 : !strcmp(s, "s")  ? 1000000
					    : 0;
		if (!factor || !interval || interval > UINT32_MAX / 1000000) {
			return complain(r, what, value);
		}
		interval *= factor;
	} else if (*s) {
		return complain(r, what, value);
	}
	r->n->rate_us = (uint32_t)interval;
	/* In this order it cannot overflow, and a slow rate still lets something through. */
	r->n->rate_bytes = n / 1000000 * interval + n % 1000000 * interval / 1000000;
	r->n->rate_bytes = r->n->rate_bytes ? r->n->rate_bytes : 1;
	return 0;
}

static int set_nothing(struct nic_reader *r, const char *value)
{
	config_note(r->notes, "vif '%s': '%s' has no effect on an interface attached to a bridge",
		    r->spec, value);
	return 0;
}

static const struct {
	const char *key;
	int (*set)(struct nic_reader *r, const char *value);
} nic_keys[] = {
	{ "mac", set_mac },
	{ "bridge", set_bridge },
	{ "vifname", set_vifname },
	{ "ip", set_ip },
	{ "model", set_model },
	{ "type", set_type },
	{ "script", set_script },
	{ "backend", set_backend },
	{ "devid", set_devid },
	{ "mtu", set_mtu },
	{ "rate", set_rate },
	{ "trusted", set_trusted },
	{ "gatewaydev", set_nothing },
	{ "netdev", set_nothing },
	{ "accel", set_nothing },
};

static int nic_part(struct nic_reader *r, char *word)
{
	char *equal = strchr(word, '=');
	size_t i;

	if (!equal) {
		return complain(r, "it is made of key=value parts", word);
	}
	*equal = 0;
	for (i = 0; i < sizeof(nic_keys) / sizeof(nic_keys[0]); i++) {
		if (!strcmp(nic_keys[i].key, word)) {
			return nic_keys[i].set(r, equal + 1);
		}
	}
	return failure_set(r->f, -EINVAL, "vif '%s': unknown key '%s'", r->spec, word);
}

int guest_parse_nic(struct guest_nic *n, const char *spec, struct config_notes *notes,
		    struct failure *f)
{
	struct nic_reader r = { .n = n, .spec = spec, .notes = notes, .f = f };
	char *copy = xstrdup(spec), *rest = copy, *word, *end;
	int rc = 0;

	memset(n, 0, sizeof(*n));
	n->devid = -1;
	while (!rc && (word = strsep(&rest, ","))) {
		while (isspace((unsigned char)*word)) {
			word++;
		}
		end = word + strlen(word);
		while (end > word && isspace((unsigned char)end[-1])) {
			*--end = 0;
		}
		if (*word) {
			rc = nic_part(&r, word);
		}
	}
	free(copy);
	if (!n->bridge) {
		n->bridge = xstrdup("xenbr0");
	}
	if (rc) {
		guest_nic_free(n);
	}
	return rc;
}

void guest_nic_free(struct guest_nic *n)
{
	free(n->bridge);
	free(n->ifname);
	free(n->ip);
	memset(n, 0, sizeof(*n));
}
