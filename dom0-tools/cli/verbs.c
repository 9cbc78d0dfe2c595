/* SPDX-License-Identifier: MIT */
/*
 * The table of verbs. Constant.
 */
#include "cli/verbs.h"

#include <string.h>

#include "cli/verb.h"
#include "consoled/main.h"
#include "stored/main.h"
#include "supervise/main.h"

const struct verb verbs[] = {
	{ "autostart", verb_autostart, "[--order N] [--off] DOMAIN",
	  "start a defined guest when dom0 boots", "dais autostart --order 10 router", 'd' },
	{ "block-attach", verb_block_attach, "DOMAIN DISK-SPEC", "add a disk to a running guest",
	  "dais block-attach web /srv/data.img,raw,xvdb,rw", 'd' },
	{ "block-detach", verb_block_detach, "[--force] DOMAIN DEVICE", "take a disk from a guest",
	  "dais block-detach web xvdb", 'd' },
	{ "block-list", verb_block_list, "[--json] DOMAIN...", "list the disks of guests",
	  "dais block-list web", 'd' },
	{ "check", verb_check, "FILE [NAME=VALUE...]",
	  "say what is wrong with a configuration, without making the guest", "dais check web.cfg",
	  'f' },
	{ "claims", verb_claims, "[--json]", "list memory set aside for guests being created", NULL,
	  0 },
	{ "completion", verb_completion, "bash", "print a completion script for a shell",
	  "dais completion bash > /etc/bash_completion.d/dais", 0 },
	{ "config", verb_config, "[--edit] [--json] DOMAIN",
	  "show or edit the configuration of a guest", "dais config --edit web", 'd' },
	{ "config-update", verb_config_update, "DOMAIN [FILE] [NAME=VALUE...]",
	  "change what a guest will be made from at its next start",
	  "dais config-update web memory=512", 'd' },
	{ "console", verb_console, "DOMAIN", "use the console of a guest; Ctrl-] leaves it",
	  "dais console web", 'd' },
	{ "consoled", consoled_main,
	  "[--detach] [--pid-file FILE] [--log-dir DIR] [--link-dir DIR] [--sockets DIR] "
	  "[--verbose]",
	  "run the console daemon: a terminal and a log for every guest",
	  "dais consoled --detach --pid-file /run/dais/consoled.pid", 0 },
	{ "cpupool-cpu-add", verb_cpupool_cpu_add, "POOL CPUS", "add CPUs to a pool",
	  "dais cpupool-cpu-add fast 2-3", 'p' },
	{ "cpupool-cpu-remove", verb_cpupool_cpu_remove, "POOL CPUS", "take CPUs out of a pool",
	  "dais cpupool-cpu-remove Pool-0 2-3", 'p' },
	{ "cpupool-create", verb_cpupool_create, "[-n] [FILE] [name=\"NAME\"] [cpus=[...]]",
	  "make a CPU pool", "dais cpupool-create 'name=\"fast\"' 'cpus=[\"2\",\"3\"]'", 'f' },
	{ "cpupool-destroy", verb_cpupool_destroy, "POOL", "dissolve a CPU pool",
	  "dais cpupool-destroy fast", 'p' },
	{ "cpupool-list", verb_cpupool_list, "[-c] [--json] [POOL]", "list CPU pools",
	  "dais cpupool-list -c", 'p' },
	{ "cpupool-migrate", verb_cpupool_migrate, "DOMAIN POOL", "move a guest to another pool",
	  "dais cpupool-migrate web fast", 'd' },
	{ "cpupool-rename", verb_cpupool_rename, "POOL NAME", "give a CPU pool another name", NULL,
	  'p' },
	{ "create", verb_create, "[-c] [-p] [-q] [-n] [--unsupervised] FILE [NAME=VALUE...]",
	  "create a guest from an xl.cfg file and start it", "dais create web.cfg memory=512",
	  'f' },
	{ "debug-keys", verb_debug_keys, "KEYS", "press keys on the hypervisor's console",
	  "dais debug-keys h", 0 },
	{ "define", verb_define, "FILE [NAME=VALUE...]", "remember a guest without starting it",
	  "dais define web.cfg", 'f' },
	{ "destroy", verb_destroy, "DOMAIN...", "end guests at once", "dais destroy web", 'd' },
	{ "dmesg", verb_dmesg, "[-c]", "show what the hypervisor has printed", "dais dmesg", 0 },
	{ "domid", verb_domid, "DOMAIN", "print the number of a guest", "dais domid web", 'd' },
	{ "domname", verb_domname, "DOMID", "print the name of a guest", "dais domname 3", 0 },
	{ "dump-core", verb_dump_core, "[-c] [-l] [-r] DOMAIN FILE",
	  "write the memory of a guest to a file", "dais dump-core web /var/crash/web.core", 'd' },
	{ "events", verb_events, "[--follow] [--json] [DOMAIN]", "list what happened to guests",
	  "dais events --follow", 'd' },
	{ "help", verb_help, "[--json] [VERB]", "list the verbs, or explain one",
	  "dais help create", 'v' },
	{ "info", verb_info, "[-n] [--json]", "show the machine and the hypervisor", "dais info",
	  0 },
	{ "list", verb_list, "[-l] [-v] [-c] [-n] [-Z] [--all] [--json] [DOMAIN...]",
	  "list the domains that run, or all that are known", "dais list --all", 'd' },
	{ "logs", verb_logs, "[--follow] DOMAIN", "show the console log of a guest, alive or gone",
	  "dais logs --follow web", 'd' },
	{ "manual", verb_manual, "", "print the manual page, dais(1), for man",
	  "dais manual > /usr/share/man/man1/dais.1", 0 },
	{ "mem-max", verb_mem_max, "DOMAIN SIZE", "limit what a guest may grow to",
	  "dais mem-max web 1g", 'd' },
	{ "mem-set", verb_mem_set, "DOMAIN SIZE", "ask a guest to grow or shrink",
	  "dais mem-set web 512", 'd' },
	{ "metrics", verb_metrics, "", "print OpenMetrics of all domains", "dais metrics", 0 },
	{ "network-attach", verb_network_attach, "DOMAIN [KEY=VALUE...]",
	  "add a network interface to a running guest", "dais network-attach web bridge=xenbr1",
	  'd' },
	{ "network-detach", verb_network_detach, "[--force] DOMAIN NUMBER|MAC",
	  "take a network interface from a guest", "dais network-detach web 1", 'd' },
	{ "network-list", verb_network_list, "[--json] DOMAIN...",
	  "list the network interfaces of guests", "dais network-list web", 'd' },
	{ "pause", verb_pause, "DOMAIN", "stop a guest where it is", "dais pause web", 'd' },
	{ "reboot", verb_reboot, "[-a] [-w] DOMAIN...", "ask guests to reboot", "dais reboot web",
	  'd' },
	{ "rename", verb_rename, "DOMAIN NAME", "give a guest another name", "dais rename web www",
	  'd' },
	{ "restore", verb_restore, "[-c] [-p] [-e] [--unsupervised] [CONFIG] FILE",
	  "let a saved guest go on", "dais restore /srv/web.save", 'f' },
	{ "run", verb_run,
	  "[--initrd FILE] [--disk FILE] [--bridge BRIDGE] [--memory MIB] [--vcpus N] "
	  "[--append TEXT] [--name NAME] [--no-console] KERNEL",
	  "run a kernel as a guest that is forgotten when it ends",
	  "dais run --initrd rescue.img --disk web.img vmlinuz", 'f' },
	{ "save", verb_save, "[-c] [-p] DOMAIN FILE [CONFIG]",
	  "write a guest to a file and end it; -c lets it go on, -p leaves it paused",
	  "dais save web /srv/web.saved", 'd' },
	{ "sched-credit", verb_sched_credit,
	  "[-d DOMAIN [-w WEIGHT] [-c CAP]] [-s [-t MS] [-r US]] [-p POOL] [--json]",
	  "show or set shares of the credit scheduler", NULL, 0 },
	{ "sched-credit2", verb_sched_credit2,
	  "[-d DOMAIN [-w WEIGHT] [-c CAP]] [-s [-r US]] [-p POOL] [--json]",
	  "show or set shares of the credit2 scheduler", "dais sched-credit2 -d web -w 512", 0 },
	{ "sharing", verb_sharing, "[--json] [DOMAIN...]", "list memory that guests share", NULL,
	  'd' },
	{ "shutdown", verb_shutdown, "[-a] [-w] DOMAIN...", "ask guests to shut down",
	  "dais shutdown -w web", 'd' },
	{ "start", verb_start, "[-c] [-p] DOMAIN", "start a defined guest", "dais start web", 'd' },
	{ "stored", stored_main,
	  "[--detach] [--pid-file FILE] [--state DIR] [--sockets DIR] [--kernel] "
	  "[--user USER|UID:GID] [--verbose]",
	  "run the store that dom0 and guests configure their devices through",
	  "dais stored --detach --pid-file /run/dais/stored.pid", 0 },
	{ "supervise", supervise_main,
	  "[--detach] [--pid-file FILE] [--state DIR] [--socket FILE] [--metrics FILE] [--verbose]",
	  "run the supervisor: it knows which guests there should be and sees to it",
	  "dais supervise --detach", 0 },
	{ "sysrq", verb_sysrq, "DOMAIN LETTER", "send a magic system request to a guest",
	  "dais sysrq web t", 'd' },
	{ "top", verb_top, "[--delay SECONDS] [--iterations N] [--json]", "watch what domains use",
	  "dais top", 0 },
	{ "trigger", verb_trigger, "DOMAIN nmi|reset|init|power|sleep [VCPU]",
	  "send a hardware event to a guest", "dais trigger web nmi", 'd' },
	{ "undefine", verb_undefine, "DOMAIN", "forget a defined guest", "dais undefine web", 'd' },
	{ "unpause", verb_unpause, "DOMAIN", "let a paused guest run on", "dais unpause web", 'd' },
	{ "uptime", verb_uptime, "[-s] [--json] [DOMAIN...]", "show how long domains have run",
	  "dais uptime", 'd' },
	{ "vcpu-list", verb_vcpu_list, "[--json] [DOMAIN...]", "list vCPUs and where they run",
	  "dais vcpu-list web", 'd' },
	{ "vcpu-pin", verb_vcpu_pin, "[-f] DOMAIN VCPU|all HARD-CPUS [SOFT-CPUS]",
	  "say where vCPUs may and should run", "dais vcpu-pin web all 2-3", 'd' },
	{ "vcpu-set", verb_vcpu_set, "DOMAIN COUNT", "say how many vCPUs a guest should use",
	  "dais vcpu-set web 2", 'd' },
	{ "version", verb_version, "", "print the version of this program", NULL, 0 },
	{ "vm-list", verb_vm_list, "[--json]", "list guests by UUID", NULL, 0 },
	{ "why", verb_why, "[--json] DOMAIN", "say what a guest waits for, or why it failed",
	  "dais why web", 'd' },
};

const size_t verb_count = sizeof(verbs) / sizeof(verbs[0]);

const struct verb *verb_find(const char *name, size_t *matches)
{
	const struct verb *found = NULL;
	size_t i;

	*matches = 0;
	for (i = 0; i < verb_count; i++) {
		if (!strcmp(verbs[i].name, name)) {
			*matches = 1;
			return &verbs[i];
		}
		if (!strncmp(verbs[i].name, name, strlen(name))) {
			found = &verbs[i];
			++*matches;
		}
	}
	return *matches == 1 ? found : NULL;
}
