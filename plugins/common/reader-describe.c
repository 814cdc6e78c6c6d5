/* SPDX-License-Identifier: MIT */
/* One table as a request wants to read it, and its watermark candidates. */

#include <string.h>
#include <strings.h>

#include "common/reader-internal.h"

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

/* Times, what a name speaks for, and a primary key of one number. */
static bool is_candidate(const struct reader_table *t, const struct reader_column *c)
{
	static const char *const names[] = {"updated",	"modif",     "changed", "created",
					    "inserted", "timestamp", "version", NULL};
	int i;

	if (c->kind == READER_TIME)
		return true;
	if (c->kind == READER_NONE)
		return false;
	if (contains_word(c->name, names))
		return true;
	if (c->kind != READER_INTEGER || c->pk != 1)
		return false;
	for (i = 0; i < t->n_columns; i++) {
		if (t->columns[i].pk > 1)
			return false;
	}
	return true;
}

static int32_t fill_candidate(struct reader_source *s, const struct reader_table *t, int column,
			      struct defsync_candidate *ret)
{
	const struct reader_column *c = &t->columns[column];
	bool indexed = false;
	int32_t rc = s->dialect->is_indexed(s, t, column, &indexed);

	*ret = (struct defsync_candidate){
	    .column = c->name,
	    .indexed = indexed,
	    .filled = c->filled ? c->filled : "unknown",
	    .note = c->pk ? "primary key: finds new rows, not changes" : NULL,
	};
	return rc;
}

static int32_t candidates_make(struct reader_source *s, struct pool *pool,
			       const struct reader_table *t, struct defsync_table *ret)
{
	struct defsync_candidate *list = pool_alloc(pool, (size_t)t->n_columns, sizeof(*list));
	int32_t rc = 0;
	uint32_t n = 0;
	int i;

	if (!list)
		return reader_fail_nomem(s);
	for (i = 0; i < t->n_columns && rc == 0; i++) {
		if (is_candidate(t, &t->columns[i]))
			rc = fill_candidate(s, t, i, &list[n++]);
	}
	ret->candidates = list;
	ret->n_candidates = n;
	return rc;
}

static int32_t fill_table(struct reader_source *s, struct pool *pool, const struct reader_plan *p,
			  struct defsync_table *ret)
{
	*ret = (struct defsync_table){
	    .struct_size = sizeof(*ret),
	    .candidate_size = sizeof(struct defsync_candidate),
	    .finding_size = sizeof(struct defsync_finding),
	    .relation = p->relation,
	    .kind = p->table.kind,
	    .from = p->table.from,
	    .row_estimate = p->table.row_estimate,
	};
	return candidates_make(s, pool, &p->table, ret);
}

int32_t reader_table_make(struct reader_source *s, struct pool *pool, const struct reader_table *t,
			  struct defsync_table *ret)
{
	struct reader_plan p = {.table = *t, .n_fields = t->n_columns, .watermark = -1};
	int32_t rc;
	int i;

	p.fields = pool_alloc(pool, (size_t)t->n_columns, sizeof(*p.fields));
	if (!p.fields)
		return reader_fail_nomem(s);
	for (i = 0; i < t->n_columns; i++) {
		p.fields[i] = i;
		if (t->columns[i].pk > 0 && p.n_keys < READER_KEYS_MAX)
			p.keys[p.n_keys++] = i;
	}
	rc = reader_relation_make(s, pool, &p);
	return rc < 0 ? rc : fill_table(s, pool, &p, ret);
}

int32_t reader_describe(struct reader_source *s, const struct defsync_request *request,
			const struct defsync_table **ret)
{
	struct pool *pool = &s->described;
	struct reader_findings f = {.pool = pool};
	struct defsync_table *t;
	struct reader_plan p;
	int32_t rc;

	pool_done(pool);
	rc = reader_plan_make(s, pool, request, &p);
	if (rc == 0)
		rc = reader_relation_make(s, pool, &p);
	if (rc < 0)
		return rc;
	t = pool_alloc(pool, 1, sizeof(*t));
	f.list = pool_alloc(pool, READER_FINDINGS_MAX, sizeof(*f.list));
	if (!t || !f.list)
		return reader_fail_nomem(s);
	rc = reader_findings_make(s, &p, &f);
	if (rc == 0)
		rc = fill_table(s, pool, &p, t);
	t->findings = f.list;
	t->n_findings = f.n;
	if (rc == 0)
		*ret = t;
	return rc;
}
