/* SPDX-License-Identifier: MIT */
/*
 * One record of a CSV file (RFC 4180 and its dialects) out of a window of bytes.
 * Pure; nothing is copied: fields are places in the window.
 *
 * Lines end in LF, CRLF or CR, mixed as they come.  A quote inside of an unquoted
 * field is a character like any other.  What is wrong with a record does not hide
 * where it ends, so that reading goes on behind it.
 */

#ifndef CSV_CV_PARSE_H
#define CSV_CV_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cv_dialect {
	char delimiter;
	char quote;   /* '\n': none, since that ends a field before */
	char escape;  /* the quote or delimiter again: none */
	char comment; /* '\n': none */
	bool quoting, escaping, commenting;
	bool trim; /* spaces and tabs around fields and quotes */
};

enum cv_fault {
	CV_FINE,
	CV_NUL,		/* a NUL byte in a field */
	CV_AFTER_QUOTE, /* text between a closing quote and the delimiter */
	CV_OPEN_QUOTE,	/* no closing quote: the record is cut at the end of its line */
	CV_TOO_LONG,
};

struct cv_field {
	const char *ptr;
	uint32_t len;
	bool quoted;
	bool escaped; /* cv_unescape has something to do */
};

struct cv_record {
	struct cv_field *fields; /* of the caller */
	uint32_t room;
	uint32_t n;	      /* of the record; may be more than room */
	const char *text_end; /* behind its text */
	const char *end;      /* behind its line end */
	int64_t lines;	      /* line ends in it, its own included */
	bool comment;
	enum cv_fault fault;
	uint32_t fault_field; /* from 0 */
	int64_t fault_line;   /* from 0, of the record's */
	/* When there was no end: the quote that is open, or NULL. */
	const char *open;
};

/*
 * The record at p.  data_end: *data_end is '\n' and CV_PAD readable bytes follow.  last:
 * nothing comes behind, so what is there is the record.  False: there is no end yet
 * (never with `last`).
 */
bool cv_parse(const struct cv_dialect *d, const char *p, const char *data_end, bool last,
	      struct cv_record *r);

/*
 * After a false that may not be answered with more bytes: the record ends with the
 * line in which its quote was opened.  False: that line has no end either.
 */
bool cv_parse_cut(const char *p, const char *data_end, bool last, struct cv_record *r);

/* An empty line, without even a quote. */
static inline bool cv_is_blank(const struct cv_record *r)
{
	return r->n == 1 && r->fields[0].len == 0 && !r->fields[0].quoted;
}

/* Takes doubled quotes and escapes out, in place; the new length. */
size_t cv_unescape(const struct cv_dialect *d, char *ptr, size_t len, bool quoted);

#endif
