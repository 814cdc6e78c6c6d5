/* SPDX-License-Identifier: MIT */
/*
 * `initial`, `until` and keys that come from JSON, as values of a column.  Strict, in the
 * forms in which values are sent: what the server would guess is an error here.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "my.h"

/* The given value as a text; "" where it cannot be one. */
static bool given_text(const struct defsync_cell *given, struct text *out)
{
	switch (given->type) {
	case DEFSYNC_BOOL:
	case DEFSYNC_INT64:
		text_int(out, given->v.i64);
		return true;
	case DEFSYNC_TEXT:
		text_add(out, given->v.data.ptr, given->v.data.len);
		return true;
	case DEFSYNC_DOUBLE: {
		char digits[64];
		int n = snprintf(digits, sizeof(digits), "%.17g", given->v.f64);

		text_add(out, digits, n > 0 ? (size_t)n : 0);
		return n > 0;
	}
	default:
		return false;
	}
}

static bool parse_uint(const char *ptr, uint64_t *ret)
{
	char *end;

	if (*ptr < '0' || *ptr > '9')
		return false;
	errno = 0;
	*ret = strtoull(ptr, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool parse_bool(const char *ptr, int64_t *ret)
{
	static const char *const words[] = {"0", "1", "false", "true"};
	size_t i;

	for (i = 0; i < 4; i++) {
		if (strcmp(ptr, words[i]) == 0) {
			*ret = (int64_t)(i % 2);
			return true;
		}
	}
	return false;
}

/* [-]digits[.digits] */
static bool is_decimal(const char *ptr)
{
	size_t whole, part = 0;

	ptr += *ptr == '-';
	whole = strspn(ptr, "0123456789");
	ptr += whole;
	if (*ptr == '.') {
		part = strspn(ptr + 1, "0123456789");
		ptr += 1 + part;
		if (part == 0)
			return false;
	}
	return whole > 0 && *ptr == '\0';
}

static bool parse_time(const char *ptr, size_t len, bool zoned_type, int64_t *ret)
{
	bool zoned;

	/* A column without a zone has no instant to compare with. */
	return my_time_parse(ptr, len, ret, &zoned) && (zoned_type || !zoned);
}

/* ---- By type ------------------------------------------------------------------------------ */

static bool convert(uint32_t type, struct text *t, struct defsync_cell *ret)
{
	const char *ptr = text_get(t);

	*ret = (struct defsync_cell){.type = type};
	switch (type) {
	case DEFSYNC_INT64:
		return checkpoint_parse_int(ptr, t->len, &ret->v.i64);
	case DEFSYNC_UINT64:
		return parse_uint(ptr, &ret->v.u64);
	case DEFSYNC_BOOL:
		return parse_bool(ptr, &ret->v.i64);
	case DEFSYNC_DATE:
		return my_time_parse_day(ptr, t->len, &ret->v.i64);
	case DEFSYNC_TIME:
		return my_time_parse_clock(ptr, t->len, &ret->v.i64);
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		return parse_time(ptr, t->len, type == DEFSYNC_TIMESTAMP, &ret->v.i64);
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
		ret->v.data.ptr = ptr;
		ret->v.data.len = t->len;
		return type == DEFSYNC_TEXT || is_decimal(ptr);
	default:
		return false;
	}
}

int32_t my_parse(struct reader_source *r, const struct reader_column *column,
		 const struct defsync_cell *given, struct reader_value *ret)
{
	struct defsync_cell cell;
	struct text t;
	int32_t rc = 0;

	text_init(&t, READER_SQL_MAX);
	if (!given_text(given, &t) || (text_ok(&t) && !convert(column->type, &t, &cell)) ||
	    /* A NUL would end a number early. */
	    (column->type != DEFSYNC_TEXT && strlen(text_get(&t)) != t.len))
		rc = DEFSYNC_E_CONFIG;
	else if (!text_ok(&t) || !reader_value_set(ret, &cell))
		rc = reader_fail_nomem(r);
	text_done(&t);
	return rc;
}
