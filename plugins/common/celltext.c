/* SPDX-License-Identifier: MIT */
/* Cells as text, see celltext.h. */

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/celltext.h"
#include "common/hex.h"
#include "common/iso.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

/* ---- Dates and times ------------------------------------------------------------------ */

static void add_padded(struct text *out, uint64_t v, int width)
{
	char digits[24];

	text_add(out, digits,
		 (size_t)snprintf(digits, sizeof(digits), "%0*llu", width, (unsigned long long)v));
}

/* Years beyond 9999 and before 1 with their sign. */
static void add_date(struct text *out, int64_t days)
{
	unsigned month, day;
	int64_t year = iso_civil(days, &month, &day);

	if (year < 1 || year > 9999)
		text_char(out, year < 0 ? '-' : '+');
	add_padded(out, (uint64_t)(year < 0 ? -year : year), 4);
	text_char(out, '-');
	add_padded(out, month, 2);
	text_char(out, '-');
	add_padded(out, day, 2);
}

static void add_clock(struct text *out, uint64_t us, uint32_t digits)
{
	char fraction[8];
	uint64_t seconds = us / (uint64_t)SECOND;

	add_padded(out, seconds / 3600, 2);
	text_char(out, ':');
	add_padded(out, seconds / 60 % 60, 2);
	text_char(out, ':');
	add_padded(out, seconds % 60, 2);
	if (digits == 0)
		return;
	(void)snprintf(fraction, sizeof(fraction), "%06u", (unsigned)(us % (uint64_t)SECOND));
	text_char(out, '.');
	text_add(out, fraction, digits < 6 ? digits : 6);
}

static void add_timestamp(struct text *out, int64_t us, uint32_t digits)
{
	int64_t days = us / DAY, rest = us % DAY;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	add_date(out, days);
	text_char(out, 'T');
	add_clock(out, (uint64_t)rest, digits);
}

static void add_time(struct text *out, int64_t us, uint32_t digits)
{
	if (us < 0)
		text_char(out, '-');
	add_clock(out, us < 0 ? 0 - (uint64_t)us : (uint64_t)us, digits);
}

/* ---- Doubles ---------------------------------------------------------------------------- */

/* The digits of "d.ddde+xx" without the zeros at their end, whatever the locale's point. */
static int read_digits(const char *text, char digits[24], int *ret_exponent)
{
	int n = 0;

	for (; *text != 'e'; text++) {
		if (*text >= '0' && *text <= '9')
			digits[n++] = *text;
	}
	while (n > 1 && digits[n - 1] == '0')
		n--;
	*ret_exponent = (int)strtol(text + 1, NULL, 10);
	return n;
}

static void add_plain(struct text *out, const char *digits, int n, int exponent)
{
	int i, end = n > exponent + 1 ? n : exponent + 2;

	for (i = exponent < 0 ? exponent : 0; i < end; i++) {
		if (i == exponent + 1)
			text_char(out, '.');
		text_char(out, i >= 0 && i < n ? digits[i] : '0');
	}
}

static void add_scientific(struct text *out, const char *digits, int n, int exponent)
{
	text_char(out, digits[0]);
	if (n > 1) {
		text_char(out, '.');
		text_add(out, digits + 1, (size_t)n - 1);
	}
	text_char(out, 'e');
	text_int(out, exponent);
}

static void add_double(struct text *out, double v)
{
	char text[64], digits[24];
	int precision, n, exponent;

	if (isnan(v)) {
		text_str(out, "NaN");
		return;
	}
	if (signbit(v))
		text_char(out, '-');
	v = fabs(v);
	if (isinf(v)) {
		text_str(out, "Infinity");
		return;
	}
	for (precision = v < DBL_MIN ? 0 : 14; precision <= 16; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, v);
		if (strtod(text, NULL) == v)
			break;
	}
	n = read_digits(text, digits, &exponent);
	/* The encoder writes whatever has six digits behind the point at most plainly. */
	if ((exponent >= -5 && exponent <= 16) || (exponent == -6 && n == 1))
		add_plain(out, digits, n, exponent);
	else
		add_scientific(out, digits, n, exponent);
}

/* ---- Bytes --------------------------------------------------------------------------------- */

static void add_base64(struct text *out, const unsigned char *p, size_t n)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char four[4];
	size_t i;

	for (i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16;

		if (i + 1 < n)
			v |= (unsigned)p[i + 1] << 8;
		if (i + 2 < n)
			v |= p[i + 2];
		four[0] = letters[v >> 18];
		four[1] = letters[v >> 12 & 63];
		four[2] = i + 1 < n ? letters[v >> 6 & 63] : '=';
		four[3] = i + 2 < n ? letters[v & 63] : '=';
		text_add(out, four, 4);
	}
}

static void add_uuid(struct text *out, const void *bytes, size_t n)
{
	char digits[HEX_UUID];

	if (n != 16)
		return;
	hex_uuid_write(digits, bytes);
	text_add(out, digits, sizeof(digits));
}

/* ---- Cells ------------------------------------------------------------------------------------ */

void celltext_add(struct text *out, const struct defsync_cell *cell, uint32_t digits)
{
	switch (cell->type) {
	case DEFSYNC_BOOL:
		text_str(out, cell->v.i64 ? "true" : "false");
		break;
	case DEFSYNC_INT64:
		text_int(out, cell->v.i64);
		break;
	case DEFSYNC_UINT64:
		add_padded(out, cell->v.u64, 1);
		break;
	case DEFSYNC_DOUBLE:
		add_double(out, cell->v.f64);
		break;
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
	case DEFSYNC_JSON:
		text_add(out, cell->v.data.ptr, cell->v.data.len);
		break;
	case DEFSYNC_BYTES:
		add_base64(out, cell->v.data.ptr, cell->v.data.len);
		break;
	case DEFSYNC_DATE:
		add_date(out, cell->v.i64);
		break;
	case DEFSYNC_TIME:
		add_time(out, cell->v.i64, digits);
		break;
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		add_timestamp(out, cell->v.i64, digits);
		if (cell->type == DEFSYNC_TIMESTAMP)
			text_char(out, 'Z');
		break;
	case DEFSYNC_UUID:
		add_uuid(out, cell->v.data.ptr, cell->v.data.len);
		break;
	default:
		break;
	}
}
