/* SPDX-License-Identifier: MIT */
/* Reading of checkpoints, see checkpoint.h. */

#include <stdlib.h>
#include <string.h>

#include "common/checkpoint.h"
#include "common/checkpoint-sum.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool checkpoint_unhex(const char *value, size_t len, unsigned char *dst, size_t *ret_len)
{
	size_t i;

	if (len % 2)
		return false;
	for (i = 0; i < len; i += 2) {
		int hi = hex_value(value[i]), lo = hex_value(value[i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		dst[i / 2] = (unsigned char)(hi * 16 + lo);
	}
	*ret_len = len / 2;
	return true;
}

bool checkpoint_decode(const char *value, size_t len, char *dst, size_t *ret_len)
{
	size_t i, n = 0, got;

	for (i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)value[i];

		if (byte == '%') {
			if (len - i < 3 || !checkpoint_unhex(value + i + 1, 2, &byte, &got))
				return false;
			i += 2;
		}
		dst[n++] = (char)byte;
	}
	dst[n] = '\0';
	*ret_len = n;
	return true;
}

bool checkpoint_parse_int(const char *value, size_t len, int64_t *ret)
{
	bool negative = len && value[0] == '-';
	size_t i = negative;
	int64_t v = 0;

	if (i == len)
		return false;
	for (; i < len; i++) {
		int digit = value[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(v, (int64_t)10, &v) ||
		    __builtin_sub_overflow(v, (int64_t)digit, &v))
			return false;
	}
	/* Counted downwards, since INT64_MIN has no positive twin. */
	if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*ret = v;
	return true;
}

static bool sum_matches(const char *ptr, size_t len)
{
	uint64_t sum = 0;
	size_t body = len - CHECKPOINT_SUM_LEN, name = sizeof(CHECKPOINT_SUM_NAME) - 1, i;

	if (memcmp(ptr + body, CHECKPOINT_SUM_NAME, name) != 0)
		return false;
	for (i = body + name; i < len; i++) {
		int v = hex_value(ptr[i]);

		if (v < 0)
			return false;
		sum = sum << 4 | (unsigned int)v;
	}
	return sum == checkpoint_sum_end(CHECKPOINT_SUM_INIT, ptr, body, body);
}

/* Splits the copy in place; names may not occur twice. */
static bool split_items(struct checkpoint_reader *r, char *p)
{
	while (*p == ';') {
		char *eq, *end;

		*p++ = '\0';
		end = p + strcspn(p, ";");
		eq = memchr(p, '=', (size_t)(end - p));
		if (!eq || eq == p || r->n_items == CHECKPOINT_ITEMS)
			return false;
		*eq = '\0';
		if (checkpoint_get(r, p))
			return false;
		r->items[r->n_items++] = (struct checkpoint_item){.name = p, .value = eq + 1};
		p = end;
	}
	return *p == '\0';
}

enum checkpoint_verdict checkpoint_parse(struct checkpoint_reader *r, const char *ptr, size_t len,
					 const char *format)
{
	size_t n = strlen(format);

	*r = (struct checkpoint_reader){0};
	if (len < n || memcmp(ptr, format, n) != 0 || (len > n && ptr[n] != ';'))
		return CHECKPOINT_FOREIGN;
	if (len > CHECKPOINT_MAX || len < n + CHECKPOINT_SUM_LEN || memchr(ptr, '\0', len) ||
	    !sum_matches(ptr, len))
		return CHECKPOINT_DAMAGED;
	len -= CHECKPOINT_SUM_LEN;
	r->copy = malloc(len + 1);
	if (!r->copy)
		return CHECKPOINT_NOMEM;
	memcpy(r->copy, ptr, len);
	r->copy[len] = '\0';
	if (!split_items(r, r->copy + n)) {
		checkpoint_reader_done(r);
		return CHECKPOINT_DAMAGED;
	}
	return CHECKPOINT_OK;
}

void checkpoint_reader_done(struct checkpoint_reader *r)
{
	free(r->copy);
	*r = (struct checkpoint_reader){0};
}

const char *checkpoint_get(const struct checkpoint_reader *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_items; i++) {
		if (strcmp(r->items[i].name, name) == 0)
			return r->items[i].value;
	}
	return NULL;
}
