/* SPDX-License-Identifier: MIT */
/* defsync-receiver: the Stream API's contract as a real server, for tests and trials. */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "options.h"
#include "server.h"

static int complain(const char *what, const char *subject, char *why)
{
	fprintf(stderr, "defsync-receiver: %s: '%s': %s\n", what, subject,
		why ? why : "out of memory");
	free(why);
	return -1;
}

/* A whole text file; NULL after a complaint. */
static char *read_text(const char *what, const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t cap = 0;

	if (!in || getdelim(&text, &cap, '\0', in) < 0) {
		complain(what, path, strdup(in ? "nothing in it" : strerror(errno)));
		free(text);
		text = NULL;
	}
	if (in)
		fclose(in);
	return text;
}

/* Whoever waits for the file never sees half a number. */
static int write_port(const char *path, unsigned port)
{
	char *temporary = NULL;
	FILE *out;
	int rc = -1;

	if (asprintf(&temporary, "%s.tmp", path) < 0)
		return -1;
	out = fopen(temporary, "we");
	if (out) {
		int printed = fprintf(out, "%u\n", port);

		if (fclose(out) == 0 && printed > 0)
			rc = rename(temporary, path);
	}
	if (rc < 0)
		complain("--port-file", path, strdup(strerror(errno)));
	free(temporary);
	return rc;
}

static int load_scenario(struct server *server, const char *path)
{
	char *why = NULL;
	struct scenario *scenario;

	if (!path)
		return 0;
	scenario = scenario_load(path, &why);
	if (scenario && server->tls_cert && scenario_has_raw(scenario)) {
		scenario_destroy(scenario);
		scenario = NULL;
		why = strdup("'raw' does not go through TLS");
	}
	if (!scenario)
		return complain("scenario", path, why);
	return server_set_scenario_take(server, scenario);
}

static int open_intake(const struct options *o, struct intake *intake)
{
	struct landing *landing = NULL;
	struct ledger *ledger = NULL;
	char *why = NULL;

	if (o->database) {
		landing = landing_open(o->database, &why);
		if (!landing)
			return complain("--database", o->database, why);
	}
	if (o->ledger) {
		ledger = ledger_open(o->ledger, o->ledger_rows, &why);
		if (!ledger) {
			landing_close(landing);
			return complain("--ledger", o->ledger, why);
		}
	}
	intake_init(intake, landing, ledger);
	return 0;
}

/* Until SIGTERM or SIGINT; SIGHUP reads the scenario again, keeping the old one if it is wrong. */
static void wait_for_end(const sigset_t *signals, struct server *server, const char *scenario)
{
	int sig = 0;

	while (sigwait(signals, &sig) == 0 && sig == SIGHUP)
		if (load_scenario(server, scenario) == 0)
			fprintf(stderr, "defsync-receiver: scenario: read again\n");
}

static int serve(const struct options *o, struct server *server, const sigset_t *signals)
{
	char *why = NULL;
	unsigned port;
	int rc = -1;

	server_init(server);
	if (load_scenario(server, o->scenario) < 0)
		goto out;
	if (server_start(server, &why) < 0) {
		fprintf(stderr, "defsync-receiver: %s\n", why ? why : "out of memory");
		free(why);
		goto out;
	}
	port = server_port(server);
	if (o->port_file && write_port(o->port_file, port) < 0)
		goto out;
	if (!server->quiet)
		fprintf(stderr, "defsync-receiver: listening on %s://%s:%u%s\n",
			server->tls_cert ? "https" : "http", server->host, port, server->path);
	wait_for_end(signals, server, o->scenario);
	rc = 0;
out:
	server_stop(server);
	return rc < 0 || atomic_load(&server->failed) ? -1 : 0;
}

static int run(const struct options *o, const sigset_t *signals)
{
	struct intake intake = {.contract = o->contract, .discard = o->discard};
	struct server server = {
	    .host = o->host,
	    .port = o->port,
	    .path = o->path,
	    .key = o->key,
	    .gzip = !o->no_gzip,
	    .quiet = o->quiet,
	    .intake = &intake,
	};
	char *cert = o->tls_cert ? read_text("--tls-cert", o->tls_cert) : NULL;
	char *key = o->tls_key ? read_text("--tls-key", o->tls_key) : NULL;
	char *ca = o->tls_client_ca ? read_text("--tls-client-ca", o->tls_client_ca) : NULL;
	int rc = -1;

	server.tls_cert = cert;
	server.tls_key = key;
	server.tls_client_ca = ca;
	if ((cert || !o->tls_cert) && (key || !o->tls_key) && (ca || !o->tls_client_ca) &&
	    open_intake(o, &intake) == 0) {
		rc = serve(o, &server, signals);
		intake_done(&intake);
	}
	free(cert);
	free(key);
	free(ca);
	return rc;
}

/* Every thread inherits the mask, so that the signals come to wait_for_end alone. */
static void block_signals(sigset_t *ret_signals)
{
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(ret_signals);
	sigaddset(ret_signals, SIGTERM);
	sigaddset(ret_signals, SIGINT);
	sigaddset(ret_signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
}

int main(int argc, char **argv)
{
	struct options options;
	sigset_t signals;
	pid_t parent = getppid();
	int rc = options_parse(argc, argv, &options);

	if (rc == 0) {
		block_signals(&signals);
		if (options.exit_with_parent) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			/* It may have ended before that. */
			if (getppid() != parent)
				raise(SIGTERM);
		}
		json_object_seed(0);
		rc = run(&options, &signals) < 0 ? 1 : 0;
	} else {
		rc = rc < 0 ? 2 : 0;
	}
	options_done(&options);
	return rc;
}
