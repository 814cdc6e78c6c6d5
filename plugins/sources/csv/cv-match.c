/* SPDX-License-Identifier: MIT */
/*
 * Which files are to be read, and from where.  A file is known by its content: it
 * may have been renamed, and another one may have its name.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cv-cursor.h"
#include "cv-list.h"

/* ---- Jobs ------------------------------------------------------------------------ */

static void add_job(struct cv_cursor *c, size_t file, size_t known, bool resume)
{
	c->jobs[c->n_jobs++] = (struct cv_job){.file = file, .known = known, .resume = resume};
}

static int32_t make_jobs(struct cv_source *s, struct cv_cursor *c, size_t room)
{
	c->jobs = pool_alloc(&c->pool, room, sizeof(*c->jobs));
	return c->jobs ? 0 : cv_fail_nomem(s);
}

static void note_listed(struct cv_cursor *c)
{
	size_t i;

	c->listed = INT64_MIN;
	for (i = 0; i < c->files.n; i++) {
		if (c->files.list[i].ctime > c->listed)
			c->listed = c->files.list[i].ctime;
	}
}

/* ---- Below the floor --------------------------------------------------------------- */

/*
 * Files that nothing is known of: `news` says which.  Those below the floor were
 * read, if they are the ones that were there.
 */
static int32_t sift(struct cv_source *s, struct cv_cursor *c, bool *news)
{
	const struct cv_floor *f = &c->state.floor;
	struct cv_floor now = {.count = 0};
	int64_t settled = 0;
	size_t i;

	for (i = 0; i < c->files.n; i++) {
		if (!news[i] || !cv_below(f, &c->files.list[i]))
			continue;
		cv_floor_count(&now, &c->files.list[i]);
		settled += c->files.list[i].ctime <= f->ctime;
	}
	if (settled > f->count)
		return defsync_fail(
		    s->host, DEFSYNC_E_CONFIG,
		    "%lld files appeared among those that are older than '%s', and cannot be told "
		    "from the %lld that were read; touch the new ones, or load the table anew "
		    "after 'defsync state reset'",
		    (long long)(settled - f->count), f->at.name, (long long)f->count);
	for (i = 0; i < c->files.n; i++) {
		const struct cv_file *file = &c->files.list[i];

		if (!news[i] || !cv_below(f, file))
			continue;
		news[i] = file->ctime > f->ctime && (now.count != f->count || now.sum != f->sum);
		if (!news[i])
			continue;
		defsync_log(s->host, DEFSYNC_LOG_WARN,
			    "'%s' is older than the files that are remembered and came or was "
			    "changed since; it is read, perhaps again",
			    file->name);
	}
	return 0;
}

/* ---- Files that are complete ---------------------------------------------------------- */

int32_t cv_complete_id(struct cv_source *s, int fd, const struct cv_file *f, uint64_t *ret)
{
	char head[CV_FINGERPRINT];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return cv_fail_file(s, "cannot read", f->name, errno);
	*ret = cv_file_id(f, head, (size_t)n);
	return 0;
}

int32_t cv_open_listed(struct cv_source *s, struct cv_file *f, int *ret_fd, bool *ret_there)
{
	struct stat st;
	int32_t rc = cv_look(s, f->name, &st, ret_there);

	return rc == 0 && *ret_there ? cv_open(s, f->name, ret_fd, f) : rc;
}

static int32_t identify(struct cv_source *s, struct cv_file *f, uint64_t *ret, bool *ret_there)
{
	int fd;
	int32_t rc = cv_open_listed(s, f, &fd, ret_there);

	if (rc < 0 || !*ret_there)
		return rc;
	rc = cv_complete_id(s, fd, f, ret);
	(void)close(fd);
	return rc;
}

static size_t find_id(const struct cv_state *st, uint64_t id)
{
	size_t i = 0;

	while (i < st->n && st->known[i].id != id)
		i++;
	return i < st->n ? i : CV_NOWHERE;
}

static int32_t match_complete(struct cv_source *s, struct cv_cursor *c, bool *news)
{
	size_t i;

	for (i = 0; i < c->files.n; i++) {
		uint64_t id;
		size_t known;
		bool there;
		int32_t rc;

		if (cv_is_cancelled(s))
			return cv_fail_cancelled(s);
		rc = identify(s, &c->files.list[i], &id, &there);
		if (rc < 0)
			return rc;
		if (!there)
			continue;
		known = find_id(&c->state, id);
		news[i] = known == CV_NOWHERE;
		if (news[i])
			continue;
		c->state.known[known].file = i;
		/* First of all: there is one place only for a file that is half read. */
		if (known == c->resumes)
			add_job(c, i, known, true);
	}
	/* A file that changed while it was half read begins anew, in its other form. */
	if (c->resumes != CV_NOWHERE && c->state.known[c->resumes].file == CV_NOWHERE)
		cv_known_remove(&c->state, c->resumes);
	return 0;
}

/* ---- Files that grow -------------------------------------------------------------------- */

static int32_t fail_truncated(struct cv_source *s, const struct cv_file *f,
			      const struct cv_known *k)
{
	return defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
			    "checkpoint: '%s' was truncated: it has %lld bytes and was read up to "
			    "%lld, and its beginning is the same; restore it, or load the table "
			    "anew after 'defsync state reset'",
			    f->name, (long long)f->size,
			    (long long)(k->done > f->size ? k->done : k->size));
}

/* Of a file that is known: is there more in it? */
static int32_t judge_known(struct cv_source *s, struct cv_cursor *c, size_t known, bool *ret_more)
{
	const struct cv_known *k = &c->state.known[known];
	const struct cv_file *f = &c->files.list[k->file];
	bool packed = cv_is_packed(&c->format, f->name);
	bool plain = !packed && c->format.encoding == CV_UTF8;

	/* Only of plain text the offset is the file's; what is packed may have been plain. */
	if (plain ? f->size < k->done : !packed && f->size < k->size)
		return fail_truncated(s, f, k);
	*ret_more = plain ? f->size > k->done : !k->whole || f->size != k->size;
	return 0;
}

/* A single file's former content, under its other name. */
static void tell_copy(struct cv_source *s, const struct cv_cursor *c, size_t file)
{
	const char *name = c->files.list[file].name, *table = c->q->table;

	if (!cv_is_pattern(table) && strcmp(name, table) != 0)
		defsync_log(s->host, DEFSYNC_LOG_INFO,
			    "'%s' has the former content of '%s', and is read on", name, table);
}

static int32_t add_known_jobs(struct cv_source *s, struct cv_cursor *c)
{
	size_t i;

	for (i = 0; i < c->state.n; i++) {
		bool more = false;
		int32_t rc;

		if (c->state.known[i].file == CV_NOWHERE)
			continue;
		rc = judge_known(s, c, i, &more);
		if (rc < 0)
			return rc;
		if (!more)
			continue;
		tell_copy(s, c, c->state.known[i].file);
		add_job(c, c->state.known[i].file, i, true);
	}
	return 0;
}

/* ---- All of it ------------------------------------------------------------------------------ */

/* A file's former content comes before its present one, whichever was written to last. */
static bool goes_before(const struct cv_cursor *c, const struct cv_job *a, const struct cv_job *b)
{
	const struct cv_file *x = &c->files.list[a->file], *y = &c->files.list[b->file];

	if (strcmp(x->name, c->q->table) == 0)
		return false;
	if (strcmp(y->name, c->q->table) == 0)
		return true;
	return cv_file_compare(x, y) < 0;
}

/* In the order of files; what is to be resumed of complete files stays in front. */
static void sort_jobs(struct cv_cursor *c)
{
	size_t i, k, first = c->format.layout == CV_LAYOUT_FILES && c->n_jobs && c->jobs[0].resume;

	/* Nearly sorted: files are, and few are known with more to read. */
	for (i = first + 1; i < c->n_jobs; i++) {
		const struct cv_job job = c->jobs[i];

		for (k = i; k > first && goes_before(c, &job, &c->jobs[k - 1]); k--)
			c->jobs[k] = c->jobs[k - 1];
		c->jobs[k] = job;
	}
}

/*
 * What was once beside a single file and is gone cannot come back.  While the file
 * itself is away, as on a disk that is not mounted, so may be all the others.
 */
static void forget_gone(struct cv_cursor *c, size_t named)
{
	size_t i;

	if (cv_is_pattern(c->q->table) || named == 0)
		return;
	for (i = c->state.n; i > 0; i--) {
		if (c->state.known[i - 1].file == CV_NOWHERE)
			cv_known_remove(&c->state, i - 1);
	}
}

int32_t cv_match(struct cv_source *s, struct cv_cursor *c)
{
	size_t n = c->files.n, room = n + c->state.n + 1, i;
	bool *news = pool_alloc(&c->pool, room, sizeof(*news));
	int32_t rc = make_jobs(s, c, room);

	if (rc == 0 && !news)
		rc = cv_fail_nomem(s);
	if (rc < 0)
		return rc;
	note_listed(c);
	if (c->format.layout == CV_LAYOUT_FILES) {
		rc = match_complete(s, c, news);
	} else {
		rc = cv_match_growing(s, c, news);
		if (rc == 0)
			forget_gone(c, n);
		if (rc == 0)
			rc = add_known_jobs(s, c);
	}
	if (rc == 0 && c->state.floor.set)
		rc = sift(s, c, news);
	for (i = 0; rc == 0 && i < n; i++) {
		if (news[i])
			add_job(c, i, CV_NOWHERE, false);
	}
	sort_jobs(c);
	return rc;
}
