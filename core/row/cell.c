/* SPDX-License-Identifier: MIT */
/* One cell to JSON. */

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "row/base64.h"
#include "row/cell-time.h"
#include "row/cell.h"
#include "row/json-check.h"
#include "row/json-string.h"
#include "row/utf8.h"

/* How much of a column's name goes into a message, at most. */
#define NAME_SHOWN 200

/*
 * Keeps a writer out of cell_write, which then only jumps: the registers that
 * one type's writer needs are not saved for all the others.
 */
#define OUT_OF_LINE __attribute__((noinline))

static char *put(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}

__attribute__((format(printf, 4, 5), cold)) static char *refuse(const struct defsync_column *column,
								const struct cell_context *row,
								enum row_reason reason,
								const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	(void)row_fault_set(row->fault, reason, "column '%.*s': %s", NAME_SHOWN, column->name,
			    what);
	return NULL;
}

char *cell_fault_utf8(struct row_fault *fault, const struct defsync_column *column,
		      const struct defsync_cell *cell, size_t at)
{
	const unsigned char *p = (const unsigned char *)cell->v.data.ptr + at;
	size_t i, n = cell->v.data.len - at < 4 ? cell->v.data.len - at : 4;
	char hex[4 * 3 + 1] = "";

	for (i = 0; i < n; i++)
		(void)snprintf(hex + 3 * i, 4, i + 1 < n ? "%02x " : "%02x", p[i]);
	(void)row_fault_set(fault, ROW_BAD_UTF8, "column '%.*s': not UTF-8 at byte %zu: '%s'",
			    NAME_SHOWN, column->name, at, hex);
	return NULL;
}

char *cell_write_base64_object(char *p, const struct defsync_cell *cell)
{
	p = put(p, "{\"$base64\":\"", 12);
	p = base64_write(p, cell->v.data.ptr, cell->v.data.len);
	return put(p, "\"}", 2);
}

/* A text that json_quote did not take. */
__attribute__((cold)) static char *write_bad_text(char *p, const struct defsync_cell *cell,
						  const struct defsync_column *column,
						  struct cell_context *row)
{
	if (row->policy->lenient)
		return cell_write_base64_object(p, cell);
	return cell_fault_utf8(row->fault, column, cell,
			       utf8_valid_prefix(cell->v.data.ptr, cell->v.data.len));
}

OUT_OF_LINE static char *write_text(char *p, const struct defsync_cell *cell,
				    const struct defsync_column *column, struct cell_context *row)
{
	char *end = json_quote(p, cell->v.data.ptr, cell->v.data.len);

	return end ? end : write_bad_text(p, cell, column, row);
}

OUT_OF_LINE static char *write_json(char *p, const struct defsync_cell *cell,
				    const struct defsync_column *column, struct cell_context *row)
{
	int limit = row->policy->lenient ? JSON_CHECK_DEPTH : row->policy->max_depth - 1;
	int depth = json_check(cell->v.data.ptr, cell->v.data.len, limit);

	if (depth >= 0 && depth <= limit)
		return put(p, cell->v.data.ptr, cell->v.data.len);
	if (row->policy->lenient)
		return write_text(p, cell, column, row);
	if (depth < 0)
		return refuse(column, row, ROW_BAD_JSON, "not a JSON value of %zu bytes",
			      cell->v.data.len);
	return refuse(column, row, ROW_TOO_DEEP,
		      "nested deeper than %d levels, the row's own included",
		      row->policy->max_depth);
}

static const char *skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* [-+]digits[.digits] */
static int is_decimal(const char *p, const char *end)
{
	const char *digits;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	digits = p;
	p = skip_digits(p, end);
	if (p == digits)
		return 0;
	if (p == end)
		return 1;
	if (*p != '.')
		return 0;
	digits = p + 1;
	return digits < end && skip_digits(digits, end) == end;
}

/* JSON has neither a plus sign nor leading zeros. */
static char *write_decimal_number(char *p, const char *digits, const char *end)
{
	if (*digits == '-')
		*p++ = '-';
	if (*digits == '-' || *digits == '+')
		digits++;
	while (end - digits > 1 && digits[0] == '0' && digits[1] != '.')
		digits++;
	return put(p, digits, (size_t)(end - digits));
}

OUT_OF_LINE static char *write_decimal(char *p, const struct defsync_cell *cell,
				       const struct defsync_column *column,
				       struct cell_context *row)
{
	const char *digits = cell->v.data.ptr;
	size_t n = cell->v.data.len;

	if (n == 0 || !is_decimal(digits, digits + n)) {
		if (row->policy->lenient)
			return write_text(p, cell, column, row);
		return refuse(column, row, ROW_BAD_VALUE, "not a decimal number: '%.*s'",
			      n < 64 ? (int)n : 64, n > 0 ? digits : "");
	}
	if (row->policy->decimals == DECIMALS_NUMBER)
		return write_decimal_number(p, digits, digits + n);
	*p++ = '"';
	p = put(p, digits, n);
	*p++ = '"';
	return p;
}

OUT_OF_LINE static char *write_double(char *p, double v, struct cell_context *row)
{
	if (isfinite(v))
		return num_write_double(p, v);
	row->counts.non_finite++;
	return put(p, "null", 4);
}

OUT_OF_LINE static char *write_bytes(char *p, const struct defsync_cell *cell)
{
	*p++ = '"';
	p = base64_write(p, cell->v.data.ptr, cell->v.data.len);
	*p++ = '"';
	return p;
}

OUT_OF_LINE static char *write_uuid(char *p, const struct defsync_cell *cell,
				    const struct defsync_column *column, struct cell_context *row)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *bytes = cell->v.data.ptr;
	int i;

	if (cell->v.data.len != 16) {
		if (row->policy->lenient)
			return write_bytes(p, cell);
		return refuse(column, row, ROW_BAD_VALUE, "a UUID of %zu bytes, not 16",
			      cell->v.data.len);
	}
	*p++ = '"';
	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[bytes[i] >> 4];
		*p++ = hex[bytes[i] & 15];
	}
	*p++ = '"';
	return p;
}

static char *write_bool(char *p, int64_t v, const struct defsync_column *column,
			struct cell_context *row)
{
	if (v == 1)
		return put(p, "true", 4);
	if (v == 0)
		return put(p, "false", 5);
	if (row->policy->lenient)
		return num_write_i64(p, v);
	return refuse(column, row, ROW_BAD_VALUE, "neither 0 nor 1 for a boolean: '%" PRId64 "'",
		      v);
}

OUT_OF_LINE static char *write_timestamp(char *p, const struct defsync_cell *cell,
					 const struct defsync_column *column,
					 struct cell_context *row)
{
	int far = 0;

	*p++ = '"';
	p = cell_write_timestamp(p, cell->v.i64, column->digits, &far);
	if (cell->type == DEFSYNC_TIMESTAMP)
		*p++ = 'Z';
	*p++ = '"';
	row->counts.out_of_range += (unsigned)far;
	return p;
}

OUT_OF_LINE static char *write_time(char *p, int64_t us, unsigned digits)
{
	*p++ = '"';
	p = cell_write_time(p, us, digits);
	*p++ = '"';
	return p;
}

OUT_OF_LINE static char *write_date(char *p, const struct defsync_cell *cell,
				    const struct defsync_column *column, struct cell_context *row)
{
	int64_t days = cell->v.i64;
	int far = 0;

	if (days < -CELL_DAYS_MAX || days > CELL_DAYS_MAX) {
		if (row->policy->lenient)
			return num_write_i64(p, days);
		return refuse(column, row, ROW_BAD_VALUE,
			      "no date: '%" PRId64 "' days from 1970-01-01", days);
	}
	*p++ = '"';
	p = cell_write_date(p, days, &far);
	*p++ = '"';
	row->counts.out_of_range += (unsigned)far;
	return p;
}

OUT_OF_LINE static char *write_u64(char *p, uint64_t v)
{
	*p++ = '"';
	p = num_write_u64(p, v);
	*p++ = '"';
	return p;
}

char *cell_write(char *p, const struct defsync_cell *cell, const struct defsync_column *column,
		 struct cell_context *row)
{
	switch (cell->type) {
	case DEFSYNC_NULL:
		return put(p, "null", 4);
	case DEFSYNC_BOOL:
		return write_bool(p, cell->v.i64, column, row);
	case DEFSYNC_INT64:
		return num_write_i64(p, cell->v.i64);
	case DEFSYNC_UINT64:
		return write_u64(p, cell->v.u64);
	case DEFSYNC_DOUBLE:
		return write_double(p, cell->v.f64, row);
	case DEFSYNC_DECIMAL:
		return write_decimal(p, cell, column, row);
	case DEFSYNC_TEXT:
		return write_text(p, cell, column, row);
	case DEFSYNC_BYTES:
		return write_bytes(p, cell);
	case DEFSYNC_DATE:
		return write_date(p, cell, column, row);
	case DEFSYNC_TIME:
		return write_time(p, cell->v.i64, column->digits);
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		return write_timestamp(p, cell, column, row);
	case DEFSYNC_JSON:
		return write_json(p, cell, column, row);
	case DEFSYNC_UUID:
		return write_uuid(p, cell, column, row);
	default:
		if (row->policy->lenient)
			return put(p, "null", 4);
		return refuse(column, row, ROW_BAD_VALUE, "unknown cell type %u", cell->type);
	}
}
