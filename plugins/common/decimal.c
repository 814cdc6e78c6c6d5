/* SPDX-License-Identifier: MIT */
/* Decimals as texts, see decimal.h. */

#include <string.h>

#include "common/decimal.h"

void decimal_parse(const char *ptr, size_t len, struct decimal *ret)
{
	const char *p = ptr, *end = len ? p + len : p;

	*ret = (struct decimal){0};
	if (p < end && (*p == '-' || *p == '+'))
		ret->negative = *p++ == '-';
	if (p < end && (*p == 'N' || *p == 'n' || *p == 'I' || *p == 'i')) {
		ret->rank = *p == 'N' || *p == 'n' ? DECIMAL_NAN : ret->negative ? -1 : 1;
		return;
	}
	while (p < end && *p == '0')
		p++;
	for (ret->whole = p; p < end && *p != '.'; p++)
		ret->n_whole++;
	if (p < end)
		p++;
	ret->fraction = p;
	ret->n_fraction = (size_t)(end - p);
	while (ret->n_fraction && p[ret->n_fraction - 1] == '0')
		ret->n_fraction--;
	if (ret->n_whole == 0 && ret->n_fraction == 0)
		ret->negative = false;
}

static int compare_digits(const struct decimal *a, const struct decimal *b)
{
	size_t n = a->n_fraction < b->n_fraction ? a->n_fraction : b->n_fraction;
	int order;

	if (a->n_whole != b->n_whole)
		return a->n_whole < b->n_whole ? -1 : 1;
	order = a->n_whole ? memcmp(a->whole, b->whole, a->n_whole) : 0;
	if (order == 0 && n)
		order = memcmp(a->fraction, b->fraction, n);
	if (order)
		return order < 0 ? -1 : 1;
	return a->n_fraction < b->n_fraction ? -1 : a->n_fraction > b->n_fraction;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->rank != b->rank || a->rank)
		return a->rank < b->rank ? -1 : a->rank > b->rank;
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	return a->negative ? compare_digits(b, a) : compare_digits(a, b);
}
