/* SPDX-License-Identifier: MIT */
/* Numbers, sizes and durations from and to text. */

#define _GNU_SOURCE
#include "base/num.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* Digits at *p up to INT64_MAX. */
static int take_number(const char **p, int64_t *ret)
{
	const char *s = *p;
	int64_t v = 0;

	if (*s < '0' || *s > '9')
		return -1;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
			return -1;
	}
	*p = s;
	*ret = v;
	return 0;
}

int num_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	const char *digits = *s == '-' || *s == '+' ? s + 1 : s;
	long long v;
	char *end;

	/* strtoll would take white space */
	if (*digits < '0' || *digits > '9')
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return -1;
	*ret = v;
	return 0;
}

static const char *skip_digits(const char *s)
{
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

/* [+-]digits[.digits][e[+-]digits]: no hex, no "inf", no white space. */
static int is_decimal(const char *s)
{
	const char *start = *s == '-' || *s == '+' ? s + 1 : s;
	const char *p = skip_digits(start);

	if (p == start)
		return 0;
	if (*p == '.') {
		start = p + 1;
		p = skip_digits(start);
		if (p == start)
			return 0;
	}
	if (*p == 'e' || *p == 'E') {
		start = p[1] == '-' || p[1] == '+' ? p + 2 : p + 1;
		p = skip_digits(start);
		if (p == start)
			return 0;
	}
	return *p == '\0';
}

int num_parse_double(const char *s, double *ret)
{
	locale_t c;
	double v;

	if (!is_decimal(s))
		return -1;
	c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!c)
		return -1;
	v = strtod_l(s, NULL, c);
	freelocale(c);
	if (!isfinite(v))
		return -1;
	*ret = v;
	return 0;
}

int num_parse_bool(const char *s, int *ret)
{
	static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(s, words[i]) == 0) {
			*ret = (int)(i % 2);
			return 0;
		}
	}
	return -1;
}

static const struct unit sizes[] = {
    {"", 1},
    {"B", 1},
    {"KB", INT64_C(1000)},
    {"MB", INT64_C(1000000)},
    {"GB", INT64_C(1000000000)},
    {"TB", INT64_C(1000000000000)},
    {"KiB", INT64_C(1) << 10},
    {"MiB", INT64_C(1) << 20},
    {"GiB", INT64_C(1) << 30},
    {"TiB", INT64_C(1) << 40},
};

static const struct unit durations[] = {
    {"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
};

static int parse_unit(const char *s, const struct unit *units, size_t n, int64_t *ret)
{
	int64_t v;
	size_t i;

	if (take_number(&s, &v) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (strcasecmp(s, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(v, units[i].factor, &v))
			return -1;
		*ret = v;
		return 0;
	}
	return -1;
}

int num_parse_size(const char *s, int64_t *ret)
{
	return parse_unit(s, sizes, sizeof(sizes) / sizeof(sizes[0]), ret);
}

int num_parse_duration(const char *s, int64_t *ret_ms)
{
	return parse_unit(s, durations, sizeof(durations) / sizeof(durations[0]), ret_ms);
}

/* In the largest unit that gives a whole number, else with one digit of fraction. */
const char *num_format_size(int64_t bytes, char out[32])
{
	static const char *const names[] = {"KB", "MB", "GB", "TB"};
	static const char *const binary[] = {"KiB", "MiB", "GiB", "TiB"};
	int64_t dec = INT64_C(1000000000000), bin = INT64_C(1) << 40;
	double v = (double)bytes;
	int i;

	for (i = 3; i >= 0 && bytes != 0; i--, dec /= 1000, bin >>= 10) {
		if (bytes % dec == 0) {
			(void)snprintf(out, 32, "%" PRId64 "%s", bytes / dec, names[i]);
			return out;
		}
		if (bytes % bin == 0) {
			(void)snprintf(out, 32, "%" PRId64 "%s", bytes / bin, binary[i]);
			return out;
		}
	}
	if (v > -1000 && v < 1000) {
		(void)snprintf(out, 32, "%" PRId64 "B", bytes);
		return out;
	}
	for (i = -1; i < 3 && fabs(v) >= 999.95; i++)
		v /= 1000;
	/* the tenths by hand: printf's point depends on the locale */
	dec = (int64_t)(fabs(v) * 10 + 0.5);
	(void)snprintf(out, 32, "%s%" PRId64 ".%" PRId64 "%s", v < 0 ? "-" : "", dec / 10, dec % 10,
		       names[i]);
	return out;
}

/* Two parts at most: "1m23s"; a whole number of one unit alone: "90s", "15m". */
const char *num_format_duration(int64_t ms, char out[32])
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t v = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
	static const struct {
		uint64_t ms;
		const char *name;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}};
	size_t i;

	for (i = 0; i < 4 && v != 0; i++) {
		if (v % units[i].ms == 0 && (i == 0 || v / units[i].ms < 100)) {
			(void)snprintf(out, 32, "%s%" PRIu64 "%s", sign, v / units[i].ms,
				       units[i].name);
			return out;
		}
	}
	for (i = 0; i < 3; i++) {
		uint64_t whole = v / units[i].ms;
		unsigned part = (unsigned)(v % units[i].ms / units[i + 1].ms);

		if (whole > 0) {
			(void)snprintf(out, 32, "%s%" PRIu64 "%s%02u%s", sign, whole, units[i].name,
				       part % 100, units[i + 1].name);
			return out;
		}
	}
	if (v >= 1000)
		(void)snprintf(out, 32, "%s%" PRIu64 ".%" PRIu64 "s", sign, v / 1000,
			       v % 1000 / 100);
	else
		(void)snprintf(out, 32, "%s%" PRIu64 "ms", sign, v);
	return out;
}
