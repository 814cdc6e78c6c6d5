/* SPDX-License-Identifier: MIT */
/* The command line of the receiver. */

#ifndef RECEIVER_OPTIONS_H
#define RECEIVER_OPTIONS_H

#include "request.h"

struct options {
	char *host; /* with port: allocated */
	char *port;
	const char *port_file;
	const char *tls_cert;
	const char *tls_key;
	const char *tls_client_ca;
	const char *key;
	const char *database;
	const char *ledger;
	const char *scenario;
	const char *path;
	struct contract contract;
	int ledger_rows;
	int discard;
	int no_gzip;
	int quiet;
	int exit_with_parent;
};

/* 0; 1 it was --help or --version, answered; -1 wrong, explained on stderr. */
int options_parse(int argc, char **argv, struct options *ret_options);
void options_done(struct options *options);

#endif
