/* SPDX-License-Identifier: MIT */
/* Patterns of `like`: % is any text, _ one character, all else itself. */

#include "fl.h"

/* The unit at text; *used: its bytes.  false: what follows the escape is no sign. */
static bool read_unit(const char *text, size_t n, int escape, struct fl_unit *ret, size_t *used)
{
	*used = 1;
	if ((unsigned char)*text == escape) {
		*used = 2;
		if (n < 2 || (text[1] != '%' && text[1] != '_' && text[1] != text[0]))
			return false;
		*ret = (struct fl_unit){FL_BYTE, text[1]};
		return true;
	}
	*ret = (struct fl_unit){*text == '%' ? FL_MANY : *text == '_' ? FL_ONE : FL_BYTE, *text};
	return true;
}

bool fl_pattern_read(struct expr *e, size_t at, const char *text, size_t n, int escape,
		     struct fl_pattern *ret)
{
	size_t used;

	ret->units = pool_alloc(e->pool, n + 1, sizeof(*ret->units));
	if (!ret->units)
		return expr_nomem(e);
	for (ret->n = 0; n > 0; text += used, n -= used) {
		if (!read_unit(text, n, escape, &ret->units[ret->n++], &used))
			return expr_fail(e, at,
					 "only '%%', '_' and '%c' itself follow '%c' in a pattern",
					 escape, escape);
	}
	return true;
}

/* Behind the character at i. */
static size_t next_character(const char *text, size_t n, size_t i)
{
	for (i++; i < n && ((unsigned char)text[i] & 0xc0) == 0x80; i++)
		;
	return i;
}

/* Goes back to the last % only: what an earlier one takes can be left to that. */
bool fl_pattern_matches(const struct fl_pattern *p, const char *text, size_t n)
{
	size_t i = 0, k = 0, many = SIZE_MAX, from = 0;

	while (i < n) {
		const struct fl_unit *u = k < p->n ? &p->units[k] : NULL;

		if (u && u->kind == FL_MANY) {
			many = k++;
			from = i;
		} else if (u && u->kind == FL_ONE) {
			i = next_character(text, n, i);
			k++;
		} else if (u && u->byte == text[i]) {
			i++;
			k++;
		} else if (many != SIZE_MAX) {
			from = next_character(text, n, from);
			i = from;
			k = many + 1;
		} else {
			return false;
		}
	}
	while (k < p->n && p->units[k].kind == FL_MANY)
		k++;
	return k == p->n;
}
