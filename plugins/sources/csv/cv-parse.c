/* SPDX-License-Identifier: MIT */
/* Records of a CSV file, see cv-parse.h. */

#include <string.h>

#include "cv-parse.h"
#include "cv-scan.h"

struct place {
	const struct cv_dialect *d;
	const char *end;
	bool last;
	struct cv_record *r;
};

static void set_fault(struct cv_record *r, enum cv_fault fault)
{
	if (r->fault != CV_FINE)
		return;
	r->fault = fault;
	r->fault_field = r->n;
	r->fault_line = r->lines;
}

static inline bool is_space(const struct cv_dialect *d, char c)
{
	return (c == ' ' || c == '\t') && c != d->delimiter;
}

static const char *skip_spaces(const struct cv_dialect *d, const char *p)
{
	while (is_space(d, *p))
		p++;
	return p;
}

static inline void add_field(struct cv_record *r, const char *ptr, const char *end, bool quoted,
			     bool escaped)
{
	if (r->n < r->room)
		r->fields[r->n] = (struct cv_field){ptr, (uint32_t)(end - ptr), quoted, escaped};
}

/*
 * An escape at q and what it makes plain: behind it, or NULL when it is not there
 * yet.
 */
static const char *skip_escaped(const struct place *at, const char *q)
{
	if (q + 1 >= at->end)
		return at->last ? at->end : NULL;
	at->r->lines += q[1] == '\n';
	return q + 2;
}

/* To the delimiter or line end behind q, for what plain_field does not see at once. */
static const char *plain_end(const struct place *at, const char *q, bool *escaped)
{
	const struct cv_dialect *d = at->d;

	for (;; q = cv_scan_plain(q, d->delimiter, d->escape)) {
		if (q >= at->end)
			return at->end;
		if (*q == d->delimiter || *q == '\n' || *q == '\r')
			return q;
		if (d->escaping && *q == d->escape) {
			*escaped = true;
			q = skip_escaped(at, q);
			if (!q)
				return NULL;
			continue;
		}
		if (*q == '\0')
			set_fault(at->r, CV_NUL);
		q++;
	}
}

/* Its end, or NULL: more is needed. */
static inline const char *plain_field(const struct place *at, const char *p)
{
	const struct cv_dialect *d = at->d;
	const char *q = cv_scan_plain(p, d->delimiter, d->escape), *end;
	bool escaped = false;

	if (*q != d->delimiter || q >= at->end) {
		q = plain_end(at, q, &escaped);
		if (!q)
			return NULL;
	}
	end = q;
	while (d->trim && end > p && is_space(d, end[-1]))
		end--;
	add_field(at->r, p, end, false, escaped);
	return q;
}

/* The closing quote of the field whose text begins at q; NULL: there is none yet. */
static const char *closing_quote(const struct place *at, const char *q, bool *escaped)
{
	const struct cv_dialect *d = at->d;
	const char escape = d->escaping ? d->escape : d->quote;

	for (;;) {
		q = cv_scan_quoted(q, d->quote, escape);
		if (q >= at->end)
			return NULL;
		if (*q == d->quote) {
			if (q + 1 >= at->end)
				return at->last ? q : NULL;
			if (q[1] != d->quote)
				return q;
			*escaped = true;
			q += 2;
		} else if (d->escaping && *q == d->escape) {
			*escaped = true;
			q = skip_escaped(at, q);
			if (!q || q >= at->end)
				return NULL;
		} else {
			at->r->lines += *q == '\n';
			if (*q == '\0')
				set_fault(at->r, CV_NUL);
			q++;
		}
	}
}

static const char *quoted_field(const struct place *at, const char *p)
{
	int64_t line = at->r->lines;
	bool escaped = false, dirty = false;
	const char *close = closing_quote(at, p + 1, &escaped), *q;

	if (!close) {
		at->r->open = p;
		at->r->fault_line = line;
		return NULL;
	}
	q = close + 1;
	if (at->d->trim)
		q = skip_spaces(at->d, q);
	if (q >= at->end || *q == at->d->delimiter || *q == '\n' || *q == '\r') {
		add_field(at->r, p + 1, close, true, escaped);
		return q < at->end ? q : at->end;
	}
	set_fault(at->r, CV_AFTER_QUOTE);
	q = plain_end(at, q, &dirty);
	if (q)
		add_field(at->r, p, q, false, false);
	return q;
}

/* The line end at q, if it is one; false: it cannot be told yet. */
static bool end_record(const struct place *at, const char *q)
{
	struct cv_record *r = at->r;

	r->text_end = q;
	if (q >= at->end) {
		r->end = at->end;
		return at->last;
	}
	r->lines++;
	r->end = q + 1;
	if (*q == '\n')
		return true;
	if (q + 1 >= at->end)
		return at->last;
	r->end += q[1] == '\n';
	return true;
}

static bool parse_comment(const struct place *at, const char *p)
{
	at->r->comment = true;
	while (p < at->end && *p != '\n' && *p != '\r')
		p++;
	return end_record(at, p);
}

bool cv_parse(const struct cv_dialect *d, const char *p, const char *data_end, bool last,
	      struct cv_record *r)
{
	const struct place at = {d, data_end, last, r};

	r->n = 0;
	r->lines = 0;
	r->fault = CV_FINE;
	r->comment = false;
	r->open = NULL;
	if (d->commenting && *p == d->comment && p < data_end)
		return parse_comment(&at, p);
	for (;;) {
		if (d->trim)
			p = skip_spaces(d, p);
		if (*p == d->quote && d->quoting && p < data_end)
			p = quoted_field(&at, p);
		else
			p = plain_field(&at, p);
		if (!p)
			return false;
		r->n++;
		if (*p != d->delimiter || p >= data_end)
			return end_record(&at, p);
		p++;
	}
}

bool cv_parse_cut(const char *p, const char *data_end, bool last, struct cv_record *r)
{
	const char *from = r->open ? r->open : p, *q = from;

	r->fault = r->open ? CV_OPEN_QUOTE : CV_TOO_LONG;
	r->fault_field = r->n;
	r->lines = r->open ? r->fault_line : 0;
	r->fault_line = r->lines;
	while (q < data_end && *q != '\n')
		q++;
	if (q == data_end && !last)
		return false;
	r->text_end = q;
	r->end = q < data_end ? q + 1 : q;
	r->lines += q < data_end;
	add_field(r, from, q, false, false);
	r->n++;
	return true;
}

size_t cv_unescape(const struct cv_dialect *d, char *ptr, size_t len, bool quoted)
{
	size_t from = 0, to = 0;

	while (from < len) {
		bool first =
		    (d->escaping && ptr[from] == d->escape) || (quoted && ptr[from] == d->quote);

		if (first && from + 1 < len)
			from++;
		ptr[to++] = ptr[from++];
	}
	return to;
}
