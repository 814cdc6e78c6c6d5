/* SPDX-License-Identifier: MIT */
/* Texts as numbers, see number.h. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/number.h"

/* Beyond it every number that is not zero is too large, or too small to tell from it. */
#define EXPONENT_MAX 1000000
/* Significant digits that the exact value of a double has at most. */
#define DOUBLE_DIGITS_MAX 767

/* ---- Reading --------------------------------------------------------------------------- */

static size_t count_digits(const char *p, const char *end)
{
	const char *at = p;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - p);
}

/* Behind the exponent at p, or NULL. */
static const char *parse_exponent(const char *p, const char *end, int64_t *ret)
{
	bool negative = false;
	size_t n, i;
	int64_t v = 0;

	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	n = count_digits(p, end);
	if (n == 0)
		return NULL;
	for (i = 0; i < n && v <= EXPONENT_MAX; i++)
		v = v * 10 + (p[i] - '0');
	*ret = negative ? -v : v;
	return p + n;
}

bool number_parse(const char *ptr, size_t len, struct number *ret)
{
	struct number n = {0};
	const char *p = ptr, *end = len ? ptr + len : ptr;

	if (p < end && (*p == '+' || *p == '-'))
		n.negative = *p++ == '-';
	n.whole = n.fraction = p;
	n.n_whole = count_digits(p, end);
	p += n.n_whole;
	if (p < end && *p == '.') {
		n.fraction = ++p;
		n.n_fraction = count_digits(p, end);
		p += n.n_fraction;
	}
	if (n.n_whole + n.n_fraction == 0)
		return false;
	if (p < end && (*p == 'e' || *p == 'E'))
		p = parse_exponent(p + 1, end, &n.exponent);
	if (p != end)
		return false;
	*ret = n;
	return true;
}

/* ---- Digits ------------------------------------------------------------------------------ */

static char digit_at(const struct number *n, int64_t i)
{
	size_t at = (size_t)i;

	return at < n->n_whole ? n->whole[at] : n->fraction[at - n->n_whole];
}

/* The first and the last digit that is not 0, and where the point is; false: zero. */
static bool find_digits(const struct number *n, int64_t *ret_first, int64_t *ret_last,
			int64_t *ret_point)
{
	int64_t count = (int64_t)(n->n_whole + n->n_fraction), first = 0, last = count - 1;

	while (first < count && digit_at(n, first) == '0')
		first++;
	while (last >= first && digit_at(n, last) == '0')
		last--;
	*ret_first = first;
	*ret_last = last;
	*ret_point = (int64_t)n->n_whole + n->exponent;
	return first < count;
}

bool number_uint64(const struct number *n, int shift, uint64_t *ret, bool *ret_cut)
{
	int64_t first, last, point, i;
	uint64_t v = 0;

	*ret = 0;
	*ret_cut = false;
	if (!find_digits(n, &first, &last, &point))
		return true;
	for (i = first; i < point + shift; i++) {
		uint64_t digit = i <= last ? (uint64_t)(digit_at(n, i) - '0') : 0;

		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return false;
	}
	*ret = v;
	*ret_cut = last >= point + shift;
	return !n->negative || v == 0;
}

bool number_int64(const struct number *n, int shift, int64_t *ret, bool *ret_cut)
{
	struct number size = *n;
	uint64_t v;

	size.negative = false;
	if (!number_uint64(&size, shift, &v, ret_cut) ||
	    v > (uint64_t)INT64_MAX + (n->negative ? 1 : 0))
		return false;
	*ret = n->negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

/* ---- Doubles ------------------------------------------------------------------------------- */

/* Is v, written with n digits, 0.DIGITS times 10^point? */
static bool reads_back(double v, const char *digits, int n, int64_t point)
{
	char text[DOUBLE_DIGITS_MAX + 32];
	const char *p = text;
	int i;

	(void)snprintf(text, sizeof(text), "%.*e", n - 1, fabs(v));
	for (i = 0; i < n; p++) {
		if (*p < '0' || *p > '9')
			continue;
		if (*p != digits[i++])
			return false;
	}
	return *p == 'e' && strtol(p + 1, NULL, 10) == point - 1;
}

bool number_double(const struct number *n, double *ret, bool *ret_exact)
{
	char text[DOUBLE_DIGITS_MAX + 32];
	int64_t first, last, point, i;
	int used = 0;

	*ret = n->negative ? -0.0 : 0.0;
	*ret_exact = true;
	if (!find_digits(n, &first, &last, &point))
		return true;
	for (i = first; i <= last && used < DOUBLE_DIGITS_MAX; i++)
		text[used++] = digit_at(n, i);
	(void)snprintf(text + used, sizeof(text) - (size_t)used, "e%lld",
		       (long long)(point - first - used));
	*ret = strtod(text, NULL);
	if (isinf(*ret))
		return false;
	*ret_exact =
	    last - first < DOUBLE_DIGITS_MAX && reads_back(*ret, text, used, point - first);
	if (n->negative)
		*ret = -*ret;
	return true;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static char *put_digits(const struct number *n, int64_t from, int64_t to, char *out)
{
	int64_t i, count = (int64_t)(n->n_whole + n->n_fraction);

	for (i = from; i < to; i++)
		*out++ = i >= 0 && i < count ? digit_at(n, i) : '0';
	return out;
}

size_t number_write(const struct number *n, bool shorten, char out[NUMBER_SIZE])
{
	int64_t first, last, point, end = (int64_t)(n->n_whole + n->n_fraction);
	bool some = find_digits(n, &first, &last, &point);
	char *p = out;

	if (!some)
		first = point = (int64_t)n->n_whole;
	if (shorten)
		end = some ? last + 1 : point;
	if (point - first > NUMBER_DIGITS_MAX || end - point > NUMBER_DIGITS_MAX)
		return 0;
	if (n->negative && some)
		*p++ = '-';
	if (first >= point)
		*p++ = '0';
	p = put_digits(n, first, point, p);
	if (end > point) {
		*p++ = '.';
		p = put_digits(n, point, end, p);
	}
	return (size_t)(p - out);
}

/* ---- Whole numbers and truth values ------------------------------------------------------------ */

bool number_plain_int(const char *ptr, size_t len, int64_t *ret)
{
	bool negative = len > 0 && ptr[0] == '-';
	size_t i = negative || (len > 0 && ptr[0] == '+');
	int64_t v = 0;

	if (i == len || count_digits(ptr + i, ptr + len) != len - i)
		return false;
	/* Downwards, since INT64_MIN has no positive twin. */
	for (; i < len; i++) {
		if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
		    __builtin_sub_overflow(v, (int64_t)(ptr[i] - '0'), &v))
			return false;
	}
	if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	*ret = v;
	return true;
}

bool number_bool(const char *ptr, size_t len, int64_t *ret)
{
	static const struct {
		const char *name;
		bool value;
	} words[] = {{"true", true},   {"t", true},  {"yes", true}, {"y", true},  {"1", true},
		     {"false", false}, {"f", false}, {"no", false}, {"n", false}, {"0", false}};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].name) == len && strncasecmp(words[i].name, ptr, len) == 0) {
			*ret = words[i].value;
			return true;
		}
	}
	return false;
}
