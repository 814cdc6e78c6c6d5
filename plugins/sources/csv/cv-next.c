/* SPDX-License-Identifier: MIT */
/* From one row to the next, over the ends of windows and files. */

#include <string.h>

#include "cv-cursor.h"

/* next_record: besides DEFSYNC_ROW and errors. */
#define NO_ROW 0
#define FILE_OVER 100

/* ---- The end of what is there ------------------------------------------------------------ */

/* An incomplete record at the end of a file: is it complete, or still being written? */
static int32_t at_end(struct cv_source *s, struct cv_cursor *c)
{
	bool settled, cut = cv_stream_is_cut(&c->stream);
	int32_t rc = cv_file_settled(s, c, &settled);

	if (rc < 0)
		return rc;
	if (settled && cut) {
		defsync_log(s->host, DEFSYNC_LOG_WARN,
			    "'%s' line %lld ends within a character; it is left until that is "
			    "whole",
			    c->file.name, (long long)c->at.line);
		return FILE_OVER;
	}
	if (settled) {
		c->last = true;
		return NO_ROW;
	}
	defsync_log(s->host, DEFSYNC_LOG_INFO,
		    "'%s' line %lld has no end yet and is left to the next run", c->file.name,
		    (long long)c->at.line);
	return FILE_OVER;
}

/* The file is over when there is nothing left, or when it is only a beginning. */
static int32_t end_file(struct cv_source *s, struct cv_cursor *c)
{
	return cv_file_end(s, c, c->stream.eof && c->stream.pos == c->stream.end);
}

/* ---- Records ------------------------------------------------------------------------------- */

/* The place behind the record: in front of a line end that may still come. */
static void step_over(struct cv_cursor *c)
{
	const struct cv_record *r = &c->record;
	struct cv_stream *t = &c->stream;
	bool ended = r->text_end < t->end && !(r->end == t->end && *r->text_end == '\r' &&
					       r->end - r->text_end == 1 && t->eof);

	if (ended || r->text_end == t->pos) {
		c->at.done = cv_stream_offset(t, r->end);
		c->at.line += r->lines;
		c->at.tail = 0;
	} else {
		c->at.done = cv_stream_offset(t, r->text_end);
		c->at.tail = (uint32_t)(r->text_end - t->pos);
	}
	t->pos += r->end - t->pos;
}

/*
 * The first record after a resume behind one that had no line end.  True: it is that
 * one, with its end now; else it went on and is sent again.
 */
static bool was_read(struct cv_source *s, struct cv_cursor *c)
{
	int64_t tail_end = c->tail_end;

	c->tail_end = -1;
	if (tail_end < 0)
		return false;
	if (cv_stream_offset(&c->stream, c->record.text_end) == tail_end)
		return true;
	defsync_log(s->host, DEFSYNC_LOG_WARN,
		    "'%s' line %lld went on after it had been read as the last one; it is sent "
		    "again, whole",
		    c->file.name, (long long)c->at.line);
	return false;
}

static int32_t take_record(struct cv_source *s, struct cv_cursor *c)
{
	struct cv_record *r = &c->record;
	bool known = was_read(s, c);
	bool blank = cv_is_blank(r) && c->shape.n_fields > 1;

	if (r->fault == CV_FINE && (size_t)(r->text_end - c->stream.pos) > c->format.max_record) {
		r->fault = CV_TOO_LONG;
		r->fault_line = 0;
	}
	step_over(c);
	if (r->comment || blank || known)
		return NO_ROW;
	return cv_row_fill(s, c);
}

/* A line without end: its beginning is kept, the rest is passed over. */
static int32_t pass_over(struct cv_source *s, struct cv_cursor *c)
{
	struct cv_stream *t = &c->stream;
	const char *lf = memchr(t->pos, '\n', (size_t)(t->end - t->pos));

	if (!c->too_long) {
		c->too_long = true;
		c->record.fault = c->record.open ? CV_OPEN_QUOTE : CV_TOO_LONG;
		c->record.fault_line = 0;
		text_clear(&c->cut);
		text_add(&c->cut, t->pos, 1024);
	}
	if (!lf && !t->eof) {
		t->pos = t->end;
		return cv_stream_fill(t);
	}
	t->pos = lf ? t->buf + (lf - t->buf) + 1 : t->end;
	c->too_long = false;
	c->at.done = cv_stream_offset(t, t->pos);
	c->at.line++;
	c->at.tail = 0;
	c->tail_end = -1;
	return cv_row_too_long(s, c);
}

/* There is no end of the record at pos in the window. */
static int32_t incomplete(struct cv_source *s, struct cv_cursor *c)
{
	struct cv_stream *t = &c->stream;
	size_t there = (size_t)(t->end - t->pos);

	if (t->eof && !c->last)
		return at_end(s, c);
	if (!t->eof && there <= c->format.max_record)
		return cv_stream_fill(t);
	if (cv_parse_cut(t->pos, t->end, c->last && t->eof, &c->record))
		return take_record(s, c);
	return pass_over(s, c);
}

static int32_t next_record(struct cv_source *s, struct cv_cursor *c)
{
	struct cv_stream *t = &c->stream;

	if (c->too_long)
		return pass_over(s, c);
	if (t->pos == t->end)
		return t->eof ? FILE_OVER : cv_stream_fill(t);
	if (cv_parse(&c->format.dialect, t->pos, t->end, c->last && t->eof, &c->record))
		return take_record(s, c);
	return incomplete(s, c);
}

/* ---- The reading ------------------------------------------------------------------------------ */

static int32_t finish(struct cv_source *s, struct cv_cursor *c, const struct defsync_row **ret_row)
{
	c->over = true;
	cv_floor_renew(c);
	if (c->state.phase == CV_PHASE_SNAPSHOT) {
		cv_state_done(&c->state);
		c->state.floor.set = false;
		c->state.phase = CV_PHASE_DONE;
		s->host->report(s->host->ctx, DEFSYNC_REPORT_PHASE, cv_phase_name(c->state.phase));
	} else if (c->state.n == 0 && c->q->checkpoint_len == 0) {
		return DEFSYNC_END;
	}
	cv_row_state(c);
	if (c->row.checkpoint_len == 0)
		return DEFSYNC_END;
	*ret_row = &c->row;
	return DEFSYNC_ROW;
}

int32_t cv_next(struct cv_source *s, struct cv_cursor *c, const struct defsync_row **ret_row)
{
	int32_t rc = NO_ROW;

	if (cv_is_cancelled(s))
		return cv_fail_cancelled(s);
	if (c->over || (c->q->row_limit > 0 && c->rows >= c->q->row_limit))
		return DEFSYNC_END;
	while (rc == NO_ROW) {
		bool open;

		if (c->open) {
			rc = next_record(s, c);
			if (rc == FILE_OVER)
				rc = end_file(s, c);
		} else if (c->job == c->n_jobs) {
			return finish(s, c, ret_row);
		} else {
			rc = cv_file_begin(s, c, &open);
		}
	}
	if (rc == DEFSYNC_ROW || rc == DEFSYNC_E_BAD_ROW) {
		c->rows++;
		*ret_row = &c->row;
	}
	return rc;
}
