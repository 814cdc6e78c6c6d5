/* SPDX-License-Identifier: MIT */
/* What the contract asks of a request before its body. */

#ifndef RECEIVER_HEAD_H
#define RECEIVER_HEAD_H

#include "request.h"

struct head {
	const char *path;
	const char *method;
	const char *authorization; /* each header: NULL when absent */
	const char *content_type;
	const char *content_encoding;
};

struct head_rules {
	const char *path;
	const char *key;
	int gzip; /* accepted */
};

/* 0, *ret_gzip says whether the body is compressed; -1 with the refusal. */
int head_check(const struct head *head, const struct head_rules *rules, int *ret_gzip,
	       struct refusal *ret_refusal);

/* The client's request id when it is fit to be repeated, else one of our own; allocated. */
char *head_request_id(const char *from_client);

#endif
