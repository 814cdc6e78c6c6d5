/* SPDX-License-Identifier: MIT */
/* One table as a request wants to read it, and its watermark candidates. */

#include <string.h>
#include <strings.h>

#include "sl.h"

/* sqlite_stat1 has no rows, or no table, without ANALYZE. */
static int64_t analyzed_rows(struct sl_source *s, const struct sl_table *t)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(s->db,
			       "SELECT max(CAST(stat AS INTEGER)) FROM main.sqlite_stat1 "
			       "WHERE tbl = ?1 COLLATE NOCASE",
			       -1, &stmt, NULL) == SQLITE_OK) {
		(void)sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
		if (sqlite3_step(stmt) == SQLITE_ROW &&
		    sqlite3_column_type(stmt, 0) == SQLITE_INTEGER)
			n = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	return n;
}

/* An estimate: the highest rowid is found at once, a count is not. */
int32_t sl_row_estimate(struct sl_source *s, const struct sl_table *t, int64_t *ret)
{
	const struct defsync_request none = {0};
	const struct sl_plan p = {.request = &none, .table = *t};
	struct sl_value v = {0};
	struct text what;
	int32_t rc;

	*ret = analyzed_rows(s, t);
	if (*ret >= 0 || !t->has_rowid)
		return 0;
	text_init(&what, 64);
	text_str(&what, "max(");
	text_str(&what, t->rowid);
	text_char(&what, ')');
	rc = sl_scalar(s, &p, text_get(&what), "1", "", NULL, &v);
	if (rc == 0)
		*ret = v.cls == SQLITE_INTEGER && v.i64 > 0 ? v.i64 : 0;
	sl_value_done(&v);
	text_done(&what);
	return rc;
}

static bool contains_word(const char *text, const char *const *words)
{
	for (; *words; words++) {
		size_t n = strlen(*words);
		const char *p;

		for (p = text; *p; p++) {
			if (strncasecmp(p, *words, n) == 0)
				return true;
		}
	}
	return false;
}

static bool is_candidate(const struct sl_table *t, int column)
{
	static const char *const names[] = {"updated",	"modif",     "changed", "created",
					    "inserted", "timestamp", NULL};
	static const char *const types[] = {"date", "time", NULL};
	const struct sl_column *c = &t->columns[column];

	return column == t->alias || contains_word(c->name, names) ||
	       contains_word(c->declared, types);
}

/* Does a trigger of the table name this column? */
static int32_t has_trigger(struct sl_source *s, const struct sl_table *t, const char *column,
			   bool *ret)
{
	sqlite3_stmt *stmt;
	int32_t rc = sl_prepare(s,
				"SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND "
				"tbl_name = ?1 COLLATE NOCASE AND instr(lower(sql), lower(?2)) > 0",
				t->name, &stmt);
	int step;

	if (rc < 0)
		return rc;
	(void)sqlite3_bind_text(stmt, 1, t->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 2, column, -1, SQLITE_STATIC);
	step = sqlite3_step(stmt);
	*ret = step == SQLITE_ROW;
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		rc = sl_fail(s, "cannot read", t->name);
	sqlite3_finalize(stmt);
	return rc;
}

static int32_t fill_candidate(struct sl_source *s, const struct sl_table *t, int column,
			      struct defsync_candidate *ret)
{
	static const char *const clocks[] = {"current_", "now", "unixepoch", NULL};
	const struct sl_column *c = &t->columns[column];
	bool indexed = false, trigger = false;
	int32_t rc = sl_table_indexed(s, t, column, &indexed);

	if (rc == 0)
		rc = has_trigger(s, t, c->name, &trigger);
	*ret = (struct defsync_candidate){
	    .column = c->name,
	    .indexed = indexed,
	    .filled = trigger						  ? "trigger"
		      : c->fallback && contains_word(c->fallback, clocks) ? "default"
									  : "unknown",
	    .note = column == t->alias ? "primary key: finds new rows, not changes" : NULL,
	};
	return rc;
}

int32_t sl_candidates_make(struct sl_source *s, struct pool *pool, const struct sl_table *t,
			   struct defsync_candidate **ret, uint32_t *ret_n)
{
	struct defsync_candidate *list;
	int32_t rc = 0;
	uint32_t n = 0;
	int i;

	list = pool_alloc(pool, (size_t)t->n_columns, sizeof(*list));
	if (!list)
		return sl_fail_nomem(s);
	for (i = 0; i < t->n_columns && rc == 0; i++) {
		if (is_candidate(t, i))
			rc = fill_candidate(s, t, i, &list[n++]);
	}
	*ret = list;
	*ret_n = n;
	return rc;
}

static int32_t describe(struct sl_source *s, struct pool *pool, struct sl_plan *p,
			struct defsync_table *t)
{
	struct sl_findings f = {.pool = pool};
	struct defsync_candidate *candidates = NULL;
	int32_t rc = sl_relation_make(s, pool, p);

	f.list = pool_alloc(pool, SL_FINDINGS_MAX, sizeof(*f.list));
	if (rc == 0 && !f.list)
		rc = sl_fail_nomem(s);
	if (rc == 0)
		rc = sl_findings_make(s, p, &f);
	if (rc == 0)
		rc = sl_candidates_make(s, pool, &p->table, &candidates, &t->n_candidates);
	if (rc == 0)
		rc = sl_row_estimate(s, &p->table, &t->row_estimate);
	t->relation = p->relation;
	t->kind = p->table.view ? "view" : "table";
	t->from = p->table.name;
	t->candidates = candidates;
	t->findings = f.list;
	t->n_findings = f.n;
	return rc;
}

int32_t sl_describe(struct sl_source *s, const struct defsync_request *request,
		    const struct defsync_table **ret_table)
{
	struct defsync_table *t;
	struct sl_plan p;
	int32_t rc = sl_check_identity(s);

	pool_done(&s->described);
	if (rc == 0)
		rc = sl_plan_make(s, &s->described, request, &p);
	if (rc < 0)
		return rc;
	t = pool_alloc(&s->described, 1, sizeof(*t));
	if (!t)
		return sl_fail_nomem(s);
	t->struct_size = sizeof(*t);
	t->candidate_size = sizeof(struct defsync_candidate);
	t->finding_size = sizeof(struct defsync_finding);
	rc = describe(s, &s->described, &p, t);
	if (rc == 0)
		*ret_table = t;
	return rc;
}
