/* SPDX-License-Identifier: MIT */
/* What commands print on stdout: checked writes, clean text, JSON values. */

#include "cli/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "row/utf8.h"

int output_write_to(FILE *f, struct buf *b, struct error *err)
{
	errno = 0;
	if (fwrite(b->data, 1, b->len, f) != b->len || fflush(f) != 0)
		return error_set_errno(err, ERR_INTERNAL, errno, "cannot write the output");
	return 0;
}

int output_write(struct buf *b, struct error *err)
{
	return output_write_to(stdout, b, err);
}

static int add_chunk(const char *p, size_t n, void *ctx)
{
	return buf_add(ctx, p, n);
}

int output_json_text(const json_t *json, struct buf *b, struct error *err)
{
	if (json_dump_callback(json, add_chunk, b, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) < 0 ||
	    buf_add_char(b, '\n') < 0)
		return error_nomem(err);
	return 0;
}

int output_json_line(const json_t *json, struct buf *b, struct error *err)
{
	if (json_dump_callback(json, add_chunk, b,
			       JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)) < 0)
		return error_nomem(err);
	return 0;
}

int output_json_take(json_t *json, struct error *err)
{
	struct buf b;
	int rc;

	if (json == NULL)
		return error_nomem(err);
	buf_init(&b, OUTPUT_MAX);
	rc = output_json_text(json, &b, err);
	if (rc == 0)
		rc = output_write(&b, err);
	buf_done(&b);
	json_decref(json);
	return rc;
}

/* Length of a C1 control character in UTF-8, 0 for anything else. */
static size_t is_c1(const unsigned char *p)
{
	return p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f ? 2 : 0;
}

int output_add_clean(struct buf *b, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	const unsigned char *end = p + strlen(text);

	while (p < end) {
		size_t n = utf8_sequence(p, (size_t)(end - p));
		int rc;

		if (n == 0)
			rc = buf_add_char(b, '?');
		else if (*p < 0x20 || *p == 0x7f)
			rc = buf_printf(b, "\\x%02x", *p);
		else if (is_c1(p))
			rc = buf_printf(b, "\\u%04x", p[1]);
		else
			rc = buf_add(b, p, n);
		if (rc < 0)
			return -1;
		p += n == 0 ? 1 : n;
	}
	return 0;
}

/* In place. */
static void replace_bad_utf8(struct buf *b)
{
	size_t at = 0;

	while ((at += utf8_valid_prefix(b->data + at, b->len - at)) < b->len)
		b->data[at] = '?';
}

json_t *output_json_string(struct secrets *secrets, const char *text)
{
	json_t *json = NULL;
	struct buf b;

	if (text == NULL || text[0] == '\0')
		return json_null();
	buf_init(&b, OUTPUT_MAX);
	if (buf_add_str(&b, text) == 0 && secrets_redact(secrets, &b) == 0) {
		replace_bad_utf8(&b);
		json = json_stringn(b.data, b.len);
	}
	buf_done(&b);
	return json;
}

json_t *output_json_time(int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	if (us == 0)
		return json_null();
	clock_format(us, text);
	return json_string(text);
}

int output_put(json_t *object, const char *name, json_t *value_take)
{
	return json_object_set_new(object, name, value_take);
}
