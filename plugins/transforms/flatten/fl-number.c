/* SPDX-License-Identifier: MIT */
/* Numbers as JSON writes them, without loss. */

#include <string.h>

#include "fl.h"

/* -whole.fraction e exponent */
struct number {
	bool negative;
	const char *whole, *fraction;
	int64_t n_whole, n_fraction;
	int64_t point; /* so many digits stand in front of it; less than 0: zeros do */
};

static int64_t count_digits(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p - start;
}

/* Exponents beyond all use end at a limit that is beyond it too. */
static int64_t read_exponent(const char *p, const char *end)
{
	bool negative = *p == '-';
	int64_t v = 0;

	for (p += *p == '-' || *p == '+'; p < end; p++) {
		if (v < 1000000)
			v = v * 10 + (*p - '0');
	}
	return negative ? -v : v;
}

static void read_number(const char *ptr, size_t len, struct number *n)
{
	const char *end = ptr + len;

	*n = (struct number){.negative = *ptr == '-'};
	n->whole = ptr + n->negative;
	n->n_whole = count_digits(n->whole, end);
	n->fraction = n->whole + n->n_whole;
	if (n->fraction < end && *n->fraction == '.') {
		n->fraction++;
		n->n_fraction = count_digits(n->fraction, end);
	}
	n->point = n->n_whole;
	ptr = n->fraction + n->n_fraction;
	if (ptr < end)
		n->point += read_exponent(ptr + 1, end);
}

/* Of all digits, whole and fraction; zeros stand on both sides of them. */
static char digit_at(const struct number *n, int64_t i)
{
	if (i < 0 || i >= n->n_whole + n->n_fraction)
		return '0';
	return i < n->n_whole ? n->whole[i] : n->fraction[i - n->n_whole];
}

static bool is_integral(const struct number *n)
{
	int64_t i;

	for (i = n->point > 0 ? n->point : 0; i < n->n_whole + n->n_fraction; i++) {
		if (digit_at(n, i) != '0')
			return false;
	}
	return true;
}

bool fl_number_int(const char *ptr, size_t len, int64_t *ret)
{
	struct number n;
	int64_t i, v = 0;

	read_number(ptr, len, &n);
	if (!is_integral(&n))
		return false;
	/* Downwards, since INT64_MIN has no positive twin. */
	for (i = 0; i < n.point; i++) {
		if (v == 0 && i >= n.n_whole + n.n_fraction)
			break;
		if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
		    __builtin_sub_overflow(v, (int64_t)(digit_at(&n, i) - '0'), &v))
			return false;
	}
	if (!n.negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*ret = v;
	return true;
}

bool fl_number_has_exponent(const char *ptr, size_t len)
{
	return memchr(ptr, 'e', len) || memchr(ptr, 'E', len);
}

size_t fl_number_plain(const char *ptr, size_t len, char *out)
{
	struct number n;
	int64_t i = 0, all;
	size_t at = 0;

	read_number(ptr, len, &n);
	all = n.n_whole + n.n_fraction;
	if (all > FL_DIGITS_MAX || n.point > FL_DIGITS_MAX || n.point < -FL_DIGITS_MAX)
		return 0;
	if (n.negative)
		out[at++] = '-';
	/* Zeros in front, but for the one of "0.5". */
	while (i < n.point - 1 && digit_at(&n, i) == '0')
		i++;
	if (n.point <= 0)
		out[at++] = '0';
	for (; i < n.point; i++)
		out[at++] = digit_at(&n, i);
	if (all > n.point)
		out[at++] = '.';
	for (i = n.point; i < all; i++)
		out[at++] = digit_at(&n, i);
	return at;
}
