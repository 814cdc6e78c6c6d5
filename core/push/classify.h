/* SPDX-License-Identifier: MIT */
/*
 * What one answer means.  A pure function: transport result, HTTP status and
 * parsed reply to a verdict; one row of its test a case.
 */

#ifndef PUSH_CLASSIFY_H
#define PUSH_CLASSIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "push/reply.h"

enum verdict {
	VERDICT_DELIVERED, /* all rows confirmed: 2xx, parsed, success, counts add up */
	VERDICT_RETRY,	   /* the same bytes again, after a pause */
	VERDICT_SPLIT,	   /* too large: halves */
	VERDICT_ISOLATE,   /* some row is refused: bisect */
	VERDICT_PARTIAL,   /* 2xx with rejected rows */
	VERDICT_STOP	   /* ends the run; nothing moved, nothing dead-lettered */
};

struct answer {
	int curl_code; /* 0: there is a status */
	int status;
	size_t sent_rows;
	int is_json;	       /* content type says so, or there is none */
	unsigned attempts;     /* tries of this batch, with this one */
	unsigned odd_in_a_row; /* 2xx before this one that were no acknowledgement */
	const struct reply *reply;
};

struct ruling {
	enum verdict verdict;
	enum error_class class; /* STOP: ERR_API; RETRY: ERR_TEMPORARY */
	int odd;		/* a 2xx that is no acknowledgement */
	int overload;		/* RETRY: a sign that fewer requests would be better */
	const char *what;	/* static: "the key is refused (401)" */
	const char *todo;	/* static: "check api.key", or NULL */
};

struct ruling classify(const struct answer *a);
const char *verdict_name(enum verdict v);

#endif
