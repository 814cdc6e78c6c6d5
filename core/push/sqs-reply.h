/* SPDX-License-Identifier: MIT */
/*
 * What one answer of SQS to a SendMessage means.  Pure functions, on hostile
 * input; one row of the test a case.
 */

#ifndef PUSH_SQS_REPLY_H
#define PUSH_SQS_REPLY_H

#include <stddef.h>

#include "base/error.h"
#include "base/limits.h"

struct sqs_reply {
	int parsed; /* a JSON object, no duplicate keys */
	char message_id[128];
	char md5[64];	/* MD5OfMessageBody; room for more than one has */
	char type[128]; /* of an error, without its name space; "" none */
	char message[LIMIT_MESSAGE_BYTES];
};

void sqs_reply_parse(const char *body, size_t len, struct sqs_reply *ret);

enum sqs_outcome {
	SQS_SENT,      /* 200, a MessageId, and the MD5 of what was sent */
	SQS_TRANSIENT, /* the same again, after a pause */
	SQS_EXPIRED,   /* once more with new credentials, if there are any; else refused */
	SQS_REFUSED    /* an operator has to look */
};

struct sqs_answer {
	int curl_code; /* 0: there is a status */
	int status;
	const char *md5;       /* of the body that was sent */
	unsigned odd_in_a_row; /* 200 before this one that confirmed nothing */
	const struct sqs_reply *reply;
};

struct sqs_ruling {
	enum sqs_outcome outcome;
	enum error_class class; /* ERR_API, ERR_TEMPORARY; ERR_NONE when sent */
	int odd;		/* a 200 that is no confirmation */
	const char *what;	/* static */
	const char *todo;	/* static, or NULL */
};

struct sqs_ruling sqs_classify(const struct sqs_answer *a);

#endif
