/* SPDX-License-Identifier: MIT */
/* One file of a reading: opened where it is to go on, and remembered when it is done. */

#include <string.h>

#include "cv-cursor.h"
#include "cv-list.h"

/* ---- Settled? ------------------------------------------------------------------------ */

int32_t cv_file_settled(struct cv_source *s, struct cv_cursor *c, bool *ret)
{
	const struct defsync_host *host = s->host;
	int64_t limit = c->format.partial_ms;
	bool waited = false;

	for (;;) {
		struct cv_file now;
		int64_t age;
		int32_t rc = cv_stat(s, c->stream.fd, c->file.name, &now);

		if (rc < 0)
			return rc;
		*ret = now.size == c->file.size && now.mtime == c->file.mtime;
		age = host->now_wall_us(host->ctx) / 1000 - now.mtime / 1000000;
		if (!*ret || waited || age >= limit)
			return 0;
		/* The file's clock may be ahead of ours. */
		if (host->wait(host->ctx, age > 0 ? limit - age : limit) != DEFSYNC_OK)
			return cv_fail_cancelled(s);
		waited = true;
	}
}

/* ---- Opening --------------------------------------------------------------------------- */

static const struct cv_known *known_of(const struct cv_cursor *c)
{
	const struct cv_job *job = &c->jobs[c->job];

	return job->resume ? &c->state.known[job->known] : NULL;
}

/*
 * A complete file that was half read begins anew.  Its place must not stay: without
 * one, what is known of a complete file is that it was read.
 */
static void forget_half(struct cv_cursor *c, struct cv_job *job)
{
	cv_known_remove(&c->state, job->known);
	job->resume = false;
	job->known = CV_NOWHERE;
}

/* Of a complete file: it may have changed since it was listed. */
static int32_t identify_complete(struct cv_source *s, struct cv_cursor *c, struct cv_job *job)
{
	int32_t rc = cv_complete_id(s, c->stream.fd, &c->file, &c->at.id);

	if (rc == 0 && job->resume && c->at.id != c->state.known[job->known].id)
		forget_half(c, job);
	return rc;
}

static int32_t identify_growing(struct cv_source *s, struct cv_cursor *c, const struct cv_known *k)
{
	struct cv_stream *t = &c->stream;
	size_t want = c->header.bytes + CV_FINGERPRINT, there;
	int32_t rc = cv_stream_want(t, k && k->bytes > want ? k->bytes : want);

	if (rc < 0)
		return rc;
	there = (size_t)(t->end - t->pos);
	if (k && (k->bytes > there || cv_hash(0, t->pos, k->bytes) != k->id))
		return defsync_fail(s->host, DEFSYNC_E_TRANSIENT,
				    "'%s' was replaced while it was looked at; run again",
				    c->file.name);
	c->at.bytes = (uint32_t)(there < want ? there : want);
	c->at.id = cv_hash(0, t->pos, c->at.bytes);
	return 0;
}

/* Where to go on: behind the header, or behind what is known. */
static int32_t seek(struct cv_cursor *c, const struct cv_known *k)
{
	c->at.done = (int64_t)c->header.bytes;
	c->at.line = 1 + c->header.lines;
	c->tail_end = -1;
	if (k && k->done >= c->at.done) {
		c->at.done = k->done;
		c->at.line = k->line;
		c->at.tail = k->tail;
		if (k->tail)
			c->tail_end = k->done;
	}
	return cv_stream_seek(&c->stream, c->at.done - c->at.tail, k ? k->sync_raw : 0,
			      k ? k->sync_base : 0);
}

static int32_t make_row(struct cv_source *s, struct cv_cursor *c)
{
	int32_t rc = cv_shape_make(s, &c->file_pool, &s->relations, c->q, &c->format, &c->header,
				   c->file.name, &c->shape);

	if (rc < 0)
		return rc;
	c->cells = pool_alloc(&c->file_pool, c->shape.n, sizeof(*c->cells));
	c->record.fields = pool_alloc(&c->file_pool, c->shape.n_fields, sizeof(*c->record.fields));
	if (!c->cells || !c->record.fields)
		return cv_fail_nomem(s);
	c->record.room = c->shape.n_fields;
	cv_row_begin_file(c);
	return 0;
}

/* Left to the next run; the floor must not pass it. */
static int32_t put_off(struct cv_source *s, struct cv_cursor *c)
{
	const struct cv_file *file = &c->files.list[c->jobs[c->job].file];

	defsync_log(s->host, DEFSYNC_LOG_INFO, "'%s' is being written and is left to the next run",
		    c->file.name);
	if (!c->held || cv_file_compare(file, c->held) < 0)
		c->held = file;
	cv_stream_close(&c->stream);
	return 0;
}

/* With the file's bytes in the window: header, identity, place. */
static int32_t begin_text(struct cv_source *s, struct cv_cursor *c, bool *ret_open)
{
	bool complete = c->format.layout == CV_LAYOUT_FILES;
	int32_t rc = cv_header_read(&c->stream, &c->format, &c->file_pool, complete, &c->header);

	if (rc == 0 && !complete)
		rc = identify_growing(s, c, known_of(c));
	if (rc < 0)
		return rc;
	c->open = true;
	c->last = complete || cv_is_packed(&c->format, c->file.name);
	c->prefix_is_old = true;
	if (c->header.n == 0) {
		if (c->file.size > 0)
			defsync_log(s->host, DEFSYNC_LOG_INFO, "'%s' has no header line yet",
				    c->file.name);
		return cv_file_end(s, c, complete);
	}
	rc = seek(c, known_of(c));
	if (rc == 0)
		rc = make_row(s, c);
	*ret_open = rc == 0;
	return rc;
}

static int32_t open_stream(struct cv_source *s, struct cv_cursor *c, bool *ret_there)
{
	const struct cv_file *listed = &c->files.list[c->jobs[c->job].file];
	struct stat st;
	int32_t rc = 0;
	int fd;

	*ret_there = true;
	if (cv_is_pattern(c->q->table))
		rc = cv_look(s, listed->name, &st, ret_there);
	if (rc == 0 && *ret_there)
		rc = cv_open(s, listed->name, &fd, &c->file);
	if (rc == 0 && *ret_there)
		rc = cv_stream_open(&c->stream, &c->format, fd, &c->file);
	return rc;
}

/* Copies of a single file that are newer than this look at it may hold what it had since. */
static void note_seen(struct cv_cursor *c)
{
	if (c->format.layout == CV_LAYOUT_APPEND && strcmp(c->file.name, c->q->table) == 0)
		c->state.seen = c->file.mtime;
}

int32_t cv_file_begin(struct cv_source *s, struct cv_cursor *c, bool *ret_open)
{
	struct cv_job *job = &c->jobs[c->job];
	bool there, settled = true;
	int32_t rc = open_stream(s, c, &there);

	*ret_open = false;
	if (rc < 0)
		return rc;
	if (there && c->format.layout == CV_LAYOUT_FILES)
		rc = cv_file_settled(s, c, &settled);
	if (rc < 0)
		return rc;
	if (!there || !settled) {
		rc = there ? put_off(s, c) : 0;
		if (job->resume && c->format.layout == CV_LAYOUT_FILES)
			forget_half(c, job);
		c->job++;
		return rc;
	}
	c->at = (struct cv_known){
	    .inode = (uint32_t)c->file.inode, .size = c->file.size, .file = job->file};
	note_seen(c);
	if (c->format.layout == CV_LAYOUT_FILES)
		rc = identify_complete(s, c, job);
	return rc < 0 ? rc : begin_text(s, c, ret_open);
}

/* ---- Remembering -------------------------------------------------------------------------- */

/* The oldest file that is still to be read, and that the floor must stay below. */
static const struct cv_file *oldest_left(const struct cv_cursor *c)
{
	const struct cv_file *oldest = c->held;
	size_t i;

	/* Jobs are in the order of files by now. */
	if (c->job < c->n_jobs) {
		const struct cv_file *f = &c->files.list[c->jobs[c->job].file];

		if (!oldest || cv_file_compare(f, oldest) < 0)
			oldest = f;
	}
	for (i = 0; c->format.layout == CV_LAYOUT_APPEND && i < c->state.n; i++) {
		const struct cv_known *k = &c->state.known[i];
		const struct cv_file *f =
		    k->whole || k->file == CV_NOWHERE ? NULL : &c->files.list[k->file];

		if (f && (!oldest || cv_file_compare(f, oldest) < 0))
			oldest = f;
	}
	return oldest;
}

/* One whose file is gone, or the oldest. */
static size_t choose_victim(const struct cv_cursor *c)
{
	const struct cv_known *known = c->state.known;
	size_t i, victim = 0;

	for (i = 0; i < c->state.n; i++) {
		if (known[i].file == CV_NOWHERE)
			return i;
		if (cv_file_compare(&c->files.list[known[i].file],
				    &c->files.list[known[victim].file]) < 0)
			victim = i;
	}
	return victim;
}

static void drop_known(struct cv_cursor *c, size_t victim)
{
	size_t i;

	cv_known_remove(&c->state, victim);
	for (i = c->job; i < c->n_jobs; i++) {
		if (c->jobs[i].known != CV_NOWHERE && c->jobs[i].known > victim)
			c->jobs[i].known--;
	}
}

static void raise_floor(struct cv_cursor *c, const struct cv_file *file)
{
	struct cv_floor *f = &c->state.floor;

	if (!f->set)
		*f = (struct cv_floor){.set = true, .at = *file, .ctime = c->listed};
	else if (!cv_below(f, file))
		f->at = *file;
	cv_floor_count(f, file);
}

/* Makes room in the list; false: there can be none in this run. */
static bool make_room(struct cv_cursor *c)
{
	size_t most = cv_known_max(c->format.layout);

	while (c->state.n > most) {
		size_t victim = choose_victim(c);
		size_t file = c->state.known[victim].file;
		const struct cv_file *left = oldest_left(c);

		if (file != CV_NOWHERE && cv_is_pattern(c->q->table)) {
			if (left && cv_file_compare(&c->files.list[file], left) >= 0)
				return c->state.n <= most + 1;
			raise_floor(c, &c->files.list[file]);
		}
		drop_known(c, victim);
	}
	return true;
}

void cv_floor_renew(struct cv_cursor *c)
{
	struct cv_floor *f = &c->state.floor;
	size_t i, k;

	/* An empty folder is mostly one that is not mounted: what is known stays. */
	if (!f->set || c->files.n == 0)
		return;
	f->count = 0;
	f->sum = 0;
	f->ctime = c->listed > f->ctime ? c->listed : f->ctime;
	for (i = 0; i < c->files.n; i++) {
		if (!cv_below(f, &c->files.list[i]))
			continue;
		for (k = 0; k < c->state.n && c->state.known[k].file != i; k++)
			;
		if (k == c->state.n)
			cv_floor_count(f, &c->files.list[i]);
	}
}

/* A complete file that was not: the next run will read it in its other form. */
static int32_t check_unchanged(struct cv_source *s, struct cv_cursor *c)
{
	struct cv_file now;
	int32_t rc = cv_stat(s, c->stream.fd, c->file.name, &now);

	if (rc == 0 && (now.size != c->file.size || now.mtime != c->file.mtime))
		defsync_log(s->host, DEFSYNC_LOG_WARN,
			    "'%s' changed while it was being read; the next run reads it again",
			    c->file.name);
	return rc;
}

/*
 * Of several files each is found by itself when it has something.  Of a single one
 * an empty one is kept too: what comes into it may be beside it by the next run.
 */
static bool is_kept(const struct cv_cursor *c)
{
	return c->format.layout == CV_LAYOUT_FILES || c->at.done > 0 ||
	       (!cv_is_pattern(c->q->table) && c->q->mode != DEFSYNC_READ_SNAPSHOT);
}

int32_t cv_file_end(struct cv_source *s, struct cv_cursor *c, bool whole)
{
	bool complete = c->format.layout == CV_LAYOUT_FILES;
	const struct cv_job job = c->jobs[c->job];
	int32_t rc = complete ? check_unchanged(s, c) : 0;

	if (rc < 0)
		return rc;
	c->at.whole = whole;
	c->at.sync_raw = c->at.sync_base = 0;
	if (job.known != CV_NOWHERE)
		c->state.known[job.known] = c->at;
	else if (is_kept(c) && !cv_known_add(&c->state, &c->at))
		return cv_fail_nomem(s);
	cv_stream_close(&c->stream);
	c->open = false;
	c->job++;
	pool_done(&c->file_pool);
	if (make_room(c) || c->job == c->n_jobs)
		return 0;
	defsync_log(s->host, DEFSYNC_LOG_WARN,
		    "too many new files beside older ones that are still being written; %zu files "
		    "are left to the next run",
		    c->n_jobs - c->job);
	c->job = c->n_jobs;
	return 0;
}
