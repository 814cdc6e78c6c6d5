/* SPDX-License-Identifier: MIT */
/* The command line of the receiver. */

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <defsync/version.h>

enum kind {
	KIND_TEXT,
	KIND_FLAG,
	KIND_SIZE,
	KIND_LISTEN,
	KIND_FLAVOR,
	KIND_HELP,
	KIND_VERSION
};

struct option_entry {
	const char *name;
	enum kind kind;
	size_t offset; /* in struct options */
	const char *argument;
	const char *help;
};

#define AT(field) offsetof(struct options, field)

static const struct option_entry entries[] = {
    {"listen", KIND_LISTEN, 0, "HOST:PORT", "address; port 0 takes a free one (127.0.0.1:0)"},
    {"port-file", KIND_TEXT, AT(port_file), "FILE", "receives the port once it is ready"},
    {"tls-cert", KIND_TEXT, AT(tls_cert), "FILE", "certificate chain: serve HTTPS"},
    {"tls-key", KIND_TEXT, AT(tls_key), "FILE", "its private key"},
    {"tls-client-ca", KIND_TEXT, AT(tls_client_ca), "FILE", "clients need a certificate of it"},
    {"key", KIND_TEXT, AT(key), "KEY", "bearer key (DEFSYNC_RECEIVER_KEY, else test-key)"},
    {"database", KIND_TEXT, AT(database), "FILE", "SQLite file in which rows land"},
    {"ledger", KIND_TEXT, AT(ledger), "FILE", "a JSON line per batch, synced before the answer"},
    {"ledger-rows", KIND_FLAG, AT(ledger_rows), NULL, "a line per row too"},
    {"discard", KIND_FLAG, AT(discard), NULL, "count rows, do not check or keep them"},
    {"no-database", KIND_FLAG, AT(discard), NULL, "the same"},
    {"scenario", KIND_TEXT, AT(scenario), "FILE", "scripted faults; read again on SIGHUP"},
    {"path", KIND_TEXT, AT(path), "PATH", "of the endpoint (/v2/stream)"},
    {"flavor", KIND_FLAVOR, 0, "cloud|onprem", "onprem: /api/v1/stream, mode replace, long keys"},
    {"limit-bytes", KIND_SIZE, AT(contract.body_bytes), "N", "of a body (10000000)"},
    {"limit-rows", KIND_SIZE, AT(contract.rows), "N", "of a batch (50000)"},
    {"limit-field", KIND_SIZE, AT(contract.field_bytes), "N", "bytes of a field (1000000)"},
    {"no-gzip", KIND_FLAG, AT(no_gzip), NULL, "refuse compressed bodies"},
    {"exit-with-parent", KIND_FLAG, AT(exit_with_parent), NULL, "end when the caller ends"},
    {"quiet", KIND_FLAG, AT(quiet), NULL, "no line per request"},
    {"help", KIND_HELP, 0, NULL, "this text"},
    {"version", KIND_VERSION, 0, NULL, "the version"},
};

#define N_ENTRIES (sizeof(entries) / sizeof(*entries))

/* A body is held in memory whole. */
#define SIZE_LIMIT 1000000000UL

static void print_help(void)
{
	puts("usage: defsync-receiver [options]\n"
	     "Serves the Stream API's contract on this machine, for tests and trials.\n");
	for (size_t i = 0; i < N_ENTRIES; i++)
		printf("  --%s%s%-*s %s\n", entries[i].name, entries[i].argument ? " " : "",
		       (int)(24 - strlen(entries[i].name) - (entries[i].argument ? 1 : 0)),
		       entries[i].argument ? entries[i].argument : "", entries[i].help);
}

static int parse_size(const char *text, size_t *ret_size)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || value == 0 || value > SIZE_LIMIT)
		return -1;
	*ret_size = value;
	return 0;
}

/* HOST:PORT, [HOST]:PORT or PORT alone. */
static int parse_listen(const char *text, struct options *o)
{
	const char *colon = strrchr(text, ':');
	const char *host = colon ? text : "127.0.0.1";
	size_t n = colon ? (size_t)(colon - text) : strlen(host);

	if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	}
	if (n == 0)
		return -1;
	free(o->host);
	free(o->port);
	o->host = strndup(host, n);
	o->port = strdup(colon ? colon + 1 : text);
	return o->host && o->port && *o->port ? 0 : -1;
}

static int parse_flavor(const char *text, struct options *o)
{
	o->contract.onprem = strcmp(text, "onprem") == 0;
	return o->contract.onprem || strcmp(text, "cloud") == 0 ? 0 : -1;
}

static int apply(const struct option_entry *entry, const char *argument, struct options *o)
{
	char *base = (char *)o;

	switch (entry->kind) {
	case KIND_TEXT:
		*(const char **)(base + entry->offset) = argument;
		return 0;
	case KIND_FLAG:
		*(int *)(base + entry->offset) = 1;
		return 0;
	case KIND_SIZE:
		return parse_size(argument, (size_t *)(base + entry->offset));
	case KIND_LISTEN:
		return parse_listen(argument, o);
	case KIND_FLAVOR:
		return parse_flavor(argument, o);
	case KIND_HELP:
		print_help();
		return 1;
	default:
		puts("defsync-receiver " DEFSYNC_VERSION);
		return 1;
	}
}

static int check(struct options *o)
{
	const char *wrong = NULL;

	if (!o->tls_cert != !o->tls_key)
		wrong = "--tls-cert and --tls-key belong together";
	else if (o->tls_client_ca && !o->tls_cert)
		wrong = "--tls-client-ca needs --tls-cert";
	else if (o->discard && o->database)
		wrong = "--discard keeps no rows; drop --database";
	else if (o->ledger_rows && !o->ledger)
		wrong = "--ledger-rows needs --ledger";
	else if (!*o->key)
		wrong = "the key is empty";
	else if (*o->path != '/')
		wrong = "--path must begin with a slash";
	if (wrong)
		fprintf(stderr, "defsync-receiver: %s\n", wrong);
	return wrong ? -1 : 0;
}

static int parse_all(int argc, char **argv, struct options *o)
{
	struct option table[N_ENTRIES + 1] = {0};
	int index = 0;
	int c;

	for (size_t i = 0; i < N_ENTRIES; i++)
		table[i] = (struct option){
		    .name = entries[i].name,
		    .has_arg = entries[i].argument ? required_argument : no_argument,
		};
	while ((c = getopt_long(argc, argv, "", table, &index)) != -1) {
		int rc = c == 0 ? apply(&entries[index], optarg, o) : -1;

		if (rc < 0 && c == 0)
			fprintf(stderr, "defsync-receiver: --%s: wrong value: '%s'\n",
				entries[index].name, optarg ? optarg : "");
		if (rc)
			return rc;
	}
	if (optind == argc)
		return 0;
	fprintf(stderr, "defsync-receiver: unexpected argument: '%s'\n", argv[optind]);
	return -1;
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options *o = ret_options;
	const char *key = getenv("DEFSYNC_RECEIVER_KEY");
	int rc;

	*o = (struct options){
	    .key = key ? key : "test-key",
	    .contract = {.body_bytes = 10000000,
			 .rows = 50000,
			 .field_bytes = 1000000,
			 .depth = 10},
	};
	rc = parse_all(argc, argv, o);
	if (rc)
		return rc;
	if (!o->host && parse_listen("127.0.0.1:0", o) < 0)
		return -1;
	if (!o->path)
		o->path = o->contract.onprem ? "/api/v1/stream" : "/v2/stream";
	return check(o);
}

void options_done(struct options *options)
{
	free(options->host);
	free(options->port);
}
