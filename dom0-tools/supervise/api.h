/* SPDX-License-Identifier: MIT */
/*
 * The supervisor's protocol, for both ends: a unix stream socket; one JSON object a line.
 *
 *	request   {"id": N, "method": NAME, "params": {...}}
 *	progress  {"id": N, "progress": STEP}                        any number, for long calls
 *	answer    {"id": N, "result": VALUE}
 *	          {"id": N, "error": {"errno": E, "message": TEXT}}  the text names cause and cure
 *	event     {"event": {...}}                                   after events {"follow": true}
 *
 * Requests of one connection are answered in any order; "id" tells which is meant. The method
 * "schema" describes all methods: name, role, parameters, result.
 *
 * Who may call what is decided by the caller's user and groups, which the kernel tells: root and
 * the group dais may do everything, the group dais-view may look, others are refused: one answer,
 * and the connection ends. Who may only look has 16 connections at most, and lines of 64 KiB.
 */
#ifndef SUPERVISE_API_H
#define SUPERVISE_API_H

#define API_SOCKET     "/run/dais/supervise"
#define API_PID_FILE   "/run/dais/supervise.pid" /* of one that a client starts */
#define API_GROUP_ALL  "dais"
#define API_GROUP_VIEW "dais-view"
#define API_LINE_MAX   (4u << 20) /* bytes of a request */

#endif
