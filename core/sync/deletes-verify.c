/* SPDX-License-Identifier: MIT */
/*
 * detect_deletes: does what was found to be gone explain where the sets differ?
 *
 * It was added to the sums, so a bucket that now is even lacks just these keys: the list
 * and the lookups agree.  Where a bucket stays odd, the source has keys that are not
 * known, such as new ones, or a lookup failed to find what is there (a value whose text
 * its server does not take back).  A second list tells which.
 */

#include <stdlib.h>
#include <string.h>

#include "sync/deletes.h"

#define DOUBTFUL_MAX ((size_t)1 << 20)
#define ODD_FREE 64  /* so many buckets may stay odd, */
#define ODD_SHARE 64 /* and one in so many */

static int compare_hash(const void *a, const void *b)
{
	return memcmp(a, b, ROW_HASH_BYTES);
}

static size_t count_odd(const struct deletes *d)
{
	size_t n = 0, bucket;

	for (size_t at = 0; key_set_next(&d->set, at, &bucket); at = bucket + 1)
		n++;
	return n;
}

/* ---- Keys in doubt --------------------------------------------------------------------- */

static int add_doubtful(struct deletes *d, const unsigned char *hash, struct error *err)
{
	if (d->n_doubtful == DOUBTFUL_MAX)
		return error_set(err, ERR_SOURCE,
				 "%s: detect_deletes: more than %zu keys are not found but may be "
				 "there; run again when the table is at rest",
				 d->t->where, DOUBTFUL_MAX);
	if (d->n_doubtful == d->cap_doubtful) {
		size_t cap = d->cap_doubtful > 0 ? 2 * d->cap_doubtful : 256;
		void *more = reallocarray(d->doubtful, cap, sizeof(*d->doubtful));

		if (more == NULL)
			return error_nomem(err);
		d->doubtful = more;
		d->cap_doubtful = cap;
	}
	memcpy(d->doubtful[d->n_doubtful++], hash, ROW_HASH_BYTES);
	return 0;
}

static int doubt_piece(struct deletes *d, struct error *err)
{
	const char *end = d->found.data + d->found.len;
	unsigned char hash[ROW_HASH_BYTES];

	for (const char *p = d->found.data; p < end; p += strlen(p) + 1) {
		if (row_hash_text(p, strlen(p), hash) < 0)
			return error_nomem(err);
		if (key_set_differs(&d->set, hash) && add_doubtful(d, hash, err) < 0)
			return -1;
	}
	return 0;
}

static int find_doubtful(struct deletes *d, struct error *err)
{
	int64_t after = 0;
	int rc;

	while ((rc = store_keys_found(d->t->run->store, d->t->stored.id, &after, &d->found, err)) >
	       0) {
		if (doubt_piece(d, err) < 0 || deletes_look(d, err) < 0)
			return -1;
	}
	buf_reset(&d->found);
	if (rc < 0 || d->n_doubtful == 0)
		return rc;
	qsort(d->doubtful, d->n_doubtful, sizeof(*d->doubtful), compare_hash);
	d->there = calloc(d->n_doubtful, 1);
	return d->there != NULL ? 0 : error_nomem(err);
}

static unsigned char *find_there(const struct deletes *d, const unsigned char *hash)
{
	const unsigned char(*at)[ROW_HASH_BYTES];

	if (d->n_doubtful == 0)
		return NULL;
	at = bsearch(hash, d->doubtful, d->n_doubtful, sizeof(*d->doubtful), compare_hash);
	return at != NULL ? &d->there[at - d->doubtful] : NULL;
}

int deletes_is_there(const struct deletes *d, const char *text)
{
	unsigned char hash[ROW_HASH_BYTES];
	const unsigned char *there;

	if (d->n_doubtful == 0)
		return 0;
	if (row_hash_text(text, strlen(text), hash) < 0)
		return 1;
	there = find_there(d, hash);
	return there != NULL && *there;
}

/* ---- The second list ---------------------------------------------------------------------- */

static int acquit(struct deletes *d, const unsigned char *hash)
{
	unsigned char *there = find_there(d, hash);

	if (there == NULL)
		return 0;
	if (!*there) {
		*there = 1;
		d->gone_n--;
		d->unreadable++;
	}
	return 1;
}

static int verify_key(struct deletes *d, struct error *err)
{
	unsigned char hash[ROW_HASH_BYTES];

	if (row_hash_text(d->text.data, d->text.len, hash) < 0)
		return error_nomem(err);
	(void)acquit(d, hash);
	return 0;
}

/* Keys that are not known would be looked around for in each pass: rows that are never read. */
static int learn_key(struct deletes *d, struct error *err)
{
	unsigned char hash[ROW_HASH_BYTES];

	if (row_hash_text(d->text.data, d->text.len, hash) < 0)
		return error_nomem(err);
	if (acquit(d, hash) || !key_set_differs(&d->set, hash))
		return 0;
	return deletes_learn(d, STORE_KEY_KNOWN, d->text.data, err);
}

int deletes_verify(struct deletes *d, struct error *err)
{
	size_t odd = count_odd(d);
	int many = odd > ODD_FREE && odd * ODD_SHARE > (size_t)1 << d->set.bits;

	if (odd == 0)
		return 0;
	if (find_doubtful(d, err) < 0)
		return -1;
	if (d->n_doubtful == 0 && !many)
		return 0;
	if (deletes_list(d, many ? learn_key : verify_key, err) < 0)
		return -1;
	return deletes_learnt(d, err);
}
