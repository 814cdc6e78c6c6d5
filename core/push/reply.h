/* SPDX-License-Identifier: MIT */
/* The API's answer, read once: counts, or the reason of a refusal.  Hostile input. */

#ifndef PUSH_REPLY_H
#define PUSH_REPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

struct reply {
	int parsed;  /* a JSON object of the contract's shape, no duplicate keys */
	int success; /* 1, 0; -1 absent */
	int64_t accepted, successful_rows, rejected_rows; /* -1 absent or not a count */
	char request_id[128];
	/* The first reason, printable, at most 1 KiB; "" none. */
	char message[LIMIT_MESSAGE_BYTES];
};

/*
 * The message comes from errors, detail (string, object, list of objects),
 * message, error, in this order, else from the raw text.
 */
void reply_parse(const char *body, size_t len, struct reply *ret);

/* Printable one-line text of anything: control and ANSI characters out, UTF-8 kept whole. */
void reply_sanitise(const char *p, size_t n, char *out, size_t out_size);

#endif
