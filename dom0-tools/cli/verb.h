/* SPDX-License-Identifier: MIT */
/*
 * The functions behind the rows of verbs.c, by file.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <jansson.h>

struct roster_row;

/* verb_list.c */
int verb_list(int argc, char **argv);
int verb_check(int argc, char **argv);
int verb_claims(int argc, char **argv);
int verb_vm_list(int argc, char **argv);
int verb_domid(int argc, char **argv);
int verb_domname(int argc, char **argv);
int verb_uptime(int argc, char **argv);
json_t *cli_domain_json(const struct roster_row *row);

/* verb_create.c */
int verb_create(int argc, char **argv);
int verb_run(int argc, char **argv);
int verb_config_update(int argc, char **argv);

/* verb_restore.c */
int verb_restore(int argc, char **argv);

/* verb_life.c */
int verb_destroy(int argc, char **argv);
int verb_shutdown(int argc, char **argv);
int verb_reboot(int argc, char **argv);
int verb_pause(int argc, char **argv);
int verb_unpause(int argc, char **argv);
int verb_rename(int argc, char **argv);

/* verb_console.c */
int verb_console(int argc, char **argv);
int cli_console(const char *what);

/* verb_info.c */
int verb_info(int argc, char **argv);
int verb_dmesg(int argc, char **argv);
int verb_debug_keys(int argc, char **argv);

/* verb_vcpu.c */
int verb_vcpu_list(int argc, char **argv);
int verb_vcpu_set(int argc, char **argv);
int verb_vcpu_pin(int argc, char **argv);

/* verb_mem.c */
int verb_mem_set(int argc, char **argv);
int verb_mem_max(int argc, char **argv);
int verb_sharing(int argc, char **argv);

/* verb_sched.c */
int verb_sched_credit(int argc, char **argv);
int verb_sched_credit2(int argc, char **argv);

/* verb_device.c */
int verb_block_attach(int argc, char **argv);
int verb_block_list(int argc, char **argv);
int verb_block_detach(int argc, char **argv);
int verb_network_attach(int argc, char **argv);
int verb_network_list(int argc, char **argv);
int verb_network_detach(int argc, char **argv);

/* verb_pool.c */
int verb_cpupool_list(int argc, char **argv);
int verb_cpupool_create(int argc, char **argv);
int verb_cpupool_destroy(int argc, char **argv);
int verb_cpupool_rename(int argc, char **argv);
int verb_cpupool_cpu_add(int argc, char **argv);
int verb_cpupool_cpu_remove(int argc, char **argv);
int verb_cpupool_migrate(int argc, char **argv);

/* verb_send.c */
int verb_trigger(int argc, char **argv);
int verb_sysrq(int argc, char **argv);

/* verb_top.c, verb_dump.c */
int verb_top(int argc, char **argv);
int verb_dump_core(int argc, char **argv);

/* verb_define.c */
int verb_define(int argc, char **argv);
int verb_undefine(int argc, char **argv);
int verb_start(int argc, char **argv);
int verb_autostart(int argc, char **argv);
int verb_events(int argc, char **argv);
int verb_logs(int argc, char **argv);
int verb_why(int argc, char **argv);
int verb_config(int argc, char **argv);
int verb_metrics(int argc, char **argv);

/* verb_save.c */
int verb_save(int argc, char **argv);

/* verb_self.c */
int verb_help(int argc, char **argv);
int verb_manual(int argc, char **argv);
int verb_version(int argc, char **argv);
int verb_completion(int argc, char **argv);

#endif
