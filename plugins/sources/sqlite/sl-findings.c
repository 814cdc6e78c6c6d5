/* SPDX-License-Identifier: MIT */
/* What `defsync check` says about a table. */

#include <string.h>

#include "sl.h"

__attribute__((format(printf, 5, 6))) static void add(struct sl_findings *f, uint32_t level,
						      const char *code, const char *hint,
						      const char *fmt, ...)
{
	char text[DEFSYNC_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (f->n == SL_FINDINGS_MAX)
		return;
	f->list[f->n] = (struct defsync_finding){
	    .level = level, .code = code, .text = pool_strdup(f->pool, text), .hint = hint};
	f->nomem = f->nomem || !f->list[f->n].text;
	f->n++;
}

/* "CREATE INDEX ON orders (updated_at, id)" for this plan. */
static const char *index_hint(const struct sl_plan *p, struct sl_findings *f)
{
	struct text t;
	char *hint = NULL;
	int i;

	text_init(&t, SL_SQL_MAX);
	text_str(&t, "CREATE INDEX \"defsync_");
	text_str(&t, strchr(p->table.name, '"') ? "watermark" : p->table.name);
	text_str(&t, "\" ON ");
	/* The name without its schema, which belongs in front of the index's. */
	text_str(&t, p->table.quoted + sizeof("\"main\".") - 1);
	for (i = 0; i < p->n_mark; i++) {
		if (p->mark_columns[i] == SL_ROWID)
			continue;
		text_str(&t, i ? ", " : " (");
		text_str(&t, p->table.columns[p->mark_columns[i]].quoted);
	}
	text_str(&t, ");");
	if (text_ok(&t))
		hint = pool_strdup(f->pool, text_get(&t));
	f->nomem = f->nomem || !hint;
	text_done(&t);
	return hint;
}

static void key_findings(const struct sl_plan *p, struct sl_findings *f)
{
	if (p->n_keys == 0)
		add(f, DEFSYNC_FINDING_ERROR, "key-missing", "key: id",
		    "'%s' has no key that SQLite knows", p->table.name);
	else if (p->rowid_order)
		add(f, DEFSYNC_FINDING_WARN, "rowid-key", "key: id",
		    "'%s' has no primary key and is read in the order of its rowid, which VACUUM "
		    "changes: do not run it during a first load",
		    p->table.name);
	else if (!p->unique)
		add(f, DEFSYNC_FINDING_WARN, "key-not-unique", NULL,
		    "no unique index says that the key tells all rows of '%s' apart; rows with "
		    "equal "
		    "keys overwrite each other in merge mode",
		    p->table.name);
}

static int32_t key_nulls(struct sl_source *s, const struct sl_plan *p, struct sl_findings *f)
{
	int32_t rc = 0;
	int i;

	for (i = 0; i < p->n_keys && rc == 0; i++) {
		const struct sl_column *c;
		struct text condition;
		int64_t n = 0;

		if (p->keys[i] == SL_ROWID || p->keys[i] == p->table.alias)
			continue;
		c = &p->table.columns[p->keys[i]];
		text_init(&condition, SL_SQL_MAX);
		text_str(&condition, c->quoted);
		text_str(&condition, " IS NULL");
		rc = c->not_null ? 0 : sl_count(s, p, text_get(&condition), &n);
		text_done(&condition);
		if (n)
			add(f, DEFSYNC_FINDING_ERROR, "null-key", NULL,
			    "%lld rows have NULL in the key column '%s' and cannot be ordered",
			    (long long)n, c->name);
	}
	return rc;
}

static void survey_findings(const struct sl_plan *p, const struct sl_survey *v,
			    struct sl_findings *f)
{
	const struct sl_column *c = &p->table.columns[p->watermark];
	struct sl_mark mark;
	struct text reason;

	text_init(&reason, DEFSYNC_TEXT_MAX);
	if (!sl_survey_verdict(v, p, &mark, &reason)) {
		add(f, DEFSYNC_FINDING_ERROR,
		    v->n_forms > 1			    ? "mixed-classes"
		    : v->forms[0].mark.kind == SL_KIND_REAL ? "float-watermark"
							    : "blob-watermark",
		    NULL, "%s", text_get(&reason));
	} else if ((mark.kind == SL_KIND_TEXT || mark.kind == SL_KIND_TIME) &&
		   sqlite3_stricmp(c->collation, "BINARY") != 0) {
		add(f, DEFSYNC_FINDING_ERROR, "watermark-collation", NULL,
		    "watermark '%s' has the collation %s, under which different texts are equal",
		    c->name, c->collation);
	}
	text_done(&reason);
	if (v->nulls == 0)
		return;
	if (p->request->null_watermark == DEFSYNC_NULLS_EVERY_RUN ||
	    p->request->null_watermark == DEFSYNC_NULLS_EXCLUDE)
		add(f, DEFSYNC_FINDING_NOTE, "null-watermark", NULL,
		    "%lld rows have no watermark; they are %s", (long long)v->nulls,
		    p->request->null_watermark == DEFSYNC_NULLS_EXCLUDE ? "left out"
									: "sent in every run");
	else
		add(f, DEFSYNC_FINDING_ERROR, "null-watermark", "null_watermark: every_run",
		    "%lld rows have no watermark ('%s' is NULL) and would never be read",
		    (long long)v->nulls, c->name);
}

static int32_t future_finding(struct sl_source *s, const struct sl_plan *p,
			      const struct sl_survey *v, struct sl_findings *f)
{
	struct sl_value newest = {0}, now = {0};
	int32_t rc;

	if (v->n_forms != 1 || v->forms[0].mark.kind != SL_KIND_TIME)
		return 0;
	rc = sl_newest_below(s, p, NULL, &newest);
	if (rc == 0)
		rc =
		    sl_scalar(s, p, "strftime('%Y-%m-%d', 'now', '+2 days')", NULL, "", NULL, &now);
	if (rc == 0 && newest.cls == SQLITE_TEXT && now.cls == SQLITE_TEXT &&
	    sl_value_compare(&newest, &now) > 0)
		add(f, DEFSYNC_FINDING_WARN, "future-watermark", NULL,
		    "the newest watermark, '%.40s', lies in the future; such rows are sent again "
		    "in "
		    "each run until then",
		    newest.ptr);
	sl_value_done(&newest);
	sl_value_done(&now);
	return rc;
}

static int32_t watermark_findings(struct sl_source *s, const struct sl_plan *p,
				  struct sl_findings *f)
{
	struct sl_survey v;
	bool indexed = true;
	int32_t rc = sl_survey_run(s, p, &v);

	if (rc < 0)
		return rc;
	survey_findings(p, &v, f);
	rc = future_finding(s, p, &v, f);
	sl_survey_done(&v);
	if (rc == 0 && !p->table.view)
		rc = sl_table_indexed(s, &p->table, p->watermark, &indexed);
	if (!indexed)
		add(f, DEFSYNC_FINDING_WARN, "watermark-not-indexed", index_hint(p, f),
		    "no index begins with '%s': each run reads and sorts the whole table",
		    p->table.columns[p->watermark].name);
	if (p->watermark == p->table.alias)
		add(f, DEFSYNC_FINDING_NOTE, "watermark-is-key", NULL,
		    "'%s' is the primary key: new rows are found, changes of old rows are not",
		    p->table.columns[p->watermark].name);
	return rc;
}

static int32_t journal_finding(struct sl_source *s, const struct sl_plan *p, struct sl_findings *f)
{
	struct sl_value mode = {0};
	int32_t rc = sl_scalar(s, p, "(SELECT journal_mode FROM pragma_journal_mode)", NULL, "",
			       NULL, &mode);

	if (rc == 0 && mode.cls == SQLITE_TEXT && strcmp(mode.ptr, "wal") != 0)
		add(f, DEFSYNC_FINDING_NOTE, "journal-mode", "PRAGMA journal_mode=WAL;",
		    "journal mode '%.20s': writers of this database wait while it is read, up to "
		    "'max_snapshot'",
		    mode.ptr);
	sl_value_done(&mode);
	return rc;
}

int32_t sl_findings_make(struct sl_source *s, const struct sl_plan *p, struct sl_findings *f)
{
	int32_t rc;

	key_findings(p, f);
	rc = key_nulls(s, p, f);
	if (rc < 0)
		return rc;
	if (p->watermark >= 0)
		rc = watermark_findings(s, p, f);
	else if (p->request->mode == DEFSYNC_READ_INCREMENTAL)
		add(f, DEFSYNC_FINDING_ERROR, "watermark-missing", "watermark: updated_at",
		    "no 'watermark' is configured");
	else
		add(f, DEFSYNC_FINDING_NOTE, "no-watermark", NULL,
		    "without a watermark the whole table is read in each run");
	if (rc == 0)
		rc = journal_finding(s, p, f);
	return rc == 0 && f->nomem ? sl_fail_nomem(s) : rc;
}
