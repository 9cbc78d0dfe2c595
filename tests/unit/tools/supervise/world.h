/* SPDX-License-Identifier: MIT */
/*
 * A supervisor without a hypervisor, a store or child processes: the domains there are, figures of
 * the machine, and the jobs that were begun are plain data here. One world, made anew for each
 * test. Single-threaded.
 */
#ifndef TEST_SUPERVISE_WORLD_H
#define TEST_SUPERVISE_WORLD_H

#include "supervise/supervise.h"

#define WORLD_DOMAINS 8

/*
 * domains    as the hypervisor lists them, `names` as the store has them
 * uid, groups  who calls, for connections made from now on
 * accept_error  what accept4() gives, 0: it works; accepts: how often it was asked
 * destroy_error  what destroying a domain comes to
 * job        the job that was begun last, until world_job_ends()
 */
struct world {
	struct supervisor s;
	struct xen_domctl_getdomaininfo domains[WORLD_DOMAINS];
	const char *names[WORLD_DOMAINS];
	size_t count;
	unsigned int uid, gid, groups[4], group_count;
	int accept_error, destroy_error;
	size_t accepts;
	struct job *job;
	size_t jobs, destroyed;
	char folder[64], socket[96];
};

extern struct world world;

/* Members of these groups are what API_GROUP_ALL and API_GROUP_VIEW name. */
#define WORLD_GROUP_ALL  1001
#define WORLD_GROUP_VIEW 1002

void world_begin(void);
void world_end(void);
struct xen_domctl_getdomaininfo *world_domain(uint32_t domid, const char *name);
/* The supervisor dies and the next one reads the journal; a job of life.c is nobody's any more. */
void world_next_supervisor(void);
/* The job says it is at a step, or is over: with a result (released), or refused. */
void world_job_progress(const char *step);
void world_job_ends(json_t *result, int error, const char *message);

/* The job's work is done, here, and it ends as that did. */
void world_job_works(void);

/* A client of the socket. What it sends and receives passes through the event loop. */
struct talker {
	int fd;
	char *text;
	size_t len, room;
	bool ended;
};

void talker_open(struct talker *t);
void talker_close(struct talker *t);
void talker_send(struct talker *t, const char *bytes, size_t len);
/* The next message (to be released); NULL when the connection ended. Fails after a while. */
json_t *talker_next(struct talker *t);
/* One call: its answer, whatever came in between is dropped. params is released. */
json_t *talker_call(struct talker *t, const char *method, json_t *params);
/* The number of the error a call is answered with, 0 when it worked. */
int talker_errno(struct talker *t, const char *method, json_t *params);
/* Nothing is waiting. */
bool talker_quiet(struct talker *t);

#endif
