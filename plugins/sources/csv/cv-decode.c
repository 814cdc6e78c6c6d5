/* SPDX-License-Identifier: MIT */
/*
 * From the bytes of a file to UTF-8: gzip by zlib, then another encoding by iconv.
 * A character that the encoding does not have becomes a byte that is no UTF-8: then
 * its row goes to the dead letters, as one that is wrong in a UTF-8 file.
 */

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "cv.h"

#define INPUT (64 * 1024)
#define NO_CHARACTER '\xff'

struct input {
	char *buf; /* INPUT bytes */
	size_t pos, end;
};

struct cv_decoder {
	bool gzip, converts;
	bool gzip_over; /* the last member was read */
	bool complete;	/* the end of the file is that of its text */
	z_stream z;
	iconv_t cd;
	size_t unit; /* bytes that a wrong character has */
	struct input packed, text;
};

static void drop_input(struct input *in)
{
	size_t left = in->end - in->pos;

	memmove(in->buf, in->buf + in->pos, left);
	in->pos = 0;
	in->end = left;
}

/* ---- gzip ----------------------------------------------------------------------- */

static int32_t fail_gzip(struct cv_stream *t, const char *reason)
{
	return defsync_fail(t->source->host, DEFSYNC_E_PERMANENT,
			    "'%s' cannot be unpacked: %s; replace it, or set 'compression' to none",
			    t->name, reason);
}

static int32_t refill(struct cv_stream *t, struct input *in)
{
	size_t got;
	int32_t rc;

	drop_input(in);
	rc = cv_stream_raw(t, in->buf + in->end, INPUT - in->end, &got);
	in->end += got;
	return rc;
}

/* Behind the end of a member: another one, or what gzip(1) ignores too. */
static int32_t next_member(struct cv_stream *t)
{
	struct cv_decoder *d = t->decoder;
	struct input *in = &d->packed;
	int32_t rc = 0;

	if (in->end - in->pos < 2)
		rc = refill(t, in);
	if (rc < 0)
		return rc;
	if (in->end - in->pos >= 2 && (unsigned char)in->buf[in->pos] == 0x1f &&
	    (unsigned char)in->buf[in->pos + 1] == 0x8b)
		return inflateReset(&d->z) == Z_OK ? 0 : fail_gzip(t, "zlib failed");
	if (in->end > in->pos && in->buf[in->pos] != '\0')
		defsync_log(t->source->host, DEFSYNC_LOG_WARN,
			    "'%s': what follows the compressed data is no gzip and is left out",
			    t->name);
	d->gzip_over = true;
	return 0;
}

static int32_t unpack(struct cv_stream *t, char *dst, size_t n, size_t *ret)
{
	struct cv_decoder *d = t->decoder;
	struct input *in = &d->packed;
	int32_t rc = 0;

	*ret = 0;
	while (*ret == 0 && !d->gzip_over && rc == 0) {
		int z;

		if (in->pos == in->end) {
			rc = refill(t, in);
			if (rc < 0)
				return rc;
			/* A file that is still being written, or one that was cut. */
			if (in->pos == in->end)
				return t->raw_end == 0
					   ? 0
					   : defsync_fail(t->source->host, DEFSYNC_E_TRANSIENT,
							  "'%s' ends within its compressed "
							  "data; run again when it is complete",
							  t->name);
		}
		d->z.next_in = (unsigned char *)in->buf + in->pos;
		d->z.avail_in = (unsigned)(in->end - in->pos);
		d->z.next_out = (unsigned char *)dst;
		d->z.avail_out = (unsigned)n;
		z = inflate(&d->z, Z_NO_FLUSH);
		in->pos = in->end - d->z.avail_in;
		*ret = n - d->z.avail_out;
		if (z == Z_STREAM_END)
			rc = next_member(t);
		else if (z != Z_OK && z != Z_BUF_ERROR)
			return z == Z_MEM_ERROR ? cv_fail_nomem(t->source)
						: fail_gzip(t, d->z.msg ? d->z.msg : "damaged");
	}
	return rc;
}

static int32_t read_bytes(struct cv_stream *t, char *dst, size_t n, size_t *ret)
{
	return t->decoder->gzip ? unpack(t, dst, n, ret) : cv_stream_raw(t, dst, n, ret);
}

/* ---- Encodings -------------------------------------------------------------------- */

/* Converts what is there; a character that is not whole stays in the input. */
static void convert(struct cv_decoder *d, char **out, size_t *room, bool last)
{
	struct input *in = &d->text;

	for (;;) {
		char *from = in->buf + in->pos;
		size_t left = in->end - in->pos;
		size_t rc = iconv(d->cd, &from, &left, out, room);

		in->pos = in->end - left;
		if (rc != (size_t)-1 || errno == E2BIG || (errno == EINVAL && !last))
			return;
		if (*room == 0)
			return;
		*(*out)++ = NO_CHARACTER;
		(*room)--;
		in->pos += left < d->unit ? left : d->unit;
		if (in->pos == in->end)
			return;
	}
}

int32_t cv_decoder_read(struct cv_stream *t, char *dst, size_t n, size_t *ret)
{
	struct cv_decoder *d = t->decoder;
	struct input *in = &d->text;
	char *out = dst;
	size_t room = n, got;
	int32_t rc;

	if (!d->converts)
		return read_bytes(t, dst, n, ret);
	do {
		drop_input(in);
		rc = read_bytes(t, in->buf + in->end, INPUT - in->end, &got);
		if (rc < 0)
			return rc;
		in->end += got;
		if (in->end > 0)
			convert(d, &out, &room, got == 0 && d->complete);
	} while (room == n && got > 0);
	*ret = n - room;
	t->cut = *ret == 0 && in->end > in->pos;
	return 0;
}

int64_t cv_decoder_place(const struct cv_stream *t)
{
	const struct input *in = &t->decoder->text;

	return t->raw - (int64_t)(in->end - in->pos);
}

void cv_decoder_reset(struct cv_stream *t)
{
	struct input *in = &t->decoder->text;

	in->pos = in->end = 0;
	(void)iconv(t->decoder->cd, NULL, NULL, NULL, NULL);
}

/* ---- Making ------------------------------------------------------------------------ */

/* UTF-16 says its byte order in front of the text; the mark stays there. */
static int32_t utf16_order(struct cv_stream *t, const char **ret_name)
{
	struct cv_decoder *d = t->decoder;
	struct input *in = &d->text;
	size_t got = 1;
	int32_t rc = 0;

	while (rc == 0 && in->end < 2 && got > 0) {
		rc = read_bytes(t, in->buf + in->end, 2 - in->end, &got);
		in->end += got;
	}
	if (rc < 0)
		return rc;
	if (in->end < 2 || memcmp(in->buf, "\xff\xfe", 2) == 0)
		*ret_name = "UTF-16LE";
	else if (memcmp(in->buf, "\xfe\xff", 2) == 0)
		*ret_name = "UTF-16BE";
	else
		return defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
				    "'%s' has no byte order mark; set 'encoding' to utf-16le or "
				    "utf-16be",
				    t->name);
	return 0;
}

static int32_t open_iconv(struct cv_stream *t, enum cv_encoding encoding)
{
	static const char *const names[] = {
	    [CV_UTF8] = "UTF-8",   [CV_LATIN1] = "ISO-8859-1", [CV_WINDOWS_1252] = "WINDOWS-1252",
	    [CV_UTF16] = "UTF-16", [CV_UTF16LE] = "UTF-16LE",  [CV_UTF16BE] = "UTF-16BE",
	};
	struct cv_decoder *d = t->decoder;
	const char *name = names[encoding];
	int32_t rc = encoding == CV_UTF16 ? utf16_order(t, &name) : 0;

	if (rc < 0)
		return rc;
	d->unit = encoding >= CV_UTF16 ? 2 : 1;
	d->cd = iconv_open("UTF-8", name);
	if (d->cd != (iconv_t)-1)
		return 0;
	return defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
			    "encoding: this system cannot convert from '%s'; install its "
			    "conversions (gconv)",
			    name);
}

int32_t cv_decoder_make(struct cv_stream *t, const struct cv_format *f, bool gzip)
{
	struct cv_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return cv_fail_nomem(t->source);
	t->decoder = d;
	d->cd = (iconv_t)-1;
	d->converts = f->encoding != CV_UTF8;
	d->complete = gzip || f->layout == CV_LAYOUT_FILES;
	if (gzip) {
		d->packed.buf = malloc(INPUT);
		/* 16: the format is gzip. */
		if (!d->packed.buf || inflateInit2(&d->z, 15 + 16) != Z_OK)
			return cv_fail_nomem(t->source);
		d->gzip = true;
	}
	if (!d->converts)
		return 0;
	d->text.buf = malloc(INPUT);
	return d->text.buf ? open_iconv(t, f->encoding) : cv_fail_nomem(t->source);
}

void cv_decoder_free(struct cv_decoder *d)
{
	if (!d)
		return;
	if (d->gzip)
		(void)inflateEnd(&d->z);
	if (d->cd != (iconv_t)-1)
		(void)iconv_close(d->cd);
	free(d->packed.buf);
	free(d->text.buf);
	free(d);
}
