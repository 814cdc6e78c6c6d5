/* SPDX-License-Identifier: MIT */
/*
 * The known keys of tables: a journal that commits append to, and the set.
 *
 * Hashes are spread evenly, so that adding one key at a time would touch a page of the
 * set for each: changes are sorted and go in by the hundred thousand.
 */

#include <stdlib.h>

#include "store/store-internal.h"

/* Kinds of pieces in key_journal. */
#define KIND_CHANGES 0
#define KIND_FOUND 1

#define FOLD_BYTES ((size_t)2 * 1024 * 1024) /* of the journal at a time, by whole pieces */
#define FOLD_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define FORGET_KEYS 100000 /* at a time */

struct change {
	unsigned char hash[ROW_HASH_BYTES];
	const char *text; /* behind its sign */
	size_t len;
};

int keys_add(struct store *s, const struct store_step *step, struct error *err)
{
	if (step->keys_len == 0)
		return 0;
	return sql_run(s, SQL_KEYS_JOURNAL_ADD,
		       SQL_ARGS(sql_int(step->table_id), sql_int(KIND_CHANGES),
				sql_blob(step->keys, step->keys_len)),
		       err);
}

/* ---- Changes of the set ------------------------------------------------------------- */

static size_t count_changes(const char *p, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += p[i] == '\0';
	return n;
}

static int broken_changes(struct store *s, struct error *err)
{
	return store_damaged(s, err, "the journal of keys is not what was written");
}

static int parse_changes(struct store *s, const char *p, size_t len, struct change *out,
			 struct error *err)
{
	const char *end = p + len;

	for (; p < end; p += strlen(p) + 1, out++) {
		if (*p != STORE_KEY_KNOWN && *p != STORE_KEY_GONE)
			return broken_changes(s, err);
		out->text = p + 1;
		out->len = strlen(p + 1);
		if (row_hash_text(out->text, out->len, out->hash) < 0)
			return error_nomem(err);
	}
	return 0;
}

/* By hash; changes of one key stay in their order, which is that of their texts. */
static int compare_change(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int rc = memcmp(x->hash, y->hash, ROW_HASH_BYTES);

	if (rc != 0)
		return rc;
	return x->text < y->text ? -1 : x->text > y->text;
}

static int apply(struct store *s, int64_t table_id, const struct change *c, int64_t *n,
		 struct error *err)
{
	const struct sql_arg args[] = {sql_int(table_id), sql_blob(c->hash, ROW_HASH_BYTES),
				       sql_text_n(c->text, c->len)};
	int known = c->text[-1] == STORE_KEY_KNOWN;

	if (sql_run(s, known ? SQL_KEYS_ADD : SQL_KEYS_DROP, args, known ? 3 : 2, err) < 0)
		return -1;
	*n += known ? sqlite3_changes(s->db) : -sqlite3_changes(s->db);
	return 0;
}

static int apply_sorted(struct store *s, int64_t table_id, const struct change *list, size_t n,
			struct error *err)
{
	int64_t more = 0;

	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && memcmp(list[i].hash, list[i + 1].hash, ROW_HASH_BYTES) == 0)
			continue;
		if (apply(s, table_id, &list[i], &more, err) < 0)
			return -1;
	}
	return sql_run(s, SQL_KEYS_COUNT, SQL_ARGS(sql_int(table_id), sql_int(more)), err);
}

/* Inside the transaction. */
static int change(struct store *s, int64_t table_id, const char *changes, size_t len,
		  struct error *err)
{
	size_t n = count_changes(changes, len);
	struct change *list;
	int rc;

	if (len == 0)
		return 0;
	if (changes[len - 1] != '\0')
		return broken_changes(s, err);
	list = calloc(n, sizeof(*list));
	if (list == NULL)
		return error_nomem(err);
	rc = parse_changes(s, changes, len, list, err);
	if (rc == 0) {
		qsort(list, n, sizeof(*list), compare_change);
		rc = apply_sorted(s, table_id, list, n, err);
	}
	free(list);
	return rc;
}

int store_keys_change(struct store *s, int64_t table_id, const char *changes, size_t len,
		      struct error *err)
{
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(s, change(s, table_id, changes, len, err), err);
	return store_leave(s, rc);
}

/* ---- The journal ---------------------------------------------------------------------- */

/*
 * Pieces of this kind behind *after, appended, until there are `bytes` of them; *after
 * is the last one's id then.  1 there was one, 0 none, -1 error.
 */
static int read_pieces(struct store *s, int64_t table_id, int64_t kind, int64_t *after,
		       size_t bytes, struct buf *out, struct error *err)
{
	sqlite3_stmt *stmt =
	    sql_open(s, SQL_KEYS_JOURNAL_LIST,
		     SQL_ARGS(sql_int(table_id), sql_int(kind), sql_int(*after)), err);
	int rc = stmt != NULL ? 1 : -1, found = 0;

	while (rc > 0 && out->len < bytes && (rc = sql_step(s, stmt, err)) > 0) {
		const void *p = sqlite3_column_blob(stmt, 1);
		size_t n = (size_t)sqlite3_column_bytes(stmt, 1);

		if (buf_add(out, p, n) < 0)
			rc = error_nomem(err);
		*after = sqlite3_column_int64(stmt, 0);
		found = 1;
	}
	sql_close(s, stmt);
	return rc < 0 ? -1 : found;
}

static int drop_pieces(struct store *s, int64_t table_id, int64_t kind, int64_t last,
		       struct error *err)
{
	return sql_run(s, SQL_KEYS_JOURNAL_DROP,
		       SQL_ARGS(sql_int(table_id), sql_int(kind), sql_int(last)), err);
}

static int fold(struct store *s, int64_t table_id, struct error *err)
{
	struct buf changes;
	int64_t last = 0;
	int found, rc;

	if (sql_begin(s, err) < 0)
		return -1;
	buf_init(&changes, FOLD_BYTES_MAX);
	rc = found = read_pieces(s, table_id, KIND_CHANGES, &last, FOLD_BYTES, &changes, err);
	if (rc > 0)
		rc = change(s, table_id, changes.data, changes.len, err);
	if (rc == 0 && found > 0)
		rc = drop_pieces(s, table_id, KIND_CHANGES, last, err);
	buf_done(&changes);
	return sql_end(s, rc, err) < 0 ? -1 : found;
}

int store_keys_fold(struct store *s, int64_t table_id, struct error *err)
{
	store_enter(s);
	return store_leave(s, fold(s, table_id, err));
}

/* ---- What a pass finds ------------------------------------------------------------------ */

int store_keys_find(struct store *s, int64_t table_id, const char *texts, size_t len,
		    struct error *err)
{
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(
		    s,
		    sql_run(s, SQL_KEYS_JOURNAL_ADD,
			    SQL_ARGS(sql_int(table_id), sql_int(KIND_FOUND), sql_blob(texts, len)),
			    err),
		    err);
	return store_leave(s, rc);
}

int store_keys_found(struct store *s, int64_t table_id, int64_t *after, struct buf *ret,
		     struct error *err)
{
	int rc;

	buf_reset(ret);
	store_enter(s);
	rc = read_pieces(s, table_id, KIND_FOUND, after, 1, ret, err);
	if (rc > 0 && (ret->len == 0 || ret->data[ret->len - 1] != '\0'))
		rc = broken_changes(s, err);
	return store_leave(s, rc);
}

int store_keys_found_clear(struct store *s, int64_t table_id, struct error *err)
{
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(s, drop_pieces(s, table_id, KIND_FOUND, INT64_MAX, err), err);
	return store_leave(s, rc);
}

/* ---- The set ------------------------------------------------------------------------------ */

int64_t store_keys_each(struct store *s, int64_t table_id, const unsigned char low[ROW_HASH_BYTES],
			const unsigned char high[ROW_HASH_BYTES], int64_t max,
			int (*each)(void *ctx, const unsigned char *hash, const char *key),
			void *ctx, struct error *err)
{
	const struct sql_arg args[] = {sql_int(table_id), sql_blob(low, ROW_HASH_BYTES),
				       sql_blob(high, ROW_HASH_BYTES), sql_int(max)};
	sqlite3_stmt *stmt;
	int64_t n = 0;
	int rc, stop = 0;

	store_enter(s);
	stmt = sql_open(s, SQL_KEYS_LIST, args, 4, err);
	rc = stmt != NULL ? 1 : -1;
	while (rc > 0 && !stop && (rc = sql_step(s, stmt, err)) > 0) {
		const unsigned char *hash = sqlite3_column_blob(stmt, 0);

		if (hash == NULL || sqlite3_column_bytes(stmt, 0) != ROW_HASH_BYTES) {
			rc = store_damaged(s, err, "a known key without its hash");
			break;
		}
		n++;
		stop = each(ctx, hash, sql_column_text(stmt, 1)) != 0;
	}
	sql_close(s, stmt);
	(void)store_leave(s, 0);
	return rc < 0 ? -1 : n;
}

int store_keys_state(struct store *s, int64_t table_id, const char *columns, struct store_keys *ret,
		     struct error *err)
{
	int64_t state[2] = {0, 0}, bytes = 0;
	int rc;

	store_enter(s);
	rc = sql_numbers(s, SQL_KEYS_STATE, SQL_ARGS(sql_int(table_id), sql_text(columns)), state,
			 2, err);
	if (rc == 0)
		rc =
		    sql_numbers(s, SQL_KEYS_JOURNAL_BYTES,
				SQL_ARGS(sql_int(table_id), sql_int(KIND_CHANGES)), &bytes, 1, err);
	*ret = (struct store_keys){.at_us = state[0], .n = state[1], .journal = bytes};
	return store_leave(s, rc);
}

int store_keys_passed(struct store *s, int64_t table_id, const char *columns, int64_t at_us,
		      struct error *err)
{
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0)
		rc = sql_end(s,
			     sql_run(s, SQL_KEYS_PASSED,
				     SQL_ARGS(sql_int(table_id), sql_int(at_us), sql_text(columns)),
				     err),
			     err);
	return store_leave(s, rc);
}

/* 1 there may be more, 0 nothing is left. */
static int forget(struct store *s, int64_t table_id, struct error *err)
{
	int64_t n = 0;
	int rc = sql_begin(s, err);

	if (rc < 0)
		return -1;
	/* First: without it, a pass that comes after a kill begins anew. */
	rc = sql_run(s, SQL_KEYS_PASSES_DROP, SQL_ARGS(sql_int(table_id)), err);
	if (rc == 0)
		rc = sql_run(s, SQL_KEYS_JOURNAL_CLEAR, SQL_ARGS(sql_int(table_id)), err);
	if (rc == 0)
		rc = sql_run(s, SQL_KEYS_TRIM, SQL_ARGS(sql_int(table_id), sql_int(FORGET_KEYS)),
			     err);
	if (rc == 0)
		n = sqlite3_changes(s->db);
	return sql_end(s, rc, err) < 0 ? -1 : n > 0;
}

int store_keys_forget(struct store *s, int64_t table_id, struct error *err)
{
	store_enter(s);
	return store_leave(s, forget(s, table_id, err));
}
