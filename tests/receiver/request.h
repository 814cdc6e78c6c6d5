/* SPDX-License-Identifier: MIT */
/*
 * A decoded request body: the envelope {"config":{...},"data":[...]}.
 *
 * request_parse checks the envelope and finds the rows; row_check checks one
 * row at a time.  Rows stay slices of the body, which must outlive the request.
 * A refusal is what the API answers instead; refusal_done frees its text.
 */

#ifndef RECEIVER_REQUEST_H
#define RECEIVER_REQUEST_H

#include <jansson.h>
#include <stddef.h>

#include "scan.h"

/* What the server holds its clients to. */
struct contract {
	size_t body_bytes;
	size_t rows;
	size_t field_bytes;
	unsigned depth; /* the row object is level 1 */
	int onprem;	/* mode replace, keys of several columns */
};

enum stream_mode {
	MODE_APPEND,
	MODE_MERGE,
	MODE_REPLACE
};

struct refusal {
	int status;
	char *text;
	const char *field; /* of config, for the 422 form; NULL: a plain text */
};

struct stream_row {
	struct slice text;
	unsigned depth;
};

struct stream_request {
	json_t *config; /* owns table, key and tags */
	const char *table;
	enum stream_mode mode;
	json_t *key; /* array of strings, NULL unless merge */
	int wait;
	struct stream_row *rows;
	size_t n_rows;
	size_t cap_rows;
};

/* 0, or -1 with the refusal; request_done in both cases. */
int request_parse(struct slice body, const struct contract *contract,
		  struct stream_request *ret_request, struct refusal *ret_refusal);
void request_done(struct stream_request *request);
const char *request_mode_name(enum stream_mode mode);

/*
 * One row, parsed; NULL with the refusal of the whole batch.  `seen` is an
 * object that the caller keeps for the batch, the set of its merge keys.
 */
json_t *row_check(const struct stream_request *request, size_t index,
		  const struct contract *contract, json_t *seen, struct refusal *ret_refusal);

/* Always -1, so that a check can return it. */
int refuse(struct refusal *refusal, int status, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void refusal_done(struct refusal *refusal);

#endif
