/* SPDX-License-Identifier: MIT */
/*
 * The supervisor's parts and what they share. One thread with an event loop decides; whatever may
 * take long (creating, destroying, attaching) is done by a child process (a job), so that the
 * loop is never blocked and a guest's trouble stays with its own job.
 *
 * The truth is in two places: the journal says which domains there should be, the hypervisor
 * which there are. Everything else can be lost with the process: a new supervisor reads both and
 * goes on (watch.c).
 */
#ifndef SUPERVISE_SUPERVISE_H
#define SUPERVISE_SUPERVISE_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "config/guest.h"
#include "domain/domain.h"
#include "domain/roster.h"
#include "lib/failure.h"
#include "supervise/inventory.h"
#include "supervise/policy.h"

#define EVENTS_KEPT 1000
#define TEXT_MAX    768

struct client;
struct job;
struct supervisor;

enum record_state {
	RECORD_STOPPED,
	RECORD_STARTING,
	RECORD_RUNNING,
	RECORD_ENDING,
	RECORD_WAITING,   /* for its next start, after a delay */
	RECORD_PRESERVED, /* ended, and kept to be looked at */
};

/* A thing that only one writer at a time may have: a block device or an image file. */
struct claim {
	uint64_t device, inode; /* inode 0: the block device itself */
	uint32_t number;        /* of the guest's disk */
	bool writable;
};

/*
 * A domain of the inventory. The first block is what the journal has.
 *
 * defined   stays when it is stopped
 * wanted    should run
 * building  its creation was begun and not finished, or is due
 * restoring what was begun is a restore: nobody begins that anew unasked
 * soon      times in a row that it ended soon after its start
 * due       when its next start is, seconds since 1970; 0: it does not wait for one
 * saved     the file it was saved to, until it runs again; NULL: it was not
 */
struct record {
	uint8_t uuid[16];
	char *name, *config, *where, *overrides, *cwd;
	bool defined, autostart, wanted, building, restoring;
	uint32_t order, soon;
	char *saved;
	char *last_error; /* of the last attempt to start it */
	int last_reason;  /* why it ended last, -1: never */
	int64_t last_end; /* when, seconds since 1970 */
	int64_t due;

	struct supervisor *s;
	LIST_ENTRY(record) link;
	enum record_state state;
	int domid;         /* -1: not there */
	bool boot_pending; /* to be started at boot, in its turn */
	bool inherited;    /* from an earlier supervisor, whose jobs may still work on it */
	struct job *job;
	struct event *timer;
	struct guest_config g; /* parsed from config; valid while g_valid */
	bool g_valid;
	struct claim *claims;
	size_t claim_count;
	json_t *event_counts; /* how often each event was told; NULL: none was */
};

LIST_HEAD(record_list, record);
LIST_HEAD(job_list, job);
LIST_HEAD(client_list, client);

struct supervisor {
	struct event_base *base;
	struct toolstack t; /* t.xs is NULL while the store is away */
	struct event *listener, *listen_again, *store_ready, *store_retry, *tick, *recheck;
	struct inventory *journal;
	struct record_list records;
	struct job_list jobs;
	struct client_list clients;
	uint64_t next_client;
	json_t *events; /* array, the oldest first */
	uint64_t event_number;
	const char *metrics_file, *sysfs; /* "/sys", but for tests */
	bool fresh_boot;
};

/* Whom to answer. serial 0: nobody. */
struct request {
	uint64_t serial;
	json_int_t id;
};

/* record.c */
struct record *record_new(struct supervisor *s, const uint8_t uuid[16], const char *name);
struct record *record_by_name(struct supervisor *s, const char *name);
struct record *record_by_uuid(struct supervisor *s, const uint8_t uuid[16]);
/* By name, UUID or number. */
struct record *record_find(struct supervisor *s, const char *what);
/* Takes over a configuration after checking it; the record's name and UUID stay. */
int record_configure(struct record *r, const char *config, const char *where, const char *overrides,
		     const char *cwd, struct failure *f);
/* r->g from r->config. */
int record_parse(struct record *r, struct config_notes *notes, struct failure *f);
/* r->g from another configuration, until it is parsed again. */
int record_parse_other(struct record *r, const char *config, const char *where,
		       const char *overrides, struct failure *f);
/* To the journal; a record that is neither defined nor wanted leaves it. */
int record_save(struct supervisor *s, struct record *r);
void record_free(struct record *r);
void record_set_saved(struct record *r, const char *path);
/* Out of the list, the journal and memory. */
void record_drop(struct supervisor *s, struct record *r);
json_t *record_json(const struct record *r, bool with_config);
struct record *record_load(struct supervisor *s, json_t *value);
const char *record_state_name(enum record_state state);

/* claim.c: refuses a disk that another domain writes, or that would be written while used. */
int claim_take(struct supervisor *s, struct record *r, struct failure *f);
/* Of a domain that runs, by what the store says it has: disks come and go. */
int claim_take_live(struct supervisor *s, struct record *r, struct failure *f);
void claim_release(struct record *r);
/* Of one disk, by its number: it was taken from the guest, or did not get there. */
void claim_drop(struct supervisor *s, uint32_t domid, uint32_t number);
int claim_disk(struct supervisor *s, struct record *r, const struct guest_disk *d,
	       struct failure *f);

/*
 * job.c. `work` runs in a child process with handles of its own and fills in *result (may leave
 * it NULL) or *f. `done` runs here afterwards; result and f are its to read only.
 */
struct job_work {
	struct toolstack t;
	json_t *result;
	struct failure f;
	void (*progress)(void *arg, const char *step);
	void *arg;
};
typedef int (*job_work_fn)(struct job_work *w, void *arg);
typedef void (*job_done_fn)(struct supervisor *s, void *arg, json_t *result,
			    const struct failure *f);
struct job *job_start(struct supervisor *s, struct request req, const char *lock_name,
		      job_work_fn work, job_done_fn done, void *arg);
void job_reaped(struct supervisor *s);
/* Does a job of an earlier supervisor still work on this domain? */
bool job_elsewhere(const char *lock_name);

/*
 * life.c: the transitions of a record.
 *
 * paused, fail_after, restore   as in struct domain_options
 * config                        what to make this one domain of a defined guest from, instead of
 *                               its definition; with where, overrides (may be NULL) and cwd
 */
struct start_options {
	bool paused;
	const char *fail_after, *restore;
	const char *config, *where, *overrides, *cwd;
};

/* o NULL: nothing special. */
void life_start(struct supervisor *s, struct record *r, struct request req,
		const struct start_options *o);
void life_start_later(struct supervisor *s, struct record *r, unsigned int seconds);
/* `saved`: what it was is in this file; NULL: it is not wanted any more. */
void life_destroy(struct supervisor *s, struct record *r, struct request req, const char *saved);
/* A reason for life_ended(): never finished, to be destroyed and begun anew. */
#define LIFE_HALF_MADE END_COUNT
/* The hypervisor says that it has ended, for this reason. */
void life_ended(struct supervisor *s, struct record *r, unsigned int reason);
/* After dom0 has booted nothing runs: what ran is over, what starts by itself is due. */
void life_after_boot(struct supervisor *s);
/* The next of those, in their order, unless one is being started. */
void life_boot_next(struct supervisor *s);

/* watch.c */
void watch_start(struct supervisor *s);
/*
 * After calls of the store: events that were taken in while an answer was awaited do not make its
 * socket readable again.
 */
void watch_look(struct supervisor *s);
/* Compares what should be with what is. */
void watch_reconcile(struct supervisor *s);

/* event.c */
void event_tell(struct supervisor *s, struct record *r, const char *name, const char *what,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

/* server.c */
int server_listen(struct supervisor *s, const char *path, struct failure *f);
/* All clients lose their connection. */
void server_close(struct supervisor *s);
void server_result(struct supervisor *s, struct request req, json_t *result);
void server_error(struct supervisor *s, struct request req, const struct failure *f);
void server_progress(struct supervisor *s, struct request req, const char *step);
void server_event(struct supervisor *s, json_t *event);
bool server_follow(struct supervisor *s, struct request req);

/* methods.c */
enum role { ROLE_NONE, ROLE_VIEW, ROLE_ALL };
void methods_call(struct supervisor *s, struct request req, enum role role, const char *method,
		  json_t *params);

/* methods_device.c, methods_look.c */
void method_block_attach(struct supervisor *s, struct request req, json_t *p);
void method_block_detach(struct supervisor *s, struct request req, json_t *p);
void method_network_attach(struct supervisor *s, struct request req, json_t *p);
void method_network_detach(struct supervisor *s, struct request req, json_t *p);
void method_list(struct supervisor *s, struct request req, json_t *p);
void method_get(struct supervisor *s, struct request req, json_t *p);
void method_why(struct supervisor *s, struct request req, json_t *p);
void method_events(struct supervisor *s, struct request req, json_t *p);
void method_metrics(struct supervisor *s, struct request req, json_t *p);

/* metrics.c: the text is to be freed. */
enum metrics_form { METRICS_OPEN, METRICS_TEXTFILE };
char *metrics_text(struct supervisor *s, enum metrics_form form, struct failure *f);
/* To the file of --metrics, in one step. */
void metrics_write(struct supervisor *s);

#endif
