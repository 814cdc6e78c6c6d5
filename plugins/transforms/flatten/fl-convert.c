/* SPDX-License-Identifier: MIT */
/* JSON values as cells of the types that fields are declared with. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/iso.h"
#include "common/number.h"
#include "fl.h"

static void set_data(struct defsync_cell *ret, const char *ptr, size_t len)
{
	ret->v.data.ptr = ptr;
	ret->v.data.len = len;
}

/* A string's text: its own bytes where it has no escapes. */
static const char *text_of(const struct json_value *v, struct fl_buffers *b, size_t *ret_len)
{
	char *out = b->text.ptr + b->used;

	if (!v->escaped) {
		*ret_len = v->len - 2;
		return v->ptr + 1;
	}
	*ret_len = json_unescape(v, out);
	b->used += *ret_len;
	return out;
}

static bool to_text(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	size_t len;
	const char *ptr;

	if (v->kind != JSON_STRING)
		return false;
	ptr = text_of(v, b, &len);
	set_data(ret, ptr, len);
	return true;
}

static bool to_int(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	struct number n;
	bool cut;

	(void)b;
	if (v->kind != JSON_NUMBER)
		return false;
	if (number_plain_int(v->ptr, v->len, &ret->v.i64))
		return true;
	return number_parse(v->ptr, v->len, &n) && number_int64(&n, 0, &ret->v.i64, &cut) && !cut;
}

/* What stands behind a member of an object ends the number for strtod too. */
static bool to_double(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	char *end;

	(void)b;
	if (v->kind != JSON_NUMBER)
		return false;
	ret->v.f64 = strtod(v->ptr, &end);
	return end == v->ptr + v->len && isfinite(ret->v.f64);
}

/* [-]digits[.digits] */
static bool is_plain_decimal(const char *p, size_t n)
{
	size_t i = n > 0 && p[0] == '-', start = i;

	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	if (i == start || i == n)
		return i > start;
	start = i + 1;
	if (p[i] != '.' || start == n)
		return false;
	for (i = start; i < n && p[i] >= '0' && p[i] <= '9'; i++)
		;
	return i == n;
}

/* Strings too: amounts are sent as such, so that no reader makes doubles of them. */
static bool to_decimal(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	char *out = b->text.ptr + b->used;
	struct number n;
	size_t len;

	if (v->kind == JSON_STRING)
		return to_text(v, b, ret) && is_plain_decimal(ret->v.data.ptr, ret->v.data.len);
	if (v->kind != JSON_NUMBER)
		return false;
	if (!memchr(v->ptr, 'e', v->len) && !memchr(v->ptr, 'E', v->len)) {
		set_data(ret, v->ptr, v->len);
		return true;
	}
	if (!number_parse(v->ptr, v->len, &n))
		return false;
	len = number_write(&n, false, out);
	b->used += len;
	set_data(ret, out, len);
	return len > 0;
}

static bool to_bool(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	(void)b;
	ret->v.i64 = v->kind == JSON_BOOL && v->ptr[0] == 't';
	return v->kind == JSON_BOOL;
}

static bool read_iso(const struct json_value *v, struct fl_buffers *b, struct iso *ret)
{
	size_t len;
	const char *ptr;

	if (v->kind != JSON_STRING)
		return false;
	ptr = text_of(v, b, &len);
	return iso_parse(ptr, len, ret) && iso_has_day(ret);
}

static bool to_date(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	struct iso t;

	if (!read_iso(v, b, &t) || t.separator)
		return false;
	ret->v.i64 = iso_days(&t);
	return true;
}

/* Digits beyond the sixth cannot be sent. */
static bool to_timestamp(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	struct iso t;

	if (!read_iso(v, b, &t) || !t.separator || t.digits > 6)
		return false;
	ret->v.i64 = iso_micros(&t);
	return true;
}

static bool to_json(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret)
{
	(void)b;
	set_data(ret, v->ptr, v->len);
	return true;
}

static const struct {
	const char *name;
	const char *phrase;
	uint32_t cell;
	bool (*convert)(const struct json_value *v, struct fl_buffers *b, struct defsync_cell *ret);
} types[] = {
    [FL_TEXT] = {"text", "a string", DEFSYNC_TEXT, to_text},
    [FL_INT] = {"int", "an integer of 64 bits", DEFSYNC_INT64, to_int},
    [FL_DOUBLE] = {"double", "a number that a double can hold", DEFSYNC_DOUBLE, to_double},
    [FL_DECIMAL] = {"decimal", "a decimal", DEFSYNC_DECIMAL, to_decimal},
    [FL_BOOL] = {"bool", "true or false", DEFSYNC_BOOL, to_bool},
    [FL_DATE] = {"date", "a date", DEFSYNC_DATE, to_date},
    [FL_TIMESTAMP] = {"timestamp", "a timestamp", DEFSYNC_TIMESTAMP, to_timestamp},
    [FL_JSON] = {"json", "JSON", DEFSYNC_JSON, to_json},
};

bool fl_type_from_name(const char *name, enum fl_type *ret)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, name) == 0) {
			*ret = (enum fl_type)i;
			return true;
		}
	}
	return false;
}

const char *fl_type_name(enum fl_type type)
{
	return types[type].name;
}

const char *fl_type_names(void)
{
	return "text, int, double, decimal, bool, date, timestamp or json";
}

uint32_t fl_type_cell(enum fl_type type)
{
	return types[type].cell;
}

const char *fl_type_phrase(enum fl_type type)
{
	return types[type].phrase;
}

size_t fl_room(enum fl_type type, const struct json_value *v)
{
	if (v->kind == JSON_STRING)
		return v->escaped && type != FL_JSON ? v->len : 0;
	return v->kind == JSON_NUMBER && type == FL_DECIMAL ? NUMBER_SIZE : 0;
}

bool fl_convert(enum fl_type type, const struct json_value *v, struct fl_buffers *b,
		struct defsync_cell *ret)
{
	*ret = (struct defsync_cell){.type = types[type].cell};
	if (types[type].convert(v, b, ret))
		return true;
	*ret = (struct defsync_cell){.type = DEFSYNC_NULL};
	return false;
}
