/* SPDX-License-Identifier: MIT */
/*
 * The HTTP server around the intake.
 *
 * server_init, server_start, then server_stop, which waits for the requests
 * under way; server_set_scenario_take any time between the first and the last.  A thread a connection, so that a delayed
 * answer holds nobody else up.  When the server cannot go on it sets `failed`
 * and sends its process SIGTERM.
 */

#ifndef RECEIVER_SERVER_H
#define RECEIVER_SERVER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "intake.h"
#include "scenario.h"

struct scenario_list;

struct server {
	/* Set by the caller before server_start, immutable afterwards. */
	const char *host;
	const char *port;
	const char *path;
	const char *key;
	const char *tls_cert; /* PEM text, or NULL: plain HTTP */
	const char *tls_key;
	const char *tls_client_ca; /* PEM text: who has no certificate of it is refused */
	int gzip;
	int quiet;
	struct intake *intake;

	/* Its own. */
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock; /* scenarios, stopping */
	pthread_cond_t stop;
	int stopping;
	struct scenario_list *scenarios; /* the newest first; older ones may be in use */
	atomic_int failed;
	atomic_uint_fast64_t requests;
	atomic_uint_fast64_t connections; /* that brought at least one of these */
	atomic_uint_fast64_t running;
	atomic_uint_fast64_t peak;
};

void server_init(struct server *s);
/* -1: *ret_error says why; the caller frees it. */
int server_start(struct server *s, char **ret_error);
unsigned server_port(const struct server *s);
/* Takes it over, also when it fails; NULL: none any more. */
int server_set_scenario_take(struct server *s, struct scenario *scenario);
struct scenario *server_scenario(struct server *s);
/* Also when it was not started. */
void server_stop(struct server *s);

/* Sleeps, but not beyond server_stop. */
void server_pause(struct server *s, unsigned ms);

#endif
