/* SPDX-License-Identifier: MIT */
/* The window over the text of a file, see cv.h. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cv-scan.h"
#include "cv.h"

/* Enough to know a file again and for its header; most files are not read further. */
#define FIRST_CHUNK (16 * 1024)

static int32_t fail_shorter(const struct cv_stream *t)
{
	return defsync_fail(t->source->host, DEFSYNC_E_TRANSIENT,
			    "'%s' became shorter while it was being read; run again", t->name);
}

int32_t cv_stream_raw(struct cv_stream *t, void *dst, size_t n, size_t *ret)
{
	ssize_t got;

	/* What is written behind the size that the file had is left to the next run. */
	if ((int64_t)n > t->raw_end - t->raw)
		n = (size_t)(t->raw_end - t->raw);
	*ret = 0;
	if (n == 0)
		return 0;
	if (cv_is_cancelled(t->source))
		return cv_fail_cancelled(t->source);
	do
		got = pread(t->fd, dst, n, t->raw);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return cv_fail_file(t->source, "cannot read", t->name, errno);
	if (got == 0)
		return fail_shorter(t);
	t->raw += got;
	*ret = (size_t)got;
	return 0;
}

/* The sentinel that every scan ends at. */
static void set_end(struct cv_stream *t, char *end)
{
	t->end = end;
	memset(end, 0, CV_PAD);
	*end = '\n';
}

static int32_t reserve(struct cv_stream *t, size_t cap)
{
	size_t pos = t->buf ? (size_t)(t->pos - t->buf) : 0;
	size_t end = t->buf ? (size_t)(t->end - t->buf) : 0;
	char *buf;

	if (cap <= t->cap)
		return 0;
	buf = realloc(t->buf, cap + CV_PAD);
	if (!buf)
		return cv_fail_nomem(t->source);
	t->buf = buf;
	t->cap = cap;
	t->pos = buf + pos;
	set_end(t, buf + end);
	return 0;
}

static void set_empty(struct cv_stream *t, int64_t offset)
{
	t->base = offset;
	t->pos = t->buf;
	t->eof = t->cut = false;
	set_end(t, t->buf);
}

bool cv_is_packed(const struct cv_format *f, const char *name)
{
	size_t n = strlen(name);

	if (f->compression == CV_COMPRESSION_AUTO)
		return n > 3 && strcmp(name + n - 3, ".gz") == 0;
	return f->compression == CV_COMPRESSION_GZIP;
}

/* Bytes that show that the text is in another encoding than it is taken to be. */
static int32_t check_start(struct cv_stream *t, const struct cv_format *f)
{
	const unsigned char *p = (const unsigned char *)t->pos;

	if (f->encoding >= CV_UTF16 || t->end - t->pos < 2)
		return 0;
	if ((p[0] != 0xff || p[1] != 0xfe) && (p[0] != 0xfe || p[1] != 0xff))
		return 0;
	return defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
			    "'%s' begins with the byte order mark of UTF-16; set 'encoding' to "
			    "utf-16",
			    t->name);
}

int32_t cv_stream_open(struct cv_stream *t, const struct cv_format *f, int fd,
		       const struct cv_file *file)
{
	bool gzip = cv_is_packed(f, file->name);
	int32_t rc;

	cv_stream_close(t);
	t->fd = fd;
	t->name = file->name;
	t->raw = 0;
	t->raw_end = file->size;
	t->plain = !gzip && f->encoding == CV_UTF8;
	t->seekable = !gzip;
	t->sync_raw = t->sync_base = t->mark_raw = t->mark_base = 0;
	t->chunk = FIRST_CHUNK;
	rc = reserve(t, CV_WINDOW);
	if (rc == 0)
		set_empty(t, 0);
	if (rc == 0 && !t->plain)
		rc = cv_decoder_make(t, f, gzip);
	if (rc == 0)
		rc = cv_stream_want(t, 4096);
	return rc < 0 ? rc : check_start(t, f);
}

static int32_t read_text(struct cv_stream *t, char *dst, size_t n, size_t *ret)
{
	return t->decoder ? cv_decoder_read(t, dst, n, ret) : cv_stream_raw(t, dst, n, ret);
}

/*
 * The place that is known in both offsets follows the window, but stays in front of
 * pos: a record that is read again must be found behind it.  So it is one fill late.
 */
static void move_sync(struct cv_stream *t)
{
	if (!t->decoder || !t->seekable)
		return;
	if (t->mark_base <= cv_stream_offset(t, t->pos)) {
		t->sync_raw = t->mark_raw;
		t->sync_base = t->mark_base;
	}
	t->mark_raw = cv_decoder_place(t);
	t->mark_base = cv_stream_offset(t, t->end);
}

int32_t cv_stream_fill(struct cv_stream *t)
{
	size_t kept = (size_t)(t->end - t->pos), got = 0;
	int32_t rc = 0;

	if (t->eof)
		return 0;
	move_sync(t);
	if (t->pos != t->buf) {
		t->base += t->pos - t->buf;
		memmove(t->buf, t->pos, kept);
		t->pos = t->buf;
		set_end(t, t->buf + kept);
	}
	if (kept > t->cap / 2)
		rc = reserve(t, t->cap * 2);
	if (rc == 0)
		rc =
		    read_text(t, t->end, t->cap - kept < t->chunk ? t->cap - kept : t->chunk, &got);
	if (rc < 0)
		return rc;
	t->chunk = CV_WINDOW;
	set_end(t, t->end + got);
	t->eof = got == 0;
	return 0;
}

int32_t cv_stream_want(struct cv_stream *t, size_t want)
{
	int32_t rc = 0;

	while (rc == 0 && !t->eof && (size_t)(t->end - t->pos) < want)
		rc = cv_stream_fill(t);
	return rc;
}

/* The length of the character that begins with this byte; 1 where none does. */
static size_t utf8_len(unsigned char c)
{
	if (c >= 0xc2 && c < 0xe0)
		return 2;
	if (c >= 0xe0 && c < 0xf0)
		return 3;
	return c >= 0xf0 && c < 0xf5 ? 4 : 1;
}

bool cv_stream_is_cut(const struct cv_stream *t)
{
	const char *p = t->end;

	if (!t->plain)
		return t->cut;
	while (p > t->pos && t->end - p < 3) {
		unsigned char c = (unsigned char)*--p;

		if (c >= 0x80 && c < 0xc0)
			continue;
		return utf8_len(c) > (size_t)(t->end - p);
	}
	return false;
}

static int32_t skip_to(struct cv_stream *t, int64_t offset)
{
	int32_t rc = 0;

	while (rc == 0) {
		int64_t left = offset - cv_stream_offset(t, t->pos);

		if (left <= t->end - t->pos) {
			t->pos += left;
			return 0;
		}
		t->pos = t->end;
		if (t->eof)
			return fail_shorter(t);
		rc = cv_stream_fill(t);
	}
	return rc;
}

int32_t cv_stream_seek(struct cv_stream *t, int64_t offset, int64_t sync_raw, int64_t sync_base)
{
	/* It is in the window: the beginning of a short file. */
	if (offset >= t->base && offset <= cv_stream_offset(t, t->end)) {
		t->pos = t->buf + (offset - t->base);
		return 0;
	}
	if (t->plain) {
		if (offset > t->raw_end)
			return fail_shorter(t);
		t->raw = offset;
		set_empty(t, offset);
		return 0;
	}
	if (t->seekable && sync_base <= offset && sync_raw <= t->raw_end) {
		cv_decoder_reset(t);
		t->raw = t->sync_raw = t->mark_raw = sync_raw;
		t->sync_base = t->mark_base = sync_base;
		set_empty(t, sync_base);
	}
	return skip_to(t, offset);
}

void cv_stream_close(struct cv_stream *t)
{
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
	cv_decoder_free(t->decoder);
	t->decoder = NULL;
}

void cv_stream_done(struct cv_stream *t)
{
	cv_stream_close(t);
	free(t->buf);
	t->buf = NULL;
	t->cap = 0;
}
