/* SPDX-License-Identifier: MIT */
/*
 * What has to hold before a table is read.  One statement asks all of it, and only
 * where the declarations leave it open; numbers are counted only to report them.
 */

#include <string.h>

#include "common/reader-internal.h"

#define QUESTIONS_MAX READER_ORDER_MAX

struct question {
	const char *condition;
	int key; /* of the plan, or -1: the watermark */
	bool exact;
};

struct questions {
	struct question list[QUESTIONS_MAX];
	int64_t answers[QUESTIONS_MAX];
	int n;
};

static void ask(struct questions *q, const char *condition, int key, bool exact)
{
	q->list[q->n++] = (struct question){condition, key, exact};
}

/*
 * A row with NULL in its key is neither above nor below any other: it would be
 * left out of every page but the first.
 */
static bool ask_keys(struct pool *pool, const struct reader_plan *p, struct questions *q)
{
	int i;

	for (i = 0; i < p->n_keys; i++) {
		const char *condition;

		if (!p->key_columns[i]->nullable || p->keys[i] == p->watermark)
			continue;
		condition = pool_printf(pool, "%s IS NULL", p->key_columns[i]->quoted);
		if (!condition)
			return false;
		ask(q, condition, i, false);
	}
	return true;
}

static bool can_be_missing(const struct reader_plan *p)
{
	return reader_plan_mark(p)->missing || reader_plan_mark(p)->nullable;
}

static bool ask_mark(struct pool *pool, const struct reader_plan *p, struct questions *q)
{
	uint32_t policy = p->request->null_watermark;
	const char *condition;

	if (p->watermark < 0 || !can_be_missing(p))
		return true;
	/* Rows without a watermark are read in the order of the key. */
	if (policy == DEFSYNC_NULLS_EVERY_RUN && !reader_mark_is_key(p))
		return true;
	condition = reader_plan_missing(pool, p);
	if (condition)
		ask(q, condition, -1, policy == DEFSYNC_NULLS_EXCLUDE);
	return condition != NULL;
}

/* One scalar subquery a question, so that each can use an index of its own. */
static void write_questions(const struct reader_plan *p, const struct questions *q,
			    struct text *sql)
{
	int i;

	text_str(sql, "SELECT ");
	for (i = 0; i < q->n; i++) {
		text_str(sql, i ? ", (" : "(");
		text_str(sql, q->list[i].exact ? "SELECT count(*) FROM "
					       : "SELECT count(*) FROM (SELECT 1 FROM ");
		text_str(sql, p->table.sql);
		text_str(sql, " WHERE (");
		text_str(sql, q->list[i].condition);
		text_char(sql, ')');
		reader_add_filter(p, sql);
		if (!q->list[i].exact) {
			text_str(sql, " LIMIT 1) AS found");
			text_int(sql, i + 1);
		}
		text_char(sql, ')');
	}
}

static int32_t fail_nulls(struct reader_source *s, const struct reader_plan *p,
			  const struct question *q)
{
	int64_t n = 0;
	int32_t rc = reader_count(s, p, q->condition, &n);

	if (rc < 0)
		return rc;
	if (q->key >= 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "%lld rows of '%s' have NULL in the key column '%s' and "
				    "cannot be ordered; fill it, or configure another 'key'",
				    (long long)n, p->table.from, p->key_columns[q->key]->name);
	if (p->request->null_watermark == DEFSYNC_NULLS_EVERY_RUN)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "%lld rows of '%s' have no watermark, and '%s' is part of the "
				    "key, so they cannot be ordered; fill it, or set "
				    "'null_watermark' to exclude",
				    (long long)n, p->table.from, reader_plan_mark(p)->name);
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "%lld rows of '%s' have no watermark ('%s' is %s) and would never be "
			    "read; fill it, or set 'null_watermark' to every_run or exclude",
			    (long long)n, p->table.from, reader_plan_mark(p)->name,
			    reader_plan_mark(p)->missing ? "NULL or not finite" : "NULL");
}

static int32_t judge(struct reader_source *s, const struct reader_plan *p,
		     const struct questions *q)
{
	int32_t rc = 0;
	int i;

	for (i = 0; i < q->n && rc == 0; i++) {
		if (q->answers[i] == 0)
			continue;
		if (q->list[i].exact)
			s->host->count(s->host->ctx, "null_watermark", (uint64_t)q->answers[i]);
		else
			rc = fail_nulls(s, p, &q->list[i]);
	}
	return rc;
}

static int32_t run_questions(struct reader_source *s, const struct reader_plan *p,
			     struct questions *q)
{
	struct text sql;
	int32_t rc;

	text_init(&sql, READER_SQL_MAX);
	write_questions(p, q, &sql);
	rc = reader_counts(s, p, &sql, q->n, q->answers);
	text_done(&sql);
	return rc < 0 ? rc : judge(s, p, q);
}

int32_t reader_check(struct reader_source *s, const struct reader_plan *p)
{
	struct questions q = {.n = 0};
	struct pool pool = {0};
	int32_t rc = 0;

	if (!ask_keys(&pool, p, &q) || !ask_mark(&pool, p, &q))
		rc = reader_fail_nomem(s);
	else if (q.n)
		rc = run_questions(s, p, &q);
	pool_done(&pool);
	return rc;
}

/* What the text of a bound should look like. */
static const char *bound_form(const struct reader_column *c)
{
	switch (c->type) {
	case DEFSYNC_INT64:
	case DEFSYNC_UINT64:
		return "a number";
	case DEFSYNC_DATE:
		return "a date YYYY-MM-DD";
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		return "a time YYYY-MM-DD HH:MM:SS";
	default:
		return c->native_type;
	}
}

int32_t reader_bound(struct reader_source *s, const struct reader_plan *p, const char *name,
		     const char *given, struct reader_value *ret)
{
	const struct reader_column *c = reader_plan_mark(p);
	struct defsync_cell cell = {.type = DEFSYNC_TEXT};
	int32_t rc;

	if (!given)
		return 0;
	cell.v.data.ptr = given;
	cell.v.data.len = strlen(given);
	rc = s->dialect->parse(s, c, &cell, ret);
	if (rc == DEFSYNC_E_CONFIG || (rc == 0 && ret->cell.type != c->type))
		return defsync_fail(
		    s->host, DEFSYNC_E_CONFIG,
		    "%s: '%s' cannot be compared with watermark '%s' of '%s'; write %s", name,
		    given, c->name, p->table.from, bound_form(c));
	return rc;
}
