/* SPDX-License-Identifier: MIT */
/* What `defsync check` says about a table. */

#include <stdio.h>
#include <string.h>

#include "common/ident.h"
#include "common/reader-internal.h"

void reader_find(void *list, uint32_t level, const char *code, const char *hint, const char *fmt,
		 ...)
{
	struct reader_findings *f = list;
	char text[DEFSYNC_TEXT_MAX];
	struct defsync_finding *to;
	va_list ap;

	if (f->n == READER_FINDINGS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	to = &f->list[f->n++];
	*to = (struct defsync_finding){
	    .level = level,
	    .code = pool_strdup(f->pool, code),
	    .text = pool_strdup(f->pool, text),
	    .hint = hint ? pool_strdup(f->pool, hint) : NULL,
	};
	f->nomem = f->nomem || !to->code || !to->text || (hint && !to->hint);
}

static void key_findings(const struct reader_plan *p, struct reader_findings *f)
{
	int i;

	if (p->n_keys == 0)
		reader_find(f, DEFSYNC_FINDING_ERROR, "key-missing", "key: id",
			    "'%s' is a %s without a primary key", p->table.from, p->table.kind);
	else if (!p->unique)
		reader_find(f, DEFSYNC_FINDING_WARN, "key-not-unique", NULL,
			    "no unique index says that the key tells all rows of '%s' apart; rows "
			    "with equal keys overwrite each other in merge mode",
			    p->table.from);
	for (i = 0; i < p->n_keys; i++) {
		if (p->key_columns[i]->key_refusal)
			reader_find(f, DEFSYNC_FINDING_ERROR, "key-refused", NULL,
				    "column '%s' cannot be part of a key: it %s",
				    p->key_columns[i]->name, p->key_columns[i]->key_refusal);
	}
}

static int32_t key_nulls(struct reader_source *s, const struct reader_plan *p,
			 struct reader_findings *f)
{
	int32_t rc = 0;
	int i;

	for (i = 0; i < p->n_keys && rc == 0; i++) {
		const struct reader_column *c = p->key_columns[i];
		const char *condition;
		int64_t n = 0;

		if (!c->nullable || p->keys[i] == p->watermark)
			continue;
		condition = pool_printf(f->pool, "%s IS NULL", c->quoted);
		if (!condition)
			return reader_fail_nomem(s);
		rc = reader_count(s, p, condition, &n);
		if (n)
			reader_find(f, DEFSYNC_FINDING_ERROR, "null-key", NULL,
				    "%lld rows have NULL in the key column '%s' and cannot be "
				    "ordered",
				    (long long)n, c->name);
	}
	return rc;
}

static int32_t mark_nulls(struct reader_source *s, const struct reader_plan *p,
			  struct reader_findings *f)
{
	const struct reader_column *c = reader_plan_mark(p);
	uint32_t policy = p->request->null_watermark;
	const char *condition;
	int64_t n = 0;
	int32_t rc;

	if (!c->nullable && !c->missing)
		return 0;
	condition = reader_plan_missing(f->pool, p);
	if (!condition)
		return reader_fail_nomem(s);
	rc = reader_count(s, p, condition, &n);
	if (rc < 0 || n == 0)
		return rc;
	if (policy == DEFSYNC_NULLS_EXCLUDE ||
	    (policy == DEFSYNC_NULLS_EVERY_RUN && !reader_mark_is_key(p)))
		reader_find(f, DEFSYNC_FINDING_NOTE, "null-watermark", NULL,
			    "%lld rows have no watermark; they are %s", (long long)n,
			    policy == DEFSYNC_NULLS_EXCLUDE ? "left out" : "sent in every run");
	else
		reader_find(f, DEFSYNC_FINDING_ERROR, "null-watermark",
			    reader_mark_is_key(p) ? "null_watermark: exclude"
						  : "null_watermark: every_run",
			    "%lld rows have no watermark ('%s' is %s) and would never be read",
			    (long long)n, c->name, c->missing ? "NULL or not finite" : "NULL");
	return 0;
}

/* "CREATE INDEX "defsync_orders" ON "public"."orders" ("updated_at", "id");" */
static void index_finding(const struct reader_source *s, const struct reader_plan *p,
			  struct reader_findings *f)
{
	struct text t, name;
	int i;

	text_init(&t, READER_SQL_MAX);
	text_init(&name, 200);
	if (s->dialect->quote == '`' && p->mark_order[0] != reader_plan_mark(p)->quoted) {
		/* MySQL's indexes are of columns. */
		t.failed = true;
	}
	text_str(&name, "defsync_");
	text_str(&name, p->table.name);
	text_str(&t, "CREATE INDEX ");
	ident_quote(&t, text_get(&name), s->dialect->quote);
	text_str(&t, " ON ");
	text_str(&t, p->table.sql);
	for (i = 0; i < p->n_mark; i++) {
		text_str(&t, i ? ", " : " (");
		text_str(&t,
			 s->dialect->quote == '`' ? p->mark_columns[i]->quoted : p->mark_order[i]);
	}
	text_str(&t, ");");
	reader_find(f, DEFSYNC_FINDING_WARN, "watermark-not-indexed",
		    text_ok(&t) && text_ok(&name) ? text_get(&t) : NULL,
		    "no index begins with '%s': each run reads and sorts the whole table",
		    reader_plan_mark(p)->name);
	text_done(&name);
	text_done(&t);
}

/* Views and queries have no indexes of their own. */
static int32_t indexed_finding(struct reader_source *s, const struct reader_plan *p,
			       struct reader_findings *f)
{
	bool indexed = true;
	int32_t rc = 0;

	if (strstr(p->table.kind, "table"))
		rc = s->dialect->is_indexed(s, &p->table, p->watermark, &indexed);
	if (rc == 0 && !indexed)
		index_finding(s, p, f);
	return rc;
}

static int32_t future_finding(struct reader_source *s, const struct reader_plan *p,
			      const struct reader_limit *limit, struct reader_findings *f)
{
	struct reader_value newest = {.cap = 0};
	char text[READER_FORMAT_MAX];
	int64_t us, tomorrow;
	int32_t rc;

	if (limit->now_us == DEFSYNC_TIME_NONE ||
	    __builtin_add_overflow(limit->now_us, READER_DAY_US, &tomorrow))
		return 0;
	rc = reader_newest(s, p, NULL, &newest);
	if (rc == 0 && reader_mark_us(&newest.cell, &us) && us > tomorrow)
		reader_find(f, DEFSYNC_FINDING_WARN, "future-watermark", NULL,
			    "the newest watermark, %.*s, lies in the future; such rows are sent "
			    "again in each run until then",
			    (int)reader_format(&newest.cell, READER_FORM_SERVER, text), text);
	reader_value_done(&newest);
	return rc;
}

static int32_t ceiling_findings(struct reader_source *s, const struct reader_plan *p,
				struct reader_findings *f)
{
	struct reader_limit limit = {.standing = READER_NO_CEILING, .now_us = DEFSYNC_TIME_NONE};
	int32_t rc = 0;

	if (reader_plan_mark(p)->kind == READER_TIME)
		rc = reader_limit_make(s, p, NULL, &limit);
	if (rc == 0)
		rc = future_finding(s, p, &limit, f);
	if (rc == 0 && limit.told.reason[0]) {
		/* "why; what to do": the second half is the hint. */
		const char *todo = strstr(limit.told.reason, "; ");

		reader_find(
		    f, DEFSYNC_FINDING_WARN,
		    limit.standing == READER_NO_CEILING ? "ceiling-none" : "ceiling-heuristic",
		    todo ? todo + 2 : NULL, "%.*s",
		    (int)(todo ? (size_t)(todo - limit.told.reason) : strlen(limit.told.reason)),
		    limit.told.reason);
	}
	reader_value_done(&limit.value);
	return rc;
}

static int32_t mark_findings(struct reader_source *s, const struct reader_plan *p,
			     struct reader_findings *f)
{
	const struct reader_column *c = reader_plan_mark(p);
	int32_t rc;

	if (c->kind == READER_NONE) {
		reader_find(f, DEFSYNC_FINDING_ERROR, "watermark-refused", NULL,
			    "column '%s' cannot be a watermark: it %s", c->name,
			    c->refusal ? c->refusal : "has no order");
		return 0;
	}
	if (c->kind == READER_TEXT && p->request->lookback > 0)
		reader_find(f, DEFSYNC_FINDING_ERROR, "lookback-refused", "lookback: 0",
			    "watermark '%s' is neither a number nor a date, so 'lookback' has no "
			    "meaning",
			    c->name);
	rc = mark_nulls(s, p, f);
	if (rc == 0)
		rc = indexed_finding(s, p, f);
	if (rc == 0)
		rc = ceiling_findings(s, p, f);
	if (reader_mark_is_key(p))
		reader_find(f, DEFSYNC_FINDING_NOTE, "watermark-is-key", NULL,
			    "'%s' is part of the key: new rows are found, changes of old rows are "
			    "not",
			    c->name);
	return rc;
}

int32_t reader_findings_make(struct reader_source *s, const struct reader_plan *p,
			     struct reader_findings *f)
{
	int32_t rc;

	key_findings(p, f);
	rc = key_nulls(s, p, f);
	if (rc < 0)
		return rc;
	if (p->watermark >= 0)
		rc = mark_findings(s, p, f);
	else if (p->request->mode == DEFSYNC_READ_INCREMENTAL)
		reader_find(f, DEFSYNC_FINDING_ERROR, "watermark-missing", "watermark: updated_at",
			    "no 'watermark' is configured");
	else
		reader_find(f, DEFSYNC_FINDING_NOTE, "no-watermark", NULL,
			    "without a watermark the whole table is read in each run");
	if (rc == 0 && s->dialect->findings)
		rc = s->dialect->findings(s, &p->table,
					  p->watermark < 0 ? NULL : reader_plan_mark(p), f);
	return rc == 0 && f->nomem ? reader_fail_nomem(s) : rc;
}
