/* SPDX-License-Identifier: MIT */
/* Writing of checkpoints, see checkpoint.h. */

#include "common/checkpoint.h"

#include <string.h>

#include "common/checkpoint-sum.h"

static const char hex_digits[] = "0123456789abcdef";

void checkpoint_raw(struct checkpoint_writer *w, const char *ptr, size_t len)
{
	if (w->full || len > CHECKPOINT_MAX - CHECKPOINT_SUM_LEN - w->len) {
		w->full = true;
		return;
	}
	memcpy(w->buf + w->len, ptr, len);
	w->len += len;
}

void checkpoint_begin(struct checkpoint_writer *w, char buf[CHECKPOINT_MAX], const char *format)
{
	*w = (struct checkpoint_writer){.buf = buf, .sum = CHECKPOINT_SUM_INIT};
	checkpoint_raw(w, format, strlen(format));
}

void checkpoint_name(struct checkpoint_writer *w, const char *name)
{
	checkpoint_raw(w, ";", 1);
	checkpoint_raw(w, name, strlen(name));
	checkpoint_raw(w, "=", 1);
}

void checkpoint_field(struct checkpoint_writer *w, const char *name, const char *value)
{
	checkpoint_name(w, name);
	checkpoint_bytes(w, value, strlen(value));
}

/* By hand: once a row, and snprintf costs as much as reading the row. */
void checkpoint_int(struct checkpoint_writer *w, int64_t v)
{
	char digits[24];
	char *p = digits + sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	checkpoint_raw(w, p, (size_t)(digits + sizeof(digits) - p));
}

void checkpoint_hex(struct checkpoint_writer *w, const void *ptr, size_t len)
{
	const unsigned char *p = ptr;
	size_t i;

	for (i = 0; i < len && !w->full; i++)
		checkpoint_raw(w, (const char[]){hex_digits[p[i] >> 4], hex_digits[p[i] & 15]}, 2);
}

/* [0-9A-Za-z-_.:/] */
static const bool plain_byte[256] = {
    ['-'] = true, ['_'] = true,		['.'] = true,	      [':'] = true,
    ['/'] = true, ['0' ... '9'] = true, ['a' ... 'z'] = true, ['A' ... 'Z'] = true,
};

void checkpoint_bytes(struct checkpoint_writer *w, const void *ptr, size_t len)
{
	const unsigned char *p = ptr;
	size_t i = 0;

	while (i < len && !w->full) {
		size_t run = i;

		while (run < len && plain_byte[p[run]])
			run++;
		checkpoint_raw(w, (const char *)p + i, run - i);
		i = run;
		if (i < len) {
			checkpoint_raw(w, "%", 1);
			checkpoint_hex(w, p + i, 1);
			i++;
		}
	}
}

void checkpoint_keep(struct checkpoint_writer *w)
{
	w->summed += checkpoint_sum_words(&w->sum, w->buf + w->summed, w->len - w->summed);
	w->kept = w->len;
}

void checkpoint_rewind(struct checkpoint_writer *w)
{
	w->len = w->kept;
	w->full = false;
}

size_t checkpoint_end(struct checkpoint_writer *w)
{
	uint64_t sum;
	char *p;
	int i;

	if (w->full)
		return 0;
	sum = checkpoint_sum_end(w->sum, w->buf + w->summed, w->len - w->summed, w->len);
	p = w->buf + w->len;
	memcpy(p, CHECKPOINT_SUM_NAME, sizeof(CHECKPOINT_SUM_NAME) - 1);
	p += sizeof(CHECKPOINT_SUM_NAME) - 1;
	for (i = 60; i >= 0; i -= 4)
		*p++ = hex_digits[(sum >> i) & 15];
	w->len += CHECKPOINT_SUM_LEN;
	return w->len;
}
