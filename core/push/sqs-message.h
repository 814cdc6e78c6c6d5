/* SPDX-License-Identifier: MIT */
/*
 * A message for SQS out of dead letters with the same target and the same error:
 *
 *	{"table":TARGET,"rows":[PAYLOAD,...],"error":MESSAGE}
 *
 *	sqs_message_init -> sqs_message_add ... until 0 -> sqs_message_end
 *	                 -> sqs_message_reset -> ...            -> sqs_message_done
 *
 * It is never longer than LIMIT_SQS_BYTES: a row that is too large alone is
 * replaced by words that say where it is.  A payload that is no JSON goes as a
 * string.  Characters that SQS refuses are written as JSON escapes.
 */

#ifndef PUSH_SQS_MESSAGE_H
#define PUSH_SQS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "store/store.h"

struct sqs_message {
	struct buf body;
	struct buf tail;   /* what comes behind the rows */
	struct buf row;	   /* scratch */
	struct buf target; /* the table's name as it is */
	int64_t ids[LIMIT_SQS_ROWS];
	size_t n; /* letters in it */
};

void sqs_message_init(struct sqs_message *m);
void sqs_message_done(struct sqs_message *m);
void sqs_message_reset(struct sqs_message *m);

/* 1 taken; 0 it belongs to the next message; -1 without memory. */
int sqs_message_add(struct sqs_message *m, const struct dead_letter *d, struct error *err);
/* Completes the body; -1 without memory. */
int sqs_message_end(struct sqs_message *m, struct error *err);

#endif
