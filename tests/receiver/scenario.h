/* SPDX-License-Identifier: MIT */
/*
 * Scripted faults: rules that decide what happens to a request.
 *
 * A scenario is loaded once and immutable but for the counters of its rules,
 * which have their own lock: any thread may ask.  Actions belong to the scenario.
 */

#ifndef RECEIVER_SCENARIO_H
#define RECEIVER_SCENARIO_H

#include <jansson.h>
#include <stdint.h>

#include "scan.h"

struct scenario;

/* How an answer departs from the normal one; zero is the normal answer. */
struct reaction {
	unsigned delay_ms;     /* before the answer, after the batch was taken in */
	int status;	       /* 0: the normal status */
	const json_t *headers; /* object of strings, or NULL */
	const char *body;      /* NULL: the normal or a default one */
	size_t body_len;
	const char *content_type; /* NULL: application/json */
	int64_t pad_bytes;	  /* spaces behind the body */
	const char *location;
	int64_t cut_after; /* bytes of the body before the connection is closed; -1: all */
	unsigned bytes_per_second;
	const char *raw; /* bytes instead of an HTTP response */
	size_t raw_len;
	const char *raw_file; /* likewise, the bytes of this file */
	int reset;
};

struct action {
	unsigned delay_ms;	    /* before anything */
	struct reaction answer;	    /* instead of taking the batch in */
	int accept;		    /* take it in first; then `answer` applies to the result */
	const json_t *reject_rows;  /* array of indexes, or NULL */
	const char *reject_holding; /* text, or NULL */
	int wrong_counts;
	const json_t *patch; /* object whose members replace those of the answer, or NULL */
};

struct scenario_event {
	uint64_t request;  /* from 1 */
	const char *table; /* NULL: unknown */
	struct slice body; /* decoded */
	int early;	   /* nothing of the body is known yet */
};

/* NULL: *ret_error says why; the caller frees it. */
struct scenario *scenario_load(const char *path, char **ret_error);
void scenario_destroy(struct scenario *scenario);

/* Some rule answers with raw bytes, which only a connection without TLS can. */
int scenario_has_raw(const struct scenario *scenario);

/* The action of the first rule that matches, counted as used; NULL: none. */
const struct action *scenario_match(struct scenario *scenario, const struct scenario_event *event);

#endif
