/* SPDX-License-Identifier: MIT */
/*
 * Hashes of delivered rows that will be read again.
 *
 * An entry counts rows of one hash under the run that delivered or last saw
 * them.  A claim moves one count from an earlier run to this one, so that it
 * answers once a stored row; a sweep forgets what stayed behind.  A claim that a
 * crash undoes is claimed again by the next run.
 *
 * Most rows are new, so a Bloom filter over the earlier hashes answers for them
 * without a query.
 */

#include <stdlib.h>
#include <string.h>

#include "store/store-internal.h"

#define BLOOM_BITS_MIN UINT32_C(512)
#define BLOOM_BITS_MAX (UINT32_C(8) << 20) /* 1 MiB of memory */
#define BLOOM_BITS_EACH 16
#define BLOOM_PROBES_MAX 4

/* ---- The filter ------------------------------------------------------------------ */

/* A hash is evenly spread: its four words are the four probes. */
static uint32_t bloom_bit(const struct table_memo *m, const unsigned char *hash, unsigned probe)
{
	uint32_t word;

	memcpy(&word, hash + probe * sizeof(word), sizeof(word));
	return word & m->bloom_mask;
}

static void bloom_set(struct table_memo *m, const unsigned char *hash)
{
	for (unsigned i = 0; i < m->bloom_probes; i++) {
		uint32_t bit = bloom_bit(m, hash, i);

		m->bloom[bit / 8] |= (unsigned char)(1u << (bit % 8));
	}
}

static int bloom_may_hold(const struct table_memo *m, const unsigned char *hash)
{
	for (unsigned i = 0; i < m->bloom_probes; i++) {
		uint32_t bit = bloom_bit(m, hash, i);

		if ((m->bloom[bit / 8] & (1u << (bit % 8))) == 0)
			return 0;
	}
	return 1;
}

/* Fewer probes when the limit leaves few bits for each hash: bits/n * ln 2. */
static unsigned bloom_probes(uint32_t bits, int64_t n)
{
	int64_t probes = (int64_t)bits * 7 / (10 * n);

	if (probes < 1)
		return 1;
	return probes > BLOOM_PROBES_MAX ? BLOOM_PROBES_MAX : (unsigned)probes;
}

static int bloom_create(struct table_memo *m, int64_t n, struct error *err)
{
	uint32_t bits = BLOOM_BITS_MIN;

	while (bits < BLOOM_BITS_MAX && bits / BLOOM_BITS_EACH < n)
		bits *= 2;
	m->bloom = calloc(1, bits / 8);
	if (m->bloom == NULL)
		return error_nomem(err);
	m->bloom_mask = bits - 1;
	m->bloom_probes = bloom_probes(bits, n);
	return 0;
}

static void forget_earlier(struct table_memo *m)
{
	free(m->bloom);
	m->bloom = NULL;
	m->earlier = 0;
}

static int bloom_fill(struct store *s, struct table_memo *m, int64_t run_no, struct error *err)
{
	sqlite3_stmt *stmt =
	    sql_open(s, SQL_RECENT_EARLIER, SQL_ARGS(sql_int(m->table_id), sql_int(run_no)), err);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sql_step(s, stmt, err)) > 0) {
		const void *hash = sqlite3_column_blob(stmt, 0);

		if (hash == NULL || sqlite3_column_bytes(stmt, 0) != ROW_HASH_BYTES)
			continue;
		bloom_set(m, hash);
		m->earlier += sqlite3_column_int64(stmt, 1);
	}
	sql_close(s, stmt);
	return rc;
}

/* The first claim of a run: one pass, the filter sized by what there is at most. */
static int look(struct store *s, struct table_memo *m, int64_t run_no, struct error *err)
{
	int64_t bound = 0;

	forget_earlier(m);
	m->run_no = -1;
	if (sql_numbers(s, SQL_RECENT_BOUND, SQL_ARGS(sql_int(m->table_id)), &bound, 1, err) < 0)
		return -1;
	if (bound > 0 && (bloom_create(m, bound, err) < 0 || bloom_fill(s, m, run_no, err) < 0))
		return -1;
	m->run_no = run_no;
	return 0;
}

/* ---- Claims ------------------------------------------------------------------------ */

static int find_entry(struct store *s, int64_t table_id, int64_t run_no, const unsigned char *hash,
		      int64_t ret[2], struct error *err)
{
	return sql_numbers(
	    s, SQL_RECENT_FIND,
	    SQL_ARGS(sql_int(table_id), sql_blob(hash, ROW_HASH_BYTES), sql_int(run_no)), ret, 2,
	    err);
}

static int move_count(struct store *s, int64_t table_id, int64_t run_no, const unsigned char *hash,
		      const int64_t entry[2], struct error *err)
{
	struct sql_arg args[] = {sql_int(table_id), sql_blob(hash, ROW_HASH_BYTES),
				 sql_int(entry[0])};

	if (sql_run(s, entry[1] > 1 ? SQL_RECENT_LESS : SQL_RECENT_DROP, args, 3, err) < 0)
		return -1;
	args[2] = sql_int(run_no);
	return sql_run(s, SQL_RECENT_ADD, args, 3, err);
}

static int claim(struct store *s, int64_t table_id, int64_t run_no, const unsigned char *hash,
		 struct error *err)
{
	struct table_memo *m = memo_get(s, table_id, err);
	int64_t entry[2]; /* run_no, n */

	if (m == NULL || (m->run_no != run_no && look(s, m, run_no, err) < 0))
		return -1;
	if (m->earlier <= 0 || !bloom_may_hold(m, hash))
		return 0;
	if (find_entry(s, table_id, run_no, hash, entry, err) < 0)
		return -1;
	if (entry[1] <= 0)
		return 0;
	if (sql_begin(s, err) < 0)
		return -1;
	if (move_count(s, table_id, run_no, hash, entry, err) < 0)
		return sql_end(s, -1, err);
	if (--m->earlier == 0)
		forget_earlier(m);
	return 1;
}

int store_claim(struct store *s, int64_t table_id, int64_t run_no,
		const unsigned char hash[ROW_HASH_BYTES], struct error *err)
{
	store_enter(s);
	return store_leave(s, claim(s, table_id, run_no, hash, err));
}

/* ---- Inside the commit -------------------------------------------------------------- */

int recent_add(struct store *s, struct store_step *step, int64_t *total, struct error *err)
{
	int64_t room = s->limits.recent_max > *total ? s->limits.recent_max - *total : 0;
	size_t n = (uint64_t)room < step->n_hashes ? (size_t)room : step->n_hashes;

	step->ret_hashes_dropped = step->n_hashes - n;
	for (size_t i = 0; i < n; i++) {
		if (sql_run(s, SQL_RECENT_ADD,
			    SQL_ARGS(sql_int(step->table_id),
				     sql_blob(step->hashes[i], ROW_HASH_BYTES),
				     sql_int(step->run_no)),
			    err) < 0)
			return -1;
	}
	*total += (int64_t)n;
	return table_recent_change(s, step->table_id, (int64_t)n, err);
}

static int remove_counts(struct store *s, enum sql_id id, int64_t table_id, int64_t below_run_no,
			 int64_t *total, struct error *err)
{
	const struct sql_arg args[] = {sql_int(table_id), sql_int(below_run_no)};
	int64_t n = 0;

	if (sql_numbers(s, SQL_RECENT_EARLIER_SUM, args, 2, &n, 1, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	if (sql_run(s, id, args, id == SQL_RECENT_SWEEP ? 2 : 1, err) < 0)
		return -1;
	*total -= n;
	return table_recent_change(s, table_id, -n, err);
}

int recent_sweep(struct store *s, const struct store_step *step, int64_t *total, struct error *err)
{
	struct table_memo *m = memo_get(s, step->table_id, err);

	if (m == NULL)
		return -1;
	if (m->run_no == step->run_no && m->earlier <= 0)
		return 0;
	forget_earlier(m);
	m->run_no = step->run_no;
	return remove_counts(s, SQL_RECENT_SWEEP, step->table_id, step->run_no, total, err);
}

int recent_clear(struct store *s, int64_t table_id, int64_t *total, struct error *err)
{
	struct table_memo *m = memo_get(s, table_id, err);

	if (m == NULL)
		return -1;
	forget_earlier(m);
	m->run_no = -1;
	return remove_counts(s, SQL_RECENT_CLEAR, table_id, INT64_MAX, total, err);
}
