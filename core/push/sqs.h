/* SPDX-License-Identifier: MIT */
/*
 * Sends messages to one queue of AWS SQS: SendMessage by its JSON protocol, signed
 * by libcurl.  sqs_create reads environment and files and must come before
 * threads; then one thread drives it, but for sqs_cut.
 */

#ifndef PUSH_SQS_H
#define PUSH_SQS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secrets.h"
#include "push/sqs-reply.h"

struct sqs_config {
	const char *url;      /* of the queue */
	const char *endpoint; /* NULL: scheme and host of the queue's URL */
	const char *region;   /* NULL: see push/aws.h */
	const char *proxy;
	int allow_http;
	int64_t connect_timeout_ms, timeout_ms;
	struct secrets *secrets; /* lives as long */
};

struct sqs;

/* config and its texts are read here only.  ERR_CONFIG: URL, region, no credentials. */
struct sqs *sqs_create(const struct sqs_config *config, struct error *err);
void sqs_destroy(struct sqs *s); /* NULL is allowed */

/*
 * Sends a body of at most LIMIT_SQS_BYTES and waits for the answer.  In FIFO queues
 * `group` orders messages, and one with the same body and `seed` is taken once.
 * 0 when SQS has confirmed it; else -1 with ERR_TEMPORARY (try again), ERR_CANCELLED
 * (cut), or what an operator has to mend.
 */
int sqs_send(struct sqs *s, const char *body, size_t len, const char *group, int64_t seed,
	     struct error *err);

/* The request under way, and any later one, ends at once. */
void sqs_cut(struct sqs *s);

#endif
