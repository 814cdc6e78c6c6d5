/* SPDX-License-Identifier: MIT */
/* Texts as values of the types that a column may be given. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/iso.h"
#include "common/number.h"
#include "cv.h"

static bool read_text(const char *ptr, size_t len, struct defsync_cell *ret)
{
	ret->v.data.ptr = ptr;
	ret->v.data.len = len;
	return true;
}

static size_t count_digits(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i;
}

static bool read_int(const char *ptr, size_t len, struct defsync_cell *ret)
{
	return number_plain_int(ptr, len, &ret->v.i64);
}

/* [sign]digits[.digits], one digit at least; *ret_whole: of the digits in front. */
static bool is_plain_number(const char *ptr, size_t len, bool plus, size_t *ret_len)
{
	size_t i = len > 0 && (ptr[0] == '-' || (plus && ptr[0] == '+'));
	size_t whole = count_digits(ptr + i, len - i), fraction = 0;

	i += whole;
	if (i < len && ptr[i] == '.') {
		fraction = count_digits(ptr + i + 1, len - i - 1);
		i += 1 + fraction;
	}
	*ret_len = i;
	return whole + fraction > 0;
}

/*
 * The widest JSON form that is no number elsewhere: hexadecimal digits, "inf" and
 * "nan" are not taken, though strtod would.
 */
static bool read_double(const char *ptr, size_t len, struct defsync_cell *ret)
{
	char text[400], *end;
	size_t n, i;

	if (len == 0 || len >= sizeof(text) || !is_plain_number(ptr, len, true, &n))
		return false;
	if (n < len && (ptr[n] == 'e' || ptr[n] == 'E')) {
		i = n + 1;
		i += i < len && (ptr[i] == '-' || ptr[i] == '+');
		n = i + count_digits(ptr + i, len - i);
		if (n == i)
			return false;
	}
	if (n != len)
		return false;
	memcpy(text, ptr, len);
	text[len] = '\0';
	ret->v.f64 = strtod(text, &end);
	return end == text + len && isfinite(ret->v.f64);
}

/* As a cell must be: -digits.digits, a digit on both sides of the point. */
static bool read_decimal(const char *ptr, size_t len, struct defsync_cell *ret)
{
	size_t n, sign;

	if (!is_plain_number(ptr, len, true, &n) || n != len || ptr[len - 1] == '.')
		return false;
	if (ptr[0] == '+') {
		ptr++;
		len--;
	}
	sign = ptr[0] == '-';
	if (ptr[sign] == '.')
		return false;
	return read_text(ptr, len, ret);
}

static bool read_bool(const char *ptr, size_t len, struct defsync_cell *ret)
{
	return number_bool(ptr, len, &ret->v.i64);
}

static bool read_date(const char *ptr, size_t len, struct defsync_cell *ret)
{
	struct iso t;

	if (!iso_parse(ptr, len, &t) || t.separator || !iso_has_day(&t))
		return false;
	ret->v.i64 = iso_days(&t);
	return true;
}

static bool read_timestamp(const char *ptr, size_t len, struct defsync_cell *ret)
{
	struct iso t;

	/* Digits beyond the sixth cannot be sent. */
	if (!iso_parse(ptr, len, &t) || !t.separator || !iso_has_day(&t) || t.digits > 6)
		return false;
	ret->v.i64 = iso_micros(&t);
	return true;
}

static const struct {
	const char *name;
	uint32_t cell;
	bool (*read)(const char *ptr, size_t len, struct defsync_cell *ret);
} types[] = {
    [CV_TEXT] = {"text", DEFSYNC_TEXT, read_text},
    [CV_INT] = {"int", DEFSYNC_INT64, read_int},
    [CV_DOUBLE] = {"double", DEFSYNC_DOUBLE, read_double},
    [CV_DECIMAL] = {"decimal", DEFSYNC_DECIMAL, read_decimal},
    [CV_BOOL] = {"bool", DEFSYNC_BOOL, read_bool},
    [CV_DATE] = {"date", DEFSYNC_DATE, read_date},
    [CV_TIMESTAMP] = {"timestamp", DEFSYNC_TIMESTAMP, read_timestamp},
    [CV_JSON] = {"json", DEFSYNC_JSON, read_text},
};

bool cv_type_from_name(const char *name, size_t len, enum cv_type *ret)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0) {
			*ret = (enum cv_type)i;
			return true;
		}
	}
	return false;
}

const char *cv_type_name(enum cv_type type)
{
	return types[type].name;
}

const char *cv_type_names(void)
{
	return "text, int, double, decimal, bool, date, timestamp or json";
}

uint32_t cv_type_cell(enum cv_type type)
{
	return types[type].cell;
}

bool cv_type_read(enum cv_type type, const char *ptr, size_t len, struct defsync_cell *ret)
{
	ret->type = types[type].cell;
	ret->reserved = 0;
	return types[type].read(ptr, len, ret);
}
