/* SPDX-License-Identifier: MIT */
/* The names of a file's columns, and where its data begin. */

#include <stdlib.h>
#include <string.h>

#include "cv.h"

/* The record at pos + *at, read whole.  *ret_there false: nothing, or no end yet. */
static int32_t header_record(struct cv_stream *t, const struct cv_format *f, size_t at, bool last,
			     struct cv_record *r, bool *ret_there)
{
	int32_t rc = 0;

	*ret_there = false;
	while (rc == 0) {
		const char *p = t->pos + at;

		if (p < t->end && cv_parse(&f->dialect, p, t->end, last && t->eof, r)) {
			*ret_there = true;
			return 0;
		}
		/* A quote that is open over the line's end is no name that is still coming. */
		if (t->eof && p < t->end && r->open)
			*ret_there = cv_parse_cut(p, t->end, last, r);
		if (t->eof)
			return 0;
		if ((size_t)(t->end - t->pos) > CV_HEADER_MAX)
			return defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
					    "'%s': the header has no end in the first %d bytes; "
					    "correct the file, 'header' or 'quote'",
					    t->name, CV_HEADER_MAX);
		rc = cv_stream_fill(t);
	}
	return rc;
}

/* Lines as they come, whatever is in them. */
static bool skip_line(struct cv_stream *t, size_t *at, int64_t *lines)
{
	const char *p = t->pos + *at;

	while (p < t->end && *p != '\n' && *p != '\r')
		p++;
	if (p == t->end || (*p == '\r' && p + 1 == t->end && !t->eof))
		return false;
	p += *p == '\r' && p[1] == '\n' && p + 1 < t->end ? 2 : 1;
	*at = (size_t)(p - t->pos);
	(*lines)++;
	return true;
}

static int32_t skip_lines(struct cv_stream *t, int64_t n, size_t *at, int64_t *lines, bool *ret_all)
{
	int32_t rc = 0;

	*ret_all = true;
	while (rc == 0 && *lines < n) {
		if (skip_line(t, at, lines))
			continue;
		if (t->eof || (size_t)(t->end - t->pos) > CV_HEADER_MAX) {
			*ret_all = false;
			return 0;
		}
		rc = cv_stream_fill(t);
	}
	return rc;
}

static int32_t fail_header(struct cv_stream *t, uint32_t column, const char *what)
{
	return defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
			    "'%s': header: column %u %s; correct the file, or list the names in "
			    "'header' and set 'skip_lines'",
			    t->name, (unsigned)(column + 1), what);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int32_t check_names(struct cv_stream *t, const char *const *names, uint32_t n)
{
	const char **sorted = malloc((n + 1) * sizeof(*sorted));
	int32_t rc = 0;
	uint32_t i;

	if (!sorted)
		return cv_fail_nomem(t->source);
	memcpy((void *)sorted, names, n * sizeof(*sorted));
	qsort((void *)sorted, n, sizeof(*sorted), compare_names);
	/* Only names of the configuration were not looked at before. */
	if (n > CV_COLUMNS_MAX || sorted[0][0] == '\0')
		rc = defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
				  "header: a name is empty, or there are more than %d",
				  CV_COLUMNS_MAX);
	for (i = 1; i < n && rc == 0; i++) {
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			rc = defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
					  "'%s': header: two columns have the name '%.128s'; "
					  "correct the file, or list the names in 'header' and set "
					  "'skip_lines'",
					  t->name, sorted[i]);
	}
	free((void *)sorted);
	return rc;
}

/* Of well-formed UTF-8: no stray or missing continuation, which is all that a header shows. */
static bool is_utf8(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;

	while (*p) {
		int more = *p < 0x80		      ? 0
			   : *p >= 0xc2 && *p <= 0xdf ? 1
			   : *p >= 0xe0 && *p <= 0xef ? 2
			   : *p >= 0xf0 && *p <= 0xf4 ? 3
						      : -1;

		if (more < 0 || (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
		    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
			return false;
		for (p++; more > 0; more--, p++) {
			if ((*p & 0xc0) != 0x80)
				return false;
		}
	}
	return true;
}

static int32_t make_name(struct cv_stream *t, const struct cv_format *f, struct pool *pool,
			 const struct cv_field *field, uint32_t i, const char **ret)
{
	char *name = pool_alloc(pool, field->len + 1, 1);
	size_t len = field->len;

	if (!name)
		return cv_fail_nomem(t->source);
	memcpy(name, field->ptr, len);
	if (field->escaped)
		len = cv_unescape(&f->dialect, name, len, field->quoted);
	name[len] = '\0';
	*ret = name;
	if (len == 0)
		return fail_header(t, i, "has no name");
	if (len > CV_NAME_MAX)
		return fail_header(t, i, "has a name of more than 1024 bytes");
	return is_utf8(name) ? 0
			     : fail_header(t, i, "has a name that is not UTF-8, see 'encoding'");
}

static int32_t names_of(struct cv_stream *t, const struct cv_format *f, struct pool *pool,
			const struct cv_record *r, struct cv_header *ret)
{
	const char **names;
	int32_t rc = 0;
	uint32_t i;

	if (r->fault != CV_FINE)
		return fail_header(t, r->fault_field,
				   r->fault == CV_NUL ? "holds a NUL byte, see 'encoding'"
				   : r->fault == CV_OPEN_QUOTE
				       ? "has a quote that is not closed"
				       : "has text behind its closing quote");
	if (r->n > r->room)
		return defsync_fail(t->source->host, DEFSYNC_E_CONFIG,
				    "'%s': header: %u columns, %d are possible; correct "
				    "'delimiter', or split the file",
				    t->name, (unsigned)r->n, CV_COLUMNS_MAX);
	names = pool_alloc(pool, r->n, sizeof(*names));
	if (!names)
		return cv_fail_nomem(t->source);
	for (i = 0; i < r->n && rc == 0; i++)
		rc = make_name(t, f, pool, &r->fields[i], i, &names[i]);
	ret->names = names;
	ret->n = r->n;
	return rc < 0 ? rc : check_names(t, names, r->n);
}

/* header: false.  The first record tells how many there are. */
static int32_t numbered_names(struct cv_stream *t, struct pool *pool, uint32_t n,
			      struct cv_header *ret)
{
	const char **names;
	uint32_t i;

	if (n > CV_COLUMNS_MAX)
		n = CV_COLUMNS_MAX;
	names = pool_alloc(pool, n, sizeof(*names));
	if (!names)
		return cv_fail_nomem(t->source);
	for (i = 0; i < n; i++) {
		names[i] = pool_printf(pool, "column%u", (unsigned)(i + 1));
		if (!names[i])
			return cv_fail_nomem(t->source);
	}
	ret->names = names;
	ret->n = n;
	return 0;
}

/* The first record that is neither blank nor a comment; at moves behind the others. */
static int32_t first_record(struct cv_stream *t, const struct cv_format *f, bool last, size_t *at,
			    int64_t *lines, struct cv_record *r, bool *ret_there)
{
	int32_t rc;

	for (;;) {
		rc = header_record(t, f, *at, last, r, ret_there);
		if (rc < 0 || !*ret_there || (!r->comment && !cv_is_blank(r)))
			return rc;
		*at = (size_t)(r->end - t->pos);
		*lines += r->lines;
	}
}

static int32_t read_names(struct cv_stream *t, const struct cv_format *f, struct pool *pool,
			  bool last, size_t at, struct cv_record *r, struct cv_header *h)
{
	bool there = true;
	int32_t rc = 0;

	if (f->n_names) {
		h->names = f->names;
		h->n = f->n_names;
		h->bytes = at;
		return check_names(t, h->names, h->n);
	}
	rc = first_record(t, f, last, &at, &h->lines, r, &there);
	if (rc < 0 || !there)
		return rc;
	if (!f->header) {
		h->bytes = at;
		return numbered_names(t, pool, r->n, h);
	}
	h->bytes = (size_t)(r->end - t->pos);
	h->lines += r->lines;
	return names_of(t, f, pool, r, h);
}

int32_t cv_header_read(struct cv_stream *t, const struct cv_format *f, struct pool *pool, bool last,
		       struct cv_header *ret)
{
	struct cv_record r = {.room = CV_COLUMNS_MAX};
	struct cv_header h = {0};
	bool all = true;
	size_t at = 0;
	int32_t rc = cv_stream_want(t, 3);

	if (rc == 0 && t->end - t->pos >= 3 && memcmp(t->pos, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	if (rc == 0)
		rc = skip_lines(t, f->skip_lines, &at, &h.lines, &all);
	if (rc < 0 || !all) {
		*ret = (struct cv_header){0};
		return rc;
	}
	r.fields = calloc(CV_COLUMNS_MAX, sizeof(*r.fields));
	if (!r.fields)
		return cv_fail_nomem(t->source);
	rc = read_names(t, f, pool, last, at, &r, &h);
	free(r.fields);
	if (rc == 0)
		*ret = h;
	return rc;
}
