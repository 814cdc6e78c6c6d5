/* SPDX-License-Identifier: MIT */
/* A growing text with a limit, see text.h. */

#include "common/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_init(struct text *t, size_t max)
{
	*t = (struct text){.max = max};
}

void text_done(struct text *t)
{
	free(t->ptr);
	*t = (struct text){.max = t->max};
}

void text_clear(struct text *t)
{
	t->len = 0;
	t->failed = false;
	if (t->ptr)
		t->ptr[0] = '\0';
}

static bool text_reserve(struct text *t, size_t more)
{
	size_t need, cap;
	char *ptr;

	if (t->failed || more > t->max - t->len)
		return false;
	need = t->len + more + 1;
	if (need <= t->cap)
		return true;
	cap = t->cap < 128 ? 128 : t->cap;
	while (cap < need)
		cap *= 2;
	ptr = realloc(t->ptr, cap);
	if (!ptr)
		return false;
	t->ptr = ptr;
	t->cap = cap;
	return true;
}

void text_add(struct text *t, const char *ptr, size_t len)
{
	if (!text_reserve(t, len)) {
		t->failed = true;
		return;
	}
	if (len)
		memcpy(t->ptr + t->len, ptr, len);
	t->len += len;
	t->ptr[t->len] = '\0';
}

void text_str(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_char(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_int(struct text *t, int64_t v)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRId64, v);

	text_add(t, digits, (size_t)n);
}

char *text_room(struct text *t, size_t n)
{
	if (text_reserve(t, n))
		return t->ptr + t->len;
	t->failed = true;
	return NULL;
}

void text_filled(struct text *t, size_t n)
{
	t->len += n;
	t->ptr[t->len] = '\0';
}

const char *text_get(const struct text *t)
{
	return t->ptr ? t->ptr : "";
}
