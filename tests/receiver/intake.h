/* SPDX-License-Identifier: MIT */
/*
 * Takes a batch in: its rows are checked, land, and are in the ledger, in this
 * order, before intake_take returns.  All or nothing, but for rows that the
 * store refuses one by one.  Any thread; batches are taken one at a time.
 */

#ifndef RECEIVER_INTAKE_H
#define RECEIVER_INTAKE_H

#include <pthread.h>
#include <stdint.h>

#include "landing.h"
#include "ledger.h"
#include "request.h"
#include "scenario.h"

struct intake {
	pthread_mutex_t lock;	 /* all below it */
	struct landing *landing; /* NULL: rows are checked only */
	struct ledger *ledger;	 /* NULL: none is kept */
	int64_t seq;		 /* of the last batch */
	uint64_t batches;
	uint64_t rows;
	uint64_t bytes;
	/* Immutable. */
	struct contract contract;
	int discard; /* rows are counted, not even checked */
};

struct taken {
	int64_t seq;
	size_t sent;
	size_t rows;
	json_t *errors; /* texts, of the first refused rows */
};

/* A destroyed intake closes both. */
void intake_init(struct intake *in, struct landing *landing, struct ledger *ledger);
void intake_done(struct intake *in);

/* 0, taken_done afterwards; -1 refused; -2 the server cannot go on. */
int intake_take(struct intake *in, const struct stream_request *request, struct slice body,
		const char *request_id, const struct action *action, struct taken *ret_taken,
		struct refusal *ret_refusal);
void taken_done(struct taken *taken);

#endif
