/* SPDX-License-Identifier: MIT */
/*
 * What of a batch is being sent: all of it, or rows [from, to) while it is being
 * divided; the bytes, which a retry repeats, and the state of their tries.
 * The sender thread's.
 */

#ifndef PUSH_PART_H
#define PUSH_PART_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/random.h"
#include "push/bisect.h"

struct batch;
struct gzip;
struct named;
struct push_target;

struct part {
	struct bisect bisect;
	int divided; /* bisect is in use */
	int ready;   /* the bytes below are those of the range */
	int plain;   /* not compressed, whatever the rules say */
	int doubted; /* the same rows were refused compressed: that may be the reason */

	struct named *named; /* rows that the API named, not proven yet; or NULL */

	uint32_t from, to;
	const char *bytes; /* in the batch, in body or in packed */
	size_t len;
	size_t raw_len; /* before compression */
	int gzip;
	struct buf body, packed;
	char request_id[RANDOM_UUID_TEXT];

	unsigned attempts;			 /* of these bytes */
	int64_t first_failure_us, not_before_us; /* monotonic; 0 none */
	int64_t began_us;			 /* the last try */
};

struct part_rules {
	const struct push_target *target;
	int replace;	   /* nothing was taken yet of a load that replaces */
	size_t max_bytes;  /* larger ranges are halved first */
	struct gzip *gzip; /* NULL: as it is */
};

struct part *part_create(const struct batch *b);
void part_destroy(struct part *pt); /* NULL is allowed */

/* Makes the bytes of the current range, unless they are ready. */
int part_prepare(struct part *pt, const struct batch *b, const struct part_rules *rules,
		 struct error *err);

/* The range is dealt with, or was divided: 1 when another one is to be sent, 0 at the end. */
int part_next(struct part *pt);

/* Are these all rows of the batch? */
int part_is_whole(const struct part *pt, const struct batch *b);

#endif
