/* SPDX-License-Identifier: MIT */
/* From every checkpoint of a read the rest follows; from a damaged one nothing does. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

struct kept_row {
	char *json;	  /* NULL: a checkpoint only */
	char *checkpoint; /* or NULL */
	int reread;
	int seen; /* of a reading that began at a checkpoint behind it */
};

struct kept {
	struct kept_row *rows;
	size_t n, cap;
};

static void kept_done(struct kept *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->rows[i].json);
		free(k->rows[i].checkpoint);
	}
	free(k->rows);
}

static int keep(struct conform *c, struct kept *k, const struct defsync_row *row, struct error *err)
{
	struct kept_row *r;

	if (k->n == k->cap) {
		size_t cap = k->cap > 0 ? 2 * k->cap : 256;
		struct kept_row *rows = reallocarray(k->rows, cap, sizeof(*rows));

		if (rows == NULL)
			return error_nomem(err);
		k->rows = rows;
		k->cap = cap;
	}
	r = &k->rows[k->n++];
	*r = (struct kept_row){.reread = row != NULL && row->flags & DEFSYNC_ROW_REREAD};
	if (row != NULL && row->checkpoint_len > 0) {
		r->checkpoint = strndup(row->checkpoint, row->checkpoint_len);
		if (r->checkpoint == NULL)
			return error_nomem(err);
	}
	if (row != NULL && row->op == DEFSYNC_OP_CHECKPOINT)
		return 0;
	buf_reset(&c->line);
	/* A bad row without cells is told by its place alone. */
	if (row == NULL ? buf_add_str(&c->line, "bad") < 0 : row_json(c, row, &c->line, err) < 0)
		return error_nomem(err);
	r->json = strndup(c->line.data, c->line.len);
	return r->json != NULL ? 0 : error_nomem(err);
}

static int read_all(struct conform *c, const char *checkpoint, struct kept *k, struct error *err)
{
	const struct defsync_row *row;
	int rc;

	c->request.checkpoint = checkpoint;
	c->request.checkpoint_len = strlen(checkpoint);
	if (source_extract(c->source, &c->request, err) < 0)
		return -1;
	for (;;) {
		row = NULL;
		rc = source_next(c->source, &row, err);
		if (rc == DEFSYNC_END || rc == -1)
			break;
		/* The pause ends the row's life, too. */
		if (keep(c, k, row, err) < 0 ||
		    (c->pause_each > 0 && k->n % (size_t)c->pause_each == 0 &&
		     source_pause(c->source, err) < 0)) {
			rc = -1;
			break;
		}
	}
	source_end(c->source);
	return rc == -1 ? -1 : 0;
}

/* ---- Resuming ---------------------------------------------------------------------------- */

/* A row of the part before the checkpoint that was announced to come again. */
static int is_repeat(struct kept *all, size_t n_before, const char *json)
{
	for (size_t i = 0; i < n_before; i++) {
		struct kept_row *r = &all->rows[i];

		if (r->json != NULL && r->reread && !r->seen && strcmp(r->json, json) == 0) {
			r->seen = 1;
			return 1;
		}
	}
	return 0;
}

/* The rows behind `at`, exactly, but for repeats. */
static int compare(struct kept *all, size_t at, const struct kept *rest, struct error *err)
{
	size_t next = at + 1;

	for (size_t i = 0; i < all->n; i++)
		all->rows[i].seen = 0;
	for (size_t i = 0; i < rest->n; i++) {
		const char *json = rest->rows[i].json;

		if (json == NULL)
			continue;
		while (next < all->n && all->rows[next].json == NULL)
			next++;
		if (next < all->n && strcmp(all->rows[next].json, json) == 0)
			next++;
		else if (!is_repeat(all, at + 1, json))
			return error_set(
			    err, ERR_INTERNAL, "after row %zu of %zu came %.300s instead of %.300s",
			    at, all->n, json, next < all->n ? all->rows[next].json : "the end");
	}
	while (next < all->n && all->rows[next].json == NULL)
		next++;
	if (next < all->n)
		return error_set(err, ERR_INTERNAL,
				 "after row %zu of %zu the row %.300s is missing", at, all->n,
				 all->rows[next].json);
	return 0;
}

static int resume_at(struct conform *c, struct kept *all, size_t at, struct error *err)
{
	struct kept rest = {NULL, 0, 0};
	int rc = read_all(c, all->rows[at].checkpoint, &rest, err);

	if (rc == 0)
		rc = compare(all, at, &rest, err);
	if (rc < 0)
		error_prefix(err, "resumed at %s", all->rows[at].checkpoint);
	kept_done(&rest);
	return rc;
}

/* A snapshot that is complete: the next run begins anew, and all comes again. */
static int resume_done(struct conform *c, struct kept *all, const char *checkpoint,
		       struct error *err)
{
	struct kept again = {NULL, 0, 0};
	int rc = read_all(c, checkpoint, &again, err);

	if (rc == 0 && again.n != all->n)
		rc = error_set(err, ERR_INTERNAL, "%zu rows after a complete snapshot of %zu",
			       again.n, all->n);
	for (size_t i = 0; rc == 0 && i < all->n; i++)
		if (all->rows[i].json != NULL &&
		    (again.rows[i].json == NULL ||
		     strcmp(all->rows[i].json, again.rows[i].json) != 0))
			rc = error_set(err, ERR_INTERNAL, "row %zu of a new snapshot differs", i);
	kept_done(&again);
	return rc;
}

/* Which of so many points: at most max, spread, with the first and the last. */
static int is_chosen(size_t nth, size_t n, size_t max)
{
	return nth == 0 || nth + 1 == n || (nth + 1) * max / n != nth * max / n;
}

static int resume_all(struct conform *c, struct kept *all, size_t max, struct error *err)
{
	const char *phase = host_fact(source_host(c->source), DEFSYNC_REPORT_PHASE);
	int done = phase != NULL && strcmp(phase, "done") == 0;
	size_t points = 0, nth = 0, tried = 0;
	int rc = 0;

	for (size_t i = 0; i < all->n; i++)
		points += all->rows[i].checkpoint != NULL;
	for (size_t i = 0; rc == 0 && i < all->n; i++) {
		if (all->rows[i].checkpoint == NULL || !is_chosen(nth++, points, max))
			continue;
		tried++;
		rc = done && nth == points ? resume_done(c, all, all->rows[i].checkpoint, err)
					   : resume_at(c, all, i, err);
	}
	if (rc == 0 && tried == 0)
		rc = error_set(err, ERR_INTERNAL, "there is no checkpoint in %zu rows", all->n);
	if (rc == 0)
		print_line("{\"resumed\":%zu,\"rows\":%zu}", tried, all->n);
	return rc;
}

int action_resume_each(struct conform *c, struct error *err)
{
	struct kept all = {NULL, 0, 0};
	int64_t max = 0;
	int rc = args_int(c->args, "resume-each", 1, 1000000, &max, err);

	if (rc == 0)
		rc = read_all(c, c->request.checkpoint, &all, err);
	if (rc == 0)
		rc = resume_all(c, &all, (size_t)max, err);
	kept_done(&all);
	return rc;
}

/* ---- Damage --------------------------------------------------------------------------------- */

/* Refused as stale, by extract or by the first next; no row before. */
static int refused(struct conform *c, const char *checkpoint, size_t len, struct error *err)
{
	struct error why = ERROR_INIT;
	const struct defsync_row *row = NULL;
	int rc;

	c->request.checkpoint = checkpoint;
	c->request.checkpoint_len = len;
	c->spy->rc = 0;
	rc = source_extract(c->source, &c->request, &why);
	if (rc == 0)
		rc = source_next(c->source, &row, &why);
	source_end(c->source);
	if (rc != -1 || c->spy->rc != DEFSYNC_E_STALE_CHECKPOINT) {
		rc = error_set(err, ERR_INTERNAL, "%s: '%.*s'",
			       rc == -1 ? error_text(&why) : "taken", (int)len, checkpoint);
	} else {
		c->spy->rc = 0;
		rc = 0;
	}
	error_done(&why);
	return rc;
}

static int damage(struct conform *c, const char *checkpoint, uint64_t *n, struct error *err)
{
	size_t len = strlen(checkpoint);
	char copy[LIMIT_CHECKPOINT_BYTES + 1];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < len; i++, *n += 3) {
		memcpy(copy, checkpoint, len + 1);
		copy[i] = copy[i] == '1' ? '2' : '1';
		rc = refused(c, copy, len, err);
		copy[i] = copy[i] == 'x' ? 'y' : 'x';
		if (rc == 0 && copy[i] != checkpoint[i])
			rc = refused(c, copy, len, err);
		if (rc == 0 && i > 0)
			rc = refused(c, checkpoint, i, err);
	}
	if (rc == 0 && len < LIMIT_CHECKPOINT_BYTES) {
		memcpy(copy, checkpoint, len);
		copy[len] = '0';
		rc = refused(c, copy, len + 1, err);
	}
	return rc < 0 ? -1 : refused(c, "~", 1, err);
}

int action_damage(struct conform *c, struct error *err)
{
	struct kept all = {NULL, 0, 0};
	uint64_t n = 0;
	int rc = read_all(c, c->request.checkpoint, &all, err);
	size_t first = 0, last = all.n;

	while (first < all.n && all.rows[first].checkpoint == NULL)
		first++;
	while (last > first && all.rows[last - 1].checkpoint == NULL)
		last--;
	if (rc == 0 && first == all.n)
		rc = error_set(err, ERR_INTERNAL, "there is no checkpoint in %zu rows", all.n);
	if (rc == 0)
		rc = damage(c, all.rows[first].checkpoint, &n, err);
	if (rc == 0 && last - 1 > first)
		rc = damage(c, all.rows[last - 1].checkpoint, &n, err);
	if (rc == 0)
		print_line("{\"refused\":%" PRIu64 "}", n);
	kept_done(&all);
	return rc;
}
