/* SPDX-License-Identifier: MIT */
/*
 * A look at all values of the watermark column.  SQLite keeps any class in any
 * column, and orders NULL, numbers, texts, blobs: a watermark of two classes, or
 * of dates written in two ways, has an order that is not that of time.
 */

#include "sl.h"

void sl_survey_done(struct sl_survey *v)
{
	int i;

	for (i = 0; i < v->n_forms; i++)
		sl_value_done(&v->forms[i].example);
	*v = (struct sl_survey){0};
}

/* False without memory. */
static bool survey_value(struct sl_survey *v, sqlite3_stmt *stmt)
{
	int cls = sqlite3_column_type(stmt, 0), i;
	const char *ptr = NULL;
	struct sl_mark mark;

	if (cls == SQLITE_NULL) {
		v->nulls++;
		return true;
	}
	if (cls == SQLITE_TEXT) {
		ptr = (const char *)sqlite3_column_text(stmt, 0);
		if (!ptr)
			return false;
	}
	sl_mark_of(cls, ptr, ptr ? (size_t)sqlite3_column_bytes(stmt, 0) : 0, &mark);
	for (i = 0; i < v->n_forms; i++) {
		if (sl_mark_same(&v->forms[i].mark, &mark)) {
			v->forms[i].count++;
			return true;
		}
	}
	if (v->n_forms == SL_FORMS_MAX) {
		v->others++;
		return true;
	}
	v->forms[v->n_forms].mark = mark;
	v->forms[v->n_forms].count = 1;
	return sl_value_read(&v->forms[v->n_forms++].example, stmt, 0);
}

int32_t sl_survey_run(struct sl_source *s, const struct sl_plan *p, struct sl_survey *ret)
{
	struct sl_survey v = {0};
	sqlite3_stmt *stmt;
	int32_t rc = sl_select(s, p, p->table.columns[p->watermark].quoted, "1", "", NULL, &stmt);
	int step = SQLITE_DONE;

	if (rc < 0)
		return rc;
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = survey_value(&v, stmt) ? 0 : sl_fail_nomem(s);
	if (rc == 0 && step != SQLITE_DONE)
		rc = sl_fail(s, "cannot read", p->table.name);
	sqlite3_finalize(stmt);
	if (rc == 0)
		*ret = v;
	else
		sl_survey_done(&v);
	return rc;
}

static void describe_forms(const struct sl_survey *v, struct text *out)
{
	int i;

	for (i = 0; i < v->n_forms; i++) {
		text_str(out, i ? ", " : "");
		text_int(out, v->forms[i].count);
		text_char(out, ' ');
		sl_mark_describe(&v->forms[i].mark, out);
		text_str(out, " (");
		sl_value_show(&v->forms[i].example, out);
		text_char(out, ')');
	}
	if (v->others) {
		text_str(out, ", ");
		text_int(out, v->others);
		text_str(out, " others");
	}
}

bool sl_survey_verdict(const struct sl_survey *v, const struct sl_plan *p, struct sl_mark *ret,
		       struct text *reason)
{
	enum sl_kind kind = v->n_forms ? v->forms[0].mark.kind : SL_KIND_NONE;

	if (v->n_forms <= 1 && kind != SL_KIND_REAL && kind != SL_KIND_BLOB) {
		*ret = v->n_forms ? v->forms[0].mark : (struct sl_mark){.kind = SL_KIND_NONE};
		return true;
	}
	text_str(reason, "watermark '");
	text_str(reason, sl_plan_name(p, p->watermark));
	text_str(reason, "' of '");
	text_str(reason, p->table.name);
	if (v->n_forms > 1) {
		text_str(reason, "' holds values of several kinds: ");
		describe_forms(v, reason);
		text_str(reason, "; bring them into one form");
	} else if (kind == SL_KIND_REAL) {
		text_str(reason, "' is REAL, which cannot be compared exactly; use an INTEGER or a "
				 "text YYYY-MM-DD HH:MM:SS");
	} else {
		text_str(reason, "' is a BLOB; use an INTEGER or a text YYYY-MM-DD HH:MM:SS");
	}
	return false;
}
