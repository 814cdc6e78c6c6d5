/* SPDX-License-Identifier: MIT */
/*
 * The text form of a checkpoint:
 *
 *	FORMAT;name=value;name=value;sum=16 hex digits
 *
 * Values are percent-encoded, so that the text is printable ASCII without
 * spaces and ';' and ',' separate.  The sum of all before it finds every
 * changed byte: a damaged key must never be taken for a position.  It is
 * no protection against intent.
 *
 * Writing is made for one checkpoint a row: what is the same for all rows is
 * written and summed once.
 *
 *	checkpoint_begin -> checkpoint_field ... -> checkpoint_keep
 *	    then per row: checkpoint_rewind -> checkpoint_name,
 *	    checkpoint_bytes ... -> checkpoint_end
 */

#ifndef COMMON_CHECKPOINT_H
#define COMMON_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKPOINT_MAX 4096 /* bytes, as plugin.h says */

struct checkpoint_writer {
	char *buf; /* CHECKPOINT_MAX bytes of the caller */
	size_t len;
	size_t kept;   /* length of the constant part */
	size_t summed; /* of it, whole words */
	uint64_t sum;  /* of these */
	bool full;     /* did not fit; stays until rewind */
};

void checkpoint_begin(struct checkpoint_writer *w, char buf[CHECKPOINT_MAX], const char *format);
/* ";name=value" with the value encoded. */
void checkpoint_field(struct checkpoint_writer *w, const char *name, const char *value);
/* ";name=" alone; what follows is added by the functions below. */
void checkpoint_name(struct checkpoint_writer *w, const char *name);
/* As they are: the caller vouches for printable text without separators. */
void checkpoint_raw(struct checkpoint_writer *w, const char *ptr, size_t len);
void checkpoint_int(struct checkpoint_writer *w, int64_t v);
void checkpoint_hex(struct checkpoint_writer *w, const void *ptr, size_t len);
/* Percent-encoded. */
void checkpoint_bytes(struct checkpoint_writer *w, const void *ptr, size_t len);
/* What was written so far is in front of every checkpoint from now on. */
void checkpoint_keep(struct checkpoint_writer *w);
void checkpoint_rewind(struct checkpoint_writer *w);
/* Adds the sum.  The length, or 0 when it did not fit. */
size_t checkpoint_end(struct checkpoint_writer *w);

#define CHECKPOINT_ITEMS 24

struct checkpoint_item {
	const char *name;
	const char *value; /* still encoded, NUL-terminated */
};

struct checkpoint_reader {
	char *copy; /* owned */
	struct checkpoint_item items[CHECKPOINT_ITEMS];
	size_t n_items;
};

enum checkpoint_verdict {
	CHECKPOINT_OK,
	CHECKPOINT_FOREIGN, /* another format's: another plugin or version */
	CHECKPOINT_DAMAGED,
	CHECKPOINT_NOMEM,
};

/* On CHECKPOINT_OK the reader needs checkpoint_reader_done. */
enum checkpoint_verdict checkpoint_parse(struct checkpoint_reader *r, const char *ptr, size_t len,
					 const char *format);
void checkpoint_reader_done(struct checkpoint_reader *r);
/* The encoded value, or NULL. */
const char *checkpoint_get(const struct checkpoint_reader *r, const char *name);
/*
 * Decodes `len` bytes of a value into dst, which holds at least len + 1 bytes, and
 * ends it with a NUL; false when it is no encoded text.
 */
bool checkpoint_decode(const char *value, size_t len, char *dst, size_t *ret_len);
bool checkpoint_unhex(const char *value, size_t len, unsigned char *dst, size_t *ret_len);
bool checkpoint_parse_int(const char *value, size_t len, int64_t *ret);

#endif
