/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer with a mandatory maximum.
 *
 *	struct buf b;
 *	buf_init(&b, 1 << 20);
 *	if (buf_add(&b, p, n) < 0) ...       no memory or over the maximum
 *	buf_done(&b);
 *
 * The data belong to the buffer and move when it grows.  A hot path reserves
 * once (buf_reserve) and writes at buf_end itself, then adds to len.
 * A failed call leaves the contents as they were.
 */

#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

struct buf {
	char *data; /* NULL while cap is 0 */
	size_t len;
	size_t cap;
	size_t max;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);

/* Slow path of buf_reserve. */
int buf_grow(struct buf *b, size_t more);

/* Room for `more` bytes after len: 0, or -1 without memory or over the maximum. */
static inline int buf_reserve(struct buf *b, size_t more)
{
	return b->cap - b->len >= more ? 0 : buf_grow(b, more);
}

static inline char *buf_end(struct buf *b)
{
	return b->data + b->len;
}

static inline void buf_reset(struct buf *b)
{
	b->len = 0;
}

static inline int buf_add(struct buf *b, const void *p, size_t n)
{
	if (buf_reserve(b, n) < 0)
		return -1;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	return 0;
}

int buf_add_char(struct buf *b, char c);
int buf_add_str(struct buf *b, const char *s);
__attribute__((format(printf, 2, 3))) int buf_printf(struct buf *b, const char *fmt, ...);
__attribute__((format(printf, 2, 0))) int buf_vprintf(struct buf *b, const char *fmt, va_list ap);

/* Puts a NUL behind the data, not counted in len; the data, or NULL without memory. */
const char *buf_str(struct buf *b);
/* Hands the NUL-terminated data over to the caller (free); the buffer is empty. */
char *buf_take(struct buf *b);

#endif
