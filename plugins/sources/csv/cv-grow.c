/* SPDX-License-Identifier: MIT */
/*
 * Which of the files that grow are those that are known: by their first bytes and
 * their inodes, as they are renamed, copied and begun again.
 */

#include <string.h>

#include "cv-cursor.h"
#include "cv-list.h"

#define HEADER_LINES 2 /* the number of the line behind a header */

struct growing {
	struct cv_source *s;
	struct cv_cursor *c;
	size_t named;	/* files that the table names; behind them those beside a single one */
	size_t most;	/* bytes of the longest fingerprint */
	size_t *weak;	/* of each known: the first file with its bytes, or CV_NOWHERE */
	bool *assigned; /* of each file */
};

static void assign(const struct growing *g, size_t known, size_t file)
{
	g->c->state.known[known].file = file;
	g->assigned[file] = true;
}

/*
 * A file beside a single one, which has another content now.  Of one of which no more
 * than the header was known other tables begin like it, too, so that its name has to
 * tell.
 */
static bool can_be_rotated(const struct growing *g, const struct cv_known *known, size_t file)
{
	const char *name = g->c->files.list[file].name;

	if (known->bytes == 0)
		return false;
	return known->line > HEADER_LINES || cv_relation_of(name, g->c->q->table) >= CV_DATED;
}

/*
 * Of files with these first bytes the oldest, but of those beside a single file one
 * that was written since that was looked at: earlier generations often begin alike.
 * Without any bytes all begin alike.
 */
static bool is_better(const struct growing *g, const struct cv_known *known, size_t was,
		      size_t file)
{
	const struct cv_file *list = g->c->files.list;
	int64_t seen = g->c->state.seen;

	if (file >= g->named && !can_be_rotated(g, known, file))
		return false;
	return was == CV_NOWHERE ||
	       (was >= g->named && list[was].mtime <= seen && list[file].mtime > seen);
}

/* The file's first bytes, against all that is known and not found yet. */
static int32_t compare_file(const struct growing *g, size_t file)
{
	struct cv_cursor *c = g->c;
	const struct cv_file *f = &c->files.list[file];
	struct cv_stream *t = &c->stream;
	struct cv_file now = *f;
	size_t k;
	bool there;
	int fd;
	int32_t rc = cv_open_listed(g->s, &now, &fd, &there);

	if (rc < 0 || !there)
		return rc;
	rc = cv_stream_open(t, &c->format, fd, &now);
	if (rc == 0)
		rc = cv_stream_want(t, g->most);
	for (k = 0; rc == 0 && k < c->state.n && !g->assigned[file]; k++) {
		const struct cv_known *known = &c->state.known[k];

		if (known->file != CV_NOWHERE || known->bytes > (size_t)(t->end - t->pos) ||
		    cv_hash(0, t->pos, known->bytes) != known->id)
			continue;
		if (known->inode == (uint32_t)f->inode)
			assign(g, k, file);
		else if (is_better(g, known, g->weak[k], file))
			g->weak[k] = file;
	}
	cv_stream_close(t);
	return rc;
}

/* Equal bytes without the inode: a copy, or the same file on another disk. */
static void assign_weak(const struct growing *g)
{
	size_t k;

	for (k = 0; k < g->c->state.n; k++) {
		size_t file = g->weak[k];

		if (file != CV_NOWHERE && g->c->state.known[k].file == CV_NOWHERE &&
		    !g->assigned[file])
			assign(g, k, file);
		g->weak[k] = CV_NOWHERE;
	}
}

static bool all_found(const struct cv_state *st)
{
	size_t i = 0;

	while (i < st->n && st->known[i].file != CV_NOWHERE)
		i++;
	return i == st->n;
}

static int32_t list_siblings(struct growing *g)
{
	struct cv_cursor *c = g->c;
	int32_t rc = cv_list_siblings(g->s, &c->pool, c->q->table, &c->files);
	bool *assigned = pool_alloc(&c->pool, c->files.n + 1, sizeof(*assigned));

	if (rc == 0 && !assigned)
		rc = cv_fail_nomem(g->s);
	if (rc < 0)
		return rc;
	if (g->named)
		assigned[0] = g->assigned[0];
	g->assigned = assigned;
	return 0;
}

/*
 * The file has other content than before: where is that now?  Renamed, or copied
 * before the file was emptied, it is mostly beside it.
 */
static int32_t find_rotated(struct growing *g)
{
	struct cv_cursor *c = g->c;
	size_t i;
	int32_t rc = list_siblings(g);

	for (i = g->named; rc == 0 && i < c->files.n && !all_found(&c->state); i++) {
		if (strcmp(c->files.list[i].name, c->q->table) != 0)
			rc = compare_file(g, i);
	}
	return rc;
}

/*
 * The file goes on as it was known, but little was known of it: its header, or
 * nothing.  It may have been copied and emptied since, and begun again alike.
 */
static int32_t find_copied(struct growing *g)
{
	struct cv_cursor *c = g->c;
	size_t k, copy = CV_NOWHERE;
	int32_t rc = 0;

	for (k = 0; k < c->state.n && c->state.known[k].file != 0; k++)
		;
	if (k == c->state.n || c->state.known[k].bytes >= CV_FINGERPRINT || !c->state.seen ||
	    c->files.list[0].mtime <= c->state.seen)
		return 0;
	if (c->files.n == g->named)
		rc = list_siblings(g);
	if (rc == 0)
		rc = cv_find_copy(g->s, c, &c->state.known[k], g->assigned, &copy);
	if (rc < 0 || copy == CV_NOWHERE)
		return rc;
	g->assigned[0] = false;
	assign(g, k, copy);
	return 0;
}

/* The file's own place is the last one: it is added when its content is new. */
static void warn_replaced(const struct growing *g)
{
	const struct cv_state *st = &g->c->state;

	if (cv_is_pattern(g->c->q->table) || g->named == 0 || st->n == 0 || g->assigned[0] ||
	    st->known[st->n - 1].file != CV_NOWHERE)
		return;
	defsync_log(g->s->host, DEFSYNC_LOG_WARN,
		    "'%s' has another content than before, which is not found in its folder under "
		    "another name; it is read from its beginning, and what was not read of the "
		    "former content is missed",
		    g->c->q->table);
}

static int32_t prepare_growing(struct growing *g, size_t n_files)
{
	const struct cv_state *st = &g->c->state;
	size_t i;

	g->weak = pool_alloc(&g->c->pool, st->n, sizeof(*g->weak));
	g->assigned = pool_alloc(&g->c->pool, n_files + 1, sizeof(*g->assigned));
	if (!g->weak || !g->assigned)
		return cv_fail_nomem(g->s);
	for (i = 0; i < st->n; i++) {
		g->weak[i] = CV_NOWHERE;
		if (st->known[i].bytes > g->most)
			g->most = st->known[i].bytes;
	}
	return 0;
}

int32_t cv_match_growing(struct cv_source *s, struct cv_cursor *c, bool *news)
{
	size_t i, n = c->files.n;
	struct growing g = {.s = s, .c = c, .named = n};
	int32_t rc = prepare_growing(&g, n);

	for (i = 0; rc == 0 && c->state.n && i < n; i++)
		rc = compare_file(&g, i);
	/* The inode goes first: a renamed file is not its successor with equal first lines. */
	if (rc == 0 && !cv_is_pattern(c->q->table) && !all_found(&c->state))
		rc = find_rotated(&g);
	if (rc < 0)
		return rc;
	assign_weak(&g);
	if (!cv_is_pattern(c->q->table) && n)
		rc = find_copied(&g);
	if (rc < 0)
		return rc;
	warn_replaced(&g);
	/* What lies beside a single file is no news. */
	for (i = 0; i < n; i++)
		news[i] = !g.assigned[i];
	return 0;
}
