/* SPDX-License-Identifier: MIT */
/* The beginning and the end of a reading. */

#include <stdlib.h>
#include <string.h>

#include "cv-cursor.h"
#include "cv-list.h"

static int32_t fail_checkpoint(struct cv_source *s, const char *what)
{
	return defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
			    "checkpoint: %s; load the table anew after 'defsync state reset'",
			    what);
}

/* What has to be as it was for offsets to mean the same. */
static int32_t compare_part(struct cv_source *s, const struct checkpoint_reader *r,
			    const char *name, const char *now)
{
	const char *value = checkpoint_get(r, name);
	char *was;
	size_t len;
	int32_t rc = 0;

	if (!value)
		return fail_checkpoint(s, "is damaged");
	was = malloc(strlen(value) + 1);
	if (!was)
		return cv_fail_nomem(s);
	if (!checkpoint_decode(value, strlen(value), was, &len))
		rc = fail_checkpoint(s, "is damaged");
	else if (strcmp(was, now) != 0)
		rc = defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				  "checkpoint: %s was '%.128s' and is '%.128s' now; load the table "
				  "anew after 'defsync state reset'",
				  name, was, now);
	free(was);
	return rc;
}

static int32_t read_state(struct cv_source *s, struct cv_cursor *c,
			  const struct checkpoint_reader *r)
{
	bool snapshot = c->q->mode == DEFSYNC_READ_SNAPSHOT;
	int32_t rc = compare_part(s, r, "table", c->table);

	if (rc == 0)
		rc = compare_part(s, r, "encoding", cv_encoding_name(c->format.encoding));
	if (rc == 0)
		rc = compare_part(s, r, "layout", cv_layout_name(c->format.layout));
	if (rc < 0)
		return rc;
	if (!cv_state_read(r, &c->pool, &c->format, &c->state, &c->resumes))
		return fail_checkpoint(s, "its position is none of files");
	if (snapshot != (c->state.phase != CV_PHASE_INCREMENTAL))
		return fail_checkpoint(s, "'read' was another than it is now");
	return 0;
}

static int32_t read_checkpoint(struct cv_source *s, struct cv_cursor *c)
{
	struct checkpoint_reader r;
	int32_t rc;

	c->resumes = CV_NOWHERE;
	if (c->q->checkpoint_len == 0)
		return 0;
	switch (checkpoint_parse(&r, c->q->checkpoint, c->q->checkpoint_len, "csv1")) {
	case CHECKPOINT_OK:
		break;
	case CHECKPOINT_NOMEM:
		return cv_fail_nomem(s);
	case CHECKPOINT_FOREIGN:
		return fail_checkpoint(s, "was not made by this version of the csv source");
	default:
		return fail_checkpoint(s, "is damaged");
	}
	rc = read_state(s, c, &r);
	checkpoint_reader_done(&r);
	return rc;
}

/* A snapshot that was read to its end begins anew. */
static void set_phase(struct cv_cursor *c)
{
	if (c->q->mode != DEFSYNC_READ_SNAPSHOT)
		return;
	if (c->state.phase == CV_PHASE_DONE) {
		cv_state_done(&c->state);
		c->state.floor.set = false;
		c->resumes = CV_NOWHERE;
	}
	c->state.phase = CV_PHASE_SNAPSHOT;
}

/*
 * A file that was there may be away for a moment while it is rotated; what is left of
 * its former content can be read all the same.
 */
static bool may_be_away(struct cv_source *s, struct cv_cursor *c)
{
	struct stat st;
	bool there;

	if (cv_is_pattern(c->q->table) || c->state.n == 0 || c->format.layout != CV_LAYOUT_APPEND ||
	    cv_look(s, c->q->table, &st, &there) < 0 || there)
		return false;
	defsync_log(s->host, DEFSYNC_LOG_WARN, "'%s' is not there now", c->q->table);
	return true;
}

static int32_t find_work(struct cv_source *s, struct cv_cursor *c)
{
	int32_t rc = read_checkpoint(s, c);

	if (rc < 0)
		return rc;
	set_phase(c);
	if (!may_be_away(s, c))
		rc = cv_list(s, &c->pool, c->q->table, &c->files);
	if (rc < 0)
		return rc;
	if (c->files.n == 0 && cv_is_pattern(c->q->table))
		defsync_log(s->host, DEFSYNC_LOG_INFO, "no file matches '%s' in '%s'", c->q->table,
			    s->root);
	return cv_match(s, c);
}

static int32_t make_buffers(struct cv_source *s, struct cv_cursor *c)
{
	c->stream = (struct cv_stream){.source = s, .fd = -1};
	text_init(&c->cut, 4096);
	c->table = cv_table_key(&c->pool, c->q->table);
	c->checkpoint = pool_alloc(&c->pool, CHECKPOINT_MAX, 1);
	c->position = pool_alloc(&c->pool, CV_POSITION_MAX, 1);
	return c->table && c->checkpoint && c->position ? 0 : cv_fail_nomem(s);
}

int32_t cv_extract(struct cv_source *s, const struct defsync_request *q, struct cv_cursor **ret)
{
	struct cv_cursor *c = calloc(1, sizeof(*c));
	int32_t rc;

	if (!c)
		return cv_fail_nomem(s);
	c->q = q;
	rc = make_buffers(s, c);
	if (rc == 0)
		rc = cv_request_check(s, q);
	if (rc == 0)
		rc = cv_from_check(s, q->table);
	if (rc == 0)
		rc = cv_format_read(s, &c->pool, q, &c->format);
	if (rc == 0)
		rc = find_work(s, c);
	if (rc < 0) {
		cv_end(s, c);
		return rc;
	}
	s->host->report(s->host->ctx, DEFSYNC_REPORT_PHASE, cv_phase_name(c->state.phase));
	s->host->report(s->host->ctx, DEFSYNC_REPORT_CEILING, "none");
	*ret = c;
	return 0;
}

void cv_end(struct cv_source *s, struct cv_cursor *c)
{
	(void)s;
	if (!c)
		return;
	cv_stream_done(&c->stream);
	cv_state_done(&c->state);
	free(c->files.list);
	text_done(&c->cut);
	pool_done(&c->file_pool);
	pool_done(&c->pool);
	free(c);
}
