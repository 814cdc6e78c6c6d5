/* SPDX-License-Identifier: MIT */
/* The bodies of the answers, as the API writes them. */

#ifndef RECEIVER_REPLY_H
#define RECEIVER_REPLY_H

#include "intake.h"
#include "request.h"

/* Each returns allocated JSON text, NULL without memory. */

/* {"detail": text}, or for 422 {"detail": [{"loc","msg","type"}]}. */
char *reply_refused(const struct refusal *refusal);
char *reply_detail(const char *text);

/* The answer to a batch that was taken in, with what the scenario changes in it. */
char *reply_taken(const struct stream_request *request, const struct taken *taken,
		  const char *request_id, const struct action *action);

#endif
