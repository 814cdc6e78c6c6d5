/* SPDX-License-Identifier: MIT */
/*
 * The ceiling: rows below it are settled, rows at or above it are sent and read
 * again.  SQLite has no list of open transactions, so it is the look-back below
 * the newest watermark, and for dates below now: a date in the far future must
 * not settle what is still to come.  Computed by the database.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/checkpoint.h"
#include "sl.h"

static void form_format(const struct iso *form, struct text *out)
{
	text_str(out, "%Y-%m-%d");
	if (!form->separator)
		return;
	text_char(out, form->separator);
	text_str(out, form->digits ? "%H:%M:%f" : "%H:%M:%S");
}

/*
 * strftime writes three digits of a fraction: cut or filled to the column's form,
 * never rounded up.  Without a zone behind them forms may differ in length, and
 * the shortest text is the lowest of those that mean the same instant.
 */
static bool complete_form(const struct iso *form, struct sl_value *v)
{
	struct text t;
	size_t len = v->len;
	bool ok;
	int i;

	text_init(&t, 256);
	if (form->digits && form->digits < 3 && len == 23)
		len = 20 + (size_t)form->digits;
	while (form->digits && !form->zone && len > 19 && strchr("0.", v->ptr[len - 1]))
		len--;
	text_add(&t, v->ptr, len);
	for (i = 3; i < form->digits && form->zone; i++)
		text_char(&t, '0');
	if (form->zone == 'Z') {
		text_char(&t, 'Z');
	} else if (form->zone) {
		char zone[16];
		unsigned minutes = (unsigned)abs(form->offset) % 1440;

		(void)snprintf(zone, sizeof(zone), "%c%02u:%02u", form->zone, minutes / 60,
			       minutes % 60);
		text_str(&t, zone);
	}
	ok = text_ok(&t) && sl_value_text(v, text_get(&t), t.len);
	text_done(&t);
	return ok;
}

/*
 * strftime(form, when, modifier) in the column's form; cls 0 when the database
 * cannot say, as before the year 0.
 */
static int32_t time_text(struct sl_source *s, const struct iso *form, const char *when,
			 const char *modifier, struct sl_value *ret)
{
	sqlite3_stmt *stmt;
	struct text format;
	struct iso check;
	int32_t rc = sl_prepare(s, "SELECT strftime(?1, ?2, ?3)", s->path, &stmt);

	if (rc < 0)
		return rc;
	text_init(&format, 64);
	form_format(form, &format);
	(void)sqlite3_bind_text(stmt, 1, text_get(&format), -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 2, when, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 3, modifier, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		rc = sl_fail(s, "cannot read", s->path);
	else if (!sl_value_read(ret, stmt, 0))
		rc = sl_fail_nomem(s);
	if (rc == 0 && (ret->cls != SQLITE_TEXT || !iso_parse(ret->ptr, ret->len, &check)))
		sl_value_done(ret);
	else if (rc == 0 && !complete_form(form, ret))
		rc = sl_fail_nomem(s);
	sqlite3_finalize(stmt);
	text_done(&format);
	return rc;
}

/* SQLite's "when" of a text in any form, its zone taken off or kept. */
static void when_text(const char *ptr, size_t len, bool with_zone, struct text *out)
{
	struct iso t;

	if (!iso_parse(ptr, len, &t))
		return;
	if (!with_zone && t.zone)
		len -= t.zone == 'Z' ? 1 : 6;
	text_add(out, ptr, len);
}

static int32_t now_text(struct sl_source *s, const struct iso *form, struct sl_value *ret)
{
	char modifier[32];

	(void)snprintf(modifier, sizeof(modifier), "%+d minutes", form->offset);
	return time_text(s, form, "now", modifier, ret);
}

static int32_t subtract_ms(struct sl_source *s, const struct iso *form, int64_t ms,
			   struct sl_value *v)
{
	char modifier[48];
	struct text when;
	struct sl_value moved = {0};
	int32_t rc;

	text_init(&when, 128);
	when_text(v->ptr, v->len, false, &when);
	(void)snprintf(modifier, sizeof(modifier), "-%lld.%03lld seconds", (long long)(ms / 1000),
		       (long long)(ms % 1000));
	rc = time_text(s, form, text_get(&when), modifier, &moved);
	text_done(&when);
	/* Before all time: nothing is settled. */
	if (rc == 0 && moved.cls == 0 && !sl_value_text(&moved, "", 0))
		rc = sl_fail_nomem(s);
	if (rc == 0) {
		sl_value_done(v);
		*v = moved;
	}
	return rc;
}

/*
 * SQLite takes the 30th of February as the 2nd of March, which lies above it as a text:
 * nothing of the look-back would be left.
 */
static void lower_to_day(struct sl_value *v)
{
	struct iso t;

	if (iso_parse(v->ptr, v->len, &t) && !iso_has_day(&t)) {
		v->ptr[8] = '2';
		v->ptr[9] = '8';
	}
}

static int32_t time_ceiling(struct sl_source *s, const struct sl_mark *m, int64_t lookback,
			    struct sl_value *newest)
{
	struct sl_value now = {0};
	int32_t rc = now_text(s, &m->form, &now);

	if (rc < 0)
		return rc;
	if (now.cls == SQLITE_TEXT && sl_value_compare(&now, newest) < 0) {
		sl_value_done(newest);
		*newest = now;
	} else {
		sl_value_done(&now);
	}
	lower_to_day(newest);
	return lookback ? subtract_ms(s, &m->form, lookback, newest) : 0;
}

static void integer_ceiling(int64_t lookback, struct sl_value *newest)
{
	int64_t v;

	if (__builtin_sub_overflow(newest->i64, lookback, &v))
		v = INT64_MIN;
	newest->i64 = v;
}

int32_t sl_ceiling(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *m,
		   const struct sl_value *until, struct sl_value *ret)
{
	struct sl_value newest = {0};
	int64_t lookback = sl_lookback(p, m);
	int32_t rc = sl_newest_below(s, p, NULL, &newest);
	struct sl_mark found;

	if (rc < 0 || newest.cls == 0)
		return rc;
	sl_mark_of(newest.cls, newest.ptr, newest.len, &found);
	if (found.kind != m->kind)
		rc = defsync_fail(s->host, DEFSYNC_E_TRANSIENT,
				  "watermark '%s' of '%s' has changed its kind just now; run again",
				  sl_plan_name(p, p->watermark), p->table.name);
	else if (m->kind == SL_KIND_INTEGER)
		integer_ceiling(lookback, &newest);
	else if (m->kind == SL_KIND_TIME)
		rc = time_ceiling(s, m, lookback, &newest);
	if (rc == 0 && until->cls && sl_value_compare(until, &newest) < 0 &&
	    !sl_value_copy(&newest, until))
		rc = sl_fail_nomem(s);
	if (rc == 0)
		*ret = newest;
	else
		sl_value_done(&newest);
	return rc;
}

int32_t sl_newest_below(struct sl_source *s, const struct sl_plan *p, const struct sl_value *bound,
			struct sl_value *ret)
{
	struct text condition, tail;
	int32_t rc;

	text_init(&condition, SL_SQL_MAX);
	text_init(&tail, SL_SQL_MAX);
	text_str(&condition, p->mark_order[0]);
	text_str(&condition, bound ? " < ?1" : " IS NOT NULL");
	text_str(&tail, "ORDER BY ");
	text_str(&tail, p->mark_order[0]);
	text_str(&tail, " DESC LIMIT 1");
	rc = sl_scalar(s, p, p->table.columns[p->watermark].quoted, text_get(&condition),
		       text_get(&tail), bound, ret);
	text_done(&condition);
	text_done(&tail);
	return rc;
}

static int32_t convert_time(struct sl_source *s, const struct sl_mark *m, const char *given,
			    struct sl_value *ret)
{
	struct iso form;
	struct text when;
	char modifier[32];
	int32_t rc;

	if (!iso_parse(given, strlen(given), &form))
		return 0;
	if (iso_same_form(&form, &m->form))
		return sl_value_text(ret, given, strlen(given)) ? 0 : sl_fail_nomem(s);
	text_init(&when, 128);
	when_text(given, strlen(given), true, &when);
	(void)snprintf(modifier, sizeof(modifier), "%+d minutes", m->form.offset);
	rc = time_text(s, &m->form, text_get(&when), modifier, ret);
	text_done(&when);
	return rc;
}

int32_t sl_mark_value(struct sl_source *s, const struct sl_plan *p, const struct sl_mark *m,
		      const char *name, const char *given, struct sl_value *ret)
{
	int64_t i64;
	int32_t rc = 0;

	if (!given || m->kind == SL_KIND_NONE)
		return 0;
	if (m->kind == SL_KIND_INTEGER) {
		if (checkpoint_parse_int(given, strlen(given), &i64))
			sl_value_int(ret, i64);
	} else if (m->kind == SL_KIND_TIME) {
		rc = convert_time(s, m, given, ret);
	} else if (!sl_value_text(ret, given, strlen(given))) {
		rc = sl_fail_nomem(s);
	}
	if (rc == 0 && ret->cls == 0)
		rc = defsync_fail(
		    s->host, DEFSYNC_E_CONFIG,
		    "%s: '%s' cannot be compared with watermark '%s' of '%s', which is %s", name,
		    given, sl_plan_name(p, p->watermark), p->table.name,
		    m->kind == SL_KIND_INTEGER ? "a number" : "a date YYYY-MM-DD HH:MM:SS");
	return rc;
}
