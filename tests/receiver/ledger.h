/* SPDX-License-Identifier: MIT */
/*
 * The ledger: one JSON line per accepted batch, on the disk before the answer.
 *
 * With rows, a line per row comes before the batch's line, in the same write:
 * a batch counts when its own line is whole.  The caller serialises the calls.
 */

#ifndef RECEIVER_LEDGER_H
#define RECEIVER_LEDGER_H

#include <stdint.h>

#include "request.h"

struct ledger;

/* Appends to what is there; an unfinished last line is cut off. */
struct ledger *ledger_open(const char *path, int with_rows, char **ret_error);
void ledger_close(struct ledger *ledger);
/* Of the last batch in it, 0 when there is none. */
int64_t ledger_last_seq(const struct ledger *ledger);

struct ledger_batch {
	int64_t seq;
	const char *request_id;
	const char *at;
	const struct stream_request *request;
	const unsigned char *refused; /* per row, not 0: did not land */
	size_t rows;		      /* that landed */
	struct slice body;
};

/* 0 once it is on the disk; -1 with errno: then nobody knows what is, and the server must end. */
int ledger_append(struct ledger *ledger, const struct ledger_batch *batch);

#endif
