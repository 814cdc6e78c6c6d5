/* SPDX-License-Identifier: MIT */
/* What becomes of rows whose columns have changed, see gate.h. */

#include "sync/gate.h"

#include <stdlib.h>
#include <string.h>

#include "sync/names.h"
#include "sync/run-internal.h"

/* So many changes are in one message. */
#define SHOWN 10
#define MESSAGE_MAX ((size_t)64 * 1024)

/* ---- What is reported ---- */

/* 1: in this run, or in an earlier one that could do no more than report it. */
static int is_reported(const struct table_run *t, const char *change, struct error *err)
{
	if (news_has(&t->gate, change))
		return 1;
	if (!t->has_stored)
		return 0;
	return store_drift_seen(t->run->store, t->stored.id, change, err);
}

static char *text_of(const struct drift_change *c)
{
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	if (drift_add_text(c, &b) < 0) {
		buf_done(&b);
		return NULL;
	}
	return buf_take(&b);
}

static int add_if_new(struct table_run *t, struct news *n, const struct drift_change *c,
		      struct error *err)
{
	char *text = text_of(c);
	int rc = text == NULL ? error_nomem(err) : is_reported(t, text, err);

	if (rc == 0)
		n->changes[n->n++] = text;
	else
		free(text);
	return rc < 0 ? -1 : 0;
}

/* ---- Messages ---- */

static int add_joined(struct buf *out, const struct drift *d)
{
	int rc = 0;

	for (size_t i = 0; i < d->n && i < SHOWN; i++) {
		rc |= buf_add_str(out, i > 0 ? "; " : "");
		rc |= drift_add_text(&d->changes[i], out);
	}
	if (d->n > SHOWN)
		rc |= buf_printf(out, "; and %zu more", d->n - SHOWN);
	return rc < 0 || buf_str(out) == NULL ? -1 : 0;
}

static const char *consequence(enum config_schema policy)
{
	if (policy == SCHEMA_IGNORE)
		return "; what was not sent before is left out (schema: ignore)";
	return policy == SCHEMA_DEAD_LETTER
		   ? "; rows go to the dead letters (schema: dead_letter) until "
		     "'defsync run --accept-schema'"
		   : "";
}

/* Added columns that are sent are as it should be. */
static enum log_level level_of(const struct table_run *t, const struct drift *d)
{
	if (t->config->schema != SCHEMA_EVOLVE)
		return LOG_WARN;
	for (size_t i = 0; i < d->n; i++) {
		if (d->changes[i].kind != DRIFT_NEW)
			return LOG_WARN;
	}
	return LOG_INFO;
}

/* Those that are not reported yet, as one line. */
static int say(struct table_run *t, const struct drift *d, const struct news *n, struct error *err)
{
	struct buf b;
	int rc = 0;

	/* A replay is about rows of before; the next run says it. */
	if (n->n == 0 || t->run->settings.replay != NULL)
		return 0;
	buf_init(&b, MESSAGE_MAX);
	for (size_t i = 0; i < n->n && i < SHOWN; i++)
		rc |= buf_printf(&b, "%s%s", i > 0 ? "; " : "", n->changes[i]);
	if (n->n > SHOWN)
		rc |= buf_printf(&b, "; and %zu more", n->n - SHOWN);
	if (rc == 0 && buf_str(&b) != NULL)
		log_write(t->run->log, level_of(t, d), t->where, "%s%s", b.data,
			  consequence(t->config->schema));
	else
		rc = error_nomem(err);
	buf_done(&b);
	return rc;
}

static int stop(const struct table_run *t, const struct drift *d, const char *what,
		struct error *err)
{
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	if (add_joined(&b, d) < 0)
		(void)error_nomem(err);
	else
		(void)error_set(err, ERR_SOURCE, "%s: %s; %s", t->where, b.data, what);
	buf_done(&b);
	return -1;
}

/* ---- Policies ---- */

/* The merge would be without it. */
static int is_merge_key(const struct table_run *t, const struct defsync_column *c)
{
	int named = 0;

	for (size_t i = 0; i < t->config->n_key; i++)
		named |= strcmp(t->config->key[i], c->name) == 0;
	return t->target.merge && ((c->flags & DEFSYNC_COLUMN_KEY) || named);
}

/* What was not sent before, or as something else, is left out. */
static int leave_out(struct table_run *t, const struct shape *now, const struct drift *d,
		     struct passage *p, struct error *err)
{
	unsigned char *keep = malloc((size_t)p->of->n_columns + 1);
	size_t left = p->of->n_columns;
	int rc = 0;

	if (keep == NULL)
		return error_nomem(err);
	memset(keep, 1, (size_t)p->of->n_columns + 1);
	for (size_t i = 0; rc == 0 && i < d->n; i++) {
		const struct drift_change *c = &d->changes[i];
		uint32_t at;

		if (c->kind != DRIFT_NEW && c->kind != DRIFT_CONFLICT)
			continue;
		at = (uint32_t)(c->is - now->columns);
		keep[at] = 0;
		left--;
		if (left == 0 || is_merge_key(t, defsync_column_at(p->of, at)))
			rc = stop(t, d,
				  "it is needed and cannot be left out; accept the columns with "
				  "defsync run --accept-schema",
				  err);
	}
	if (rc == 0 && left < p->of->n_columns) {
		p->project = project_create(p->of, keep);
		rc = p->project == NULL ? error_nomem(err) : 0;
	}
	free(keep);
	return rc;
}

static int set_fault(const struct drift *d, struct passage *p, struct error *err)
{
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	if (add_joined(&b, d) == 0)
		p->fault = buf_take(&b);
	buf_done(&b);
	return p->fault != NULL ? 0 : error_nomem(err);
}

/* -1: the table stops. */
static int apply_policy(struct table_run *t, const struct shape *now, const struct drift *d,
			struct passage *p, struct error *err)
{
	switch (t->config->schema) {
	case SCHEMA_FAIL:
		return stop(t, d,
			    "nothing of it is sent (schema: fail); accept it with defsync run "
			    "--accept-schema, or undo it",
			    err);
	case SCHEMA_IGNORE:
		return leave_out(t, now, d, p, err);
	case SCHEMA_DEAD_LETTER:
		return set_fault(d, p, err);
	default:
		if (d->n_conflicts == 0)
			return 0;
		return stop(t, d,
			    "the target's column cannot become that; restore the type with the "
			    "transform 'cast', send the table to another target, leave the column "
			    "out with schema: ignore, or, when the target takes it, accept it with "
			    "defsync run --accept-schema",
			    err);
	}
}

/* ---- Acceptance ---- */

/* These columns are the known ones from now on; the news say so. */
static int accept(struct table_run *t, struct shape *now, struct news *n, struct error *err)
{
	struct gate *g = &t->gate;
	struct buf text;

	if (g->is_known && shape_keep_gone(now, &g->known, err) < 0)
		return -1;
	buf_init(&text, LIMIT_SHAPE_BYTES);
	if (shape_add_text(now, &text) == 0)
		n->shape = buf_take(&text);
	buf_done(&text);
	if (n->shape == NULL)
		return error_nomem(err);
	if (g->is_known)
		shape_done(&g->known);
	g->known = *now;
	g->is_known = 1;
	*now = (struct shape){0};
	return 0;
}

/* There is a change, or several. */
static int take_drift(struct table_run *t, struct shape *now, const struct drift *d,
		      struct passage *p, struct news *n, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < d->n; i++)
		rc = add_if_new(t, n, &d->changes[i], err);
	if (rc < 0 || apply_policy(t, now, d, p, err) < 0 || say(t, d, n, err) < 0)
		return -1;
	/* The changes point into both. */
	return t->config->schema == SCHEMA_EVOLVE ? accept(t, now, n, err) : 0;
}

static int compare(struct table_run *t, struct shape *now, struct passage *p, struct news *n,
		   struct error *err)
{
	struct drift d;
	int rc = 0;

	if (drift_compare(&t->gate.known, now, &d) < 0)
		return error_nomem(err);
	if (d.n > 0)
		rc = take_drift(t, now, &d, p, n, err);
	drift_done(&d);
	return rc;
}

static int check_names(const struct table_run *t, const struct passage *p, struct error *err)
{
	if (p->fault != NULL)
		return 0;
	return names_refuse(p->project != NULL ? project_relation(p->project) : p->of, t->where,
			    err);
}

static int judge(struct table_run *t, struct passage *p, struct error *err)
{
	size_t most = t->gate.known.n + p->of->n_columns;
	struct news *n = news_create(most);
	int all = t->config->schema == SCHEMA_EVOLVE || !t->gate.is_known;
	struct shape now;
	int rc;

	if (n == NULL)
		return error_nomem(err);
	if (shape_of(&now, p->of, t->config->decimals_as_number, err) < 0) {
		news_free(n);
		return -1;
	}
	rc = all ? check_names(t, p, err) : 0;
	if (rc == 0)
		rc = t->gate.is_known ? compare(t, &now, p, n, err) : accept(t, &now, n, err);
	if (rc == 0 && !all)
		rc = check_names(t, p, err);
	shape_done(&now);
	/* Also when the table stops: it is said, and has to be in the record. */
	news_publish(t, n);
	return rc;
}

/* ---- The reader ---- */

static void free_passage(struct passage *p)
{
	if (p == NULL)
		return;
	project_destroy(p->project);
	free(p->fault);
	free(p);
}

int gate_relation(struct table_run *t, const struct defsync_relation *relation, struct error *err)
{
	struct gate *g = &t->gate;
	struct passage *p = g->passages;

	while (p != NULL && p->of != relation)
		p = p->next;
	if (p == NULL) {
		p = calloc(1, sizeof(*p));
		if (p == NULL)
			return error_nomem(err);
		p->of = relation;
		if (judge(t, p, err) < 0) {
			free_passage(p);
			return -1;
		}
		p->next = g->passages;
		g->passages = p;
	}
	g->at = p;
	return 0;
}

int gate_row(struct table_run *t, const struct defsync_row **row, struct row_fault *fault,
	     struct error *err)
{
	struct gate *g = &t->gate;

	if ((g->at == NULL || g->at->of != (*row)->relation) &&
	    gate_relation(t, (*row)->relation, err) < 0)
		return -1;
	if (g->at->fault != NULL) {
		(void)row_fault_set(fault, ROW_SCHEMA, "%s", g->at->fault);
		return 1;
	}
	if (g->at->project != NULL)
		*row = project_row(g->at->project, *row);
	return 0;
}

/* ---- Beginning and end ---- */

static int set_known(struct table_run *t, const char *columns, struct error *err)
{
	if (shape_parse(&t->gate.known, columns, err) < 0) {
		error_prefix(err, "%s", t->where);
		return -1;
	}
	t->gate.is_known = 1;
	return 0;
}

int gate_open(struct table_run *t, struct error *err)
{
	const struct run_settings *s = &t->run->settings;
	struct buf columns;
	int rc = 0;

	/* A dry run may have found another target's. */
	if (!t->has_stored || strcmp(t->stored.target, t->config->to) != 0)
		return 0;
	if (s->accept_schema)
		return s->sink == RUN_PUSH ? store_shape_forget(t->run->store, t->stored.id, err)
					   : 0;
	buf_init(&columns, LIMIT_SHAPE_BYTES);
	rc = store_shape_get(t->run->store, t->stored.id, &columns, err);
	if (rc > 0)
		rc = set_known(t, columns.data, err);
	buf_done(&columns);
	return rc;
}

void gate_done(struct gate *g)
{
	news_free_all(g);
	while (g->passages != NULL) {
		struct passage *p = g->passages;

		g->passages = p->next;
		free_passage(p);
	}
	if (g->is_known)
		shape_done(&g->known);
	free((void *)g->changes);
}
