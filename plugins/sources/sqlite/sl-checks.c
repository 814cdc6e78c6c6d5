/* SPDX-License-Identifier: MIT */
/* What has to hold before a table is read. */

#include <string.h>

#include "sl.h"

int32_t sl_check_all(struct sl_source *s, const struct sl_plan *p, struct sl_mark *ret)
{
	struct sl_survey v;
	struct text reason;
	int32_t rc = sl_survey_run(s, p, &v);

	if (rc < 0)
		return rc;
	text_init(&reason, DEFSYNC_TEXT_MAX);
	if (!sl_survey_verdict(&v, p, ret, &reason))
		rc = defsync_fail(s->host, DEFSYNC_E_CONFIG, "%s", text_get(&reason));
	text_done(&reason);
	sl_survey_done(&v);
	return rc;
}

/* The kind of the lowest or highest value; SL_KIND_NONE in an empty table. */
static int32_t end_kind(struct sl_source *s, const struct sl_plan *p, bool highest,
			struct sl_mark *ret)
{
	struct sl_value v = {0};
	struct text condition, tail;
	int32_t rc;

	text_init(&condition, SL_SQL_MAX);
	text_init(&tail, SL_SQL_MAX);
	text_str(&condition, p->mark_order[0]);
	text_str(&condition, " IS NOT NULL");
	text_str(&tail, "ORDER BY ");
	text_str(&tail, p->mark_order[0]);
	text_str(&tail, highest ? " DESC LIMIT 1" : " LIMIT 1");
	rc = sl_scalar(s, p, p->table.columns[p->watermark].quoted, text_get(&condition),
		       text_get(&tail), NULL, &v);
	if (rc == 0)
		sl_mark_of(v.cls, v.ptr, v.len, ret);
	sl_value_done(&v);
	text_done(&condition);
	text_done(&tail);
	return rc;
}

/*
 * Texts from the day before the position on.  A value in another form that was
 * written since can lie below the position only there: 07:00-05:00 beside 12:00Z.
 * Odd values elsewhere are the lowest or the highest, or are read and seen.
 */
static int32_t window_fits(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *m,
			   const struct sl_value *position, bool *ret)
{
	struct sl_value from = {0};
	struct text condition;
	sqlite3_stmt *stmt = NULL;
	int32_t rc;
	int step = SQLITE_DONE;
	bool fits = true;

	rc = sl_scalar(s, p, "date(substr(?1, 1, 10), '-1 day')", NULL, "", position, &from);
	if (rc < 0 || from.cls != SQLITE_TEXT)
		return rc;
	text_init(&condition, SL_SQL_MAX);
	text_str(&condition, p->mark_order[0]);
	text_str(&condition, " >= ?1");
	rc = sl_select(s, p, p->table.columns[p->watermark].quoted, text_get(&condition), "", &from,
		       &stmt);
	text_done(&condition);
	sl_value_done(&from);
	if (rc < 0)
		return rc;
	while (fits && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct sl_value v = {0};

		sl_value_borrow(&v, stmt, 0);
		fits = sl_mark_fits(m, &v);
	}
	if (fits && step != SQLITE_DONE)
		rc = sl_fail(s, "cannot read", p->table.name);
	sqlite3_finalize(stmt);
	*ret = fits;
	return rc;
}

static int32_t fail_changed(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *was,
			    const struct sl_mark *is)
{
	struct text a, b;
	int32_t rc;

	text_init(&a, 200);
	text_init(&b, 200);
	sl_mark_describe(was, &a);
	sl_mark_describe(is, &b);
	rc = defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
			  "checkpoint: watermark '%s' of '%s' was %s and is %s now; load the table "
			  "anew after 'defsync state reset'",
			  sl_plan_name(p, p->watermark), p->table.name, text_get(&a), text_get(&b));
	text_done(&a);
	text_done(&b);
	return rc;
}

int32_t sl_check_new(struct sl_source *s, const struct sl_plan *p, const struct sl_value *position,
		     struct sl_mark *ret)
{
	struct sl_mark low, high, was;
	bool fits = true;
	int32_t rc;

	sl_mark_of(position->cls, position->ptr, position->len, &was);
	rc = end_kind(s, p, false, &low);
	if (rc == 0)
		rc = end_kind(s, p, true, &high);
	if (rc < 0)
		return rc;
	if (high.kind == SL_KIND_NONE) {
		*ret = was;
		return 0;
	}
	if (high.kind == SL_KIND_TIME && sl_mark_same(&low, &high) && sl_mark_same(&was, &high))
		rc = window_fits(s, p, &high, position, &fits);
	if (rc < 0)
		return rc;
	/* Not as it should be: the survey says what there is, with numbers. */
	if (!fits || !sl_mark_same(&low, &high) || high.kind >= SL_KIND_REAL) {
		rc = sl_check_all(s, p, &high);
		if (rc < 0)
			return rc;
	}
	if (high.kind != SL_KIND_NONE && !sl_mark_same(&was, &high))
		return fail_changed(s, p, &was, &high);
	*ret = high.kind == SL_KIND_NONE ? was : high;
	return 0;
}

/* ", 17", of a number or a time; another text may be masked on its way. */
static void show_value(const struct sl_value *v, struct text *out)
{
	struct sl_mark mark;

	sl_mark_of(v->cls, v->ptr, v->len, &mark);
	if (mark.kind == SL_KIND_TEXT)
		return;
	text_str(out, ", ");
	sl_value_print(v, out);
}

static void warn_behind(struct sl_source *s, const struct sl_plan *p, const struct sl_value *newest,
			const struct sl_value *position)
{
	struct text is, was;

	text_init(&is, 200);
	text_init(&was, 200);
	show_value(newest, &is);
	show_value(position, &was);
	defsync_log(s->host, DEFSYNC_LOG_WARN,
		    "the newest '%s' of '%s'%s, is below the place up to which it was read%s; rows "
		    "that come below that are not read: if the table was emptied and filled again, "
		    "or the file restored, load the table anew after 'defsync state reset'",
		    sl_plan_name(p, p->watermark), p->table.name, text_get(&is), text_get(&was));
	text_done(&is);
	text_done(&was);
}

/*
 * A table that was emptied and begins again, or the copy of a backup that was
 * written into the same file, has rows below the position that no run would read.
 * The newest rows may as well have been deleted, so it is no error.
 */
int32_t sl_check_behind(struct sl_source *s, const struct sl_plan *p,
			const struct sl_value *position)
{
	const char *column = p->table.columns[p->watermark].quoted;
	struct sl_value found = {0}, newest = {0};
	struct text condition;
	int32_t rc;

	text_init(&condition, SL_SQL_MAX);
	text_str(&condition, p->mark_order[0]);
	text_str(&condition, " >= ?1");
	rc = sl_scalar(s, p, column, text_get(&condition), "LIMIT 1", position, &found);
	text_done(&condition);
	if (rc == 0 && found.cls == 0)
		rc = sl_newest_below(s, p, NULL, &newest);
	if (newest.cls)
		warn_behind(s, p, &newest, position);
	sl_value_done(&found);
	sl_value_done(&newest);
	return rc;
}

int32_t sl_check_text(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *m)
{
	const struct sl_column *c = &p->table.columns[p->watermark];
	struct sl_value encoding = {0};
	int32_t rc = 0;

	if (m->kind != SL_KIND_TIME && m->kind != SL_KIND_TEXT)
		return 0;
	if (sqlite3_stricmp(c->collation, "BINARY") != 0)
		return defsync_fail(
		    s->host, DEFSYNC_E_CONFIG,
		    "watermark '%s' of '%s' has the collation %s, under which different "
		    "texts are equal; use a column with BINARY",
		    c->name, p->table.name, c->collation);
	if (m->kind == SL_KIND_TIME)
		return 0;
	if (p->request->lookback > 0)
		return defsync_fail(s->host, DEFSYNC_E_CONFIG,
				    "watermark '%s' of '%s' is neither a number nor a date, so "
				    "'lookback' has no meaning; set it to 0",
				    c->name, p->table.name);
	/* In a UTF-16 database texts are ordered by bytes that we do not see. */
	rc = sl_scalar(s, p, "(SELECT encoding FROM pragma_encoding)", NULL, "", NULL, &encoding);
	if (rc == 0 && encoding.cls == SQLITE_TEXT && strcmp(encoding.ptr, "UTF-8") != 0)
		rc = defsync_fail(
		    s->host, DEFSYNC_E_CONFIG,
		    "watermark '%s' of '%s' is a text in a %s database; use a number or "
		    "a date",
		    c->name, p->table.name, encoding.ptr);
	sl_value_done(&encoding);
	return rc;
}

int32_t sl_count(struct sl_source *s, const struct sl_plan *p, const char *condition, int64_t *ret)
{
	struct sl_value v = {0};
	int32_t rc = sl_scalar(s, p, "count(*)", condition, "", NULL, &v);

	if (rc == 0)
		*ret = v.i64;
	sl_value_done(&v);
	return rc;
}

static int32_t count_nulls(struct sl_source *s, const struct sl_plan *p, int column, int64_t *ret)
{
	struct text condition;
	int32_t rc;

	text_init(&condition, SL_SQL_MAX);
	text_str(&condition, p->table.columns[column].quoted);
	text_str(&condition, " IS NULL");
	rc = sl_count(s, p, text_get(&condition), ret);
	text_done(&condition);
	return rc;
}

/*
 * SQLite allows NULL in a PRIMARY KEY.  A row with NULL in its key is neither
 * above nor below any other: it would be left out of every page but the first.
 */
int32_t sl_check_key_nulls(struct sl_source *s, const struct sl_plan *p)
{
	int32_t rc = 0;
	int i;

	for (i = 0; i < p->n_keys && rc == 0; i++) {
		int64_t n = 0;

		if (p->keys[i] == SL_ROWID || p->keys[i] == p->table.alias ||
		    p->keys[i] == p->watermark || p->table.columns[p->keys[i]].not_null)
			continue;
		rc = count_nulls(s, p, p->keys[i], &n);
		if (rc == 0 && n)
			rc =
			    defsync_fail(s->host, DEFSYNC_E_CONFIG,
					 "%lld rows of '%s' have NULL in the key column '%s' and "
					 "cannot be ordered; fill it, or configure another 'key'%s",
					 (long long)n, p->table.name, sl_plan_name(p, p->keys[i]),
					 p->table.has_rowid ? ", for example rowid" : "");
	}
	return rc;
}

int32_t sl_check_nulls(struct sl_source *s, const struct sl_plan *p)
{
	const struct sl_column *c = &p->table.columns[p->watermark];
	int64_t n = 0;
	int32_t rc;

	if (c->not_null || p->watermark == p->table.alias ||
	    p->request->null_watermark == DEFSYNC_NULLS_EVERY_RUN)
		return 0;
	rc = count_nulls(s, p, p->watermark, &n);
	if (rc < 0 || n == 0)
		return rc;
	if (p->request->null_watermark == DEFSYNC_NULLS_EXCLUDE) {
		s->host->count(s->host->ctx, "null_watermark", (uint64_t)n);
		return 0;
	}
	return defsync_fail(s->host, DEFSYNC_E_CONFIG,
			    "%lld rows of '%s' have no watermark ('%s' is NULL) and would never be "
			    "read; fill it, or set 'null_watermark' to every_run or exclude",
			    (long long)n, p->table.name, c->name);
}
