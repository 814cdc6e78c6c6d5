/* SPDX-License-Identifier: MIT */
/* Values as the client library gives them, as cells.  Pure. */

#include <string.h>

#include "my.h"

static enum enum_field_types type_of(enum my_wire wire)
{
	switch (wire) {
	case MY_WIRE_INT:
	case MY_WIRE_UINT:
	case MY_WIRE_SMALLER:
	case MY_WIRE_BOOL:
		return MYSQL_TYPE_LONGLONG;
	case MY_WIRE_FLOAT:
		return MYSQL_TYPE_FLOAT;
	case MY_WIRE_DOUBLE:
		return MYSQL_TYPE_DOUBLE;
	case MY_WIRE_DATE:
		return MYSQL_TYPE_DATE;
	case MY_WIRE_DATETIME:
		return MYSQL_TYPE_DATETIME;
	case MY_WIRE_TIMESTAMP:
		return MYSQL_TYPE_TIMESTAMP;
	case MY_WIRE_TIME:
		return MYSQL_TYPE_TIME;
	case MY_WIRE_BYTES:
		return MYSQL_TYPE_BLOB;
	case MY_WIRE_DECIMAL:
	case MY_WIRE_TEXT:
	case MY_WIRE_JSON:
	case MY_WIRE_SET:
		break;
	}
	return MYSQL_TYPE_STRING;
}

void my_field_bind(struct my_field *f, MYSQL_BIND *ret)
{
	*ret = (MYSQL_BIND){
	    .buffer_type = type_of(f->wire),
	    .buffer = f->cap ? (void *)f->buffer : (void *)&f->v,
	    .buffer_length = f->cap ? f->cap : sizeof(f->v),
	    .length = &f->length,
	    .is_null = &f->is_null,
	    .error = &f->error,
	    .is_unsigned = f->wire == MY_WIRE_UINT || f->wire == MY_WIRE_SMALLER,
	};
}

void my_decimal_trim(const char **ptr, size_t *len)
{
	while (*len > 1 && (*ptr)[0] == '0' && (*ptr)[1] >= '0' && (*ptr)[1] <= '9') {
		(*ptr)++;
		(*len)--;
	}
}

static void add_json_string(const char *ptr, size_t len, struct text *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	text_char(out, '"');
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)ptr[i];

		if (c == '"' || c == '\\') {
			text_char(out, '\\');
			text_char(out, (char)c);
		} else if (c < 0x20) {
			text_str(out, "\\u00");
			text_char(out, digits[c >> 4]);
			text_char(out, digits[c & 15]);
		} else {
			text_char(out, (char)c);
		}
	}
	text_char(out, '"');
}

/* Names of a set hold no commas. */
void my_set_json(const char *ptr, size_t len, struct text *out)
{
	text_char(out, '[');
	while (len) {
		const char *comma = memchr(ptr, ',', len);
		size_t n = comma ? (size_t)(comma - ptr) : len;

		add_json_string(ptr, n, out);
		if (comma) {
			text_char(out, ',');
			n++;
		}
		ptr += n;
		len -= n;
	}
	text_char(out, ']');
}

static void set_data(struct defsync_cell *ret, uint32_t type, const char *ptr, size_t len)
{
	ret->type = type;
	ret->v.data.ptr = ptr;
	ret->v.data.len = len;
}

static enum my_decoded decode_set(struct my_field *f, struct defsync_cell *ret)
{
	text_clear(&f->scratch);
	my_set_json(f->buffer, f->length, &f->scratch);
	if (!text_ok(&f->scratch))
		return MY_VALUE_NOMEM;
	set_data(ret, DEFSYNC_JSON, text_get(&f->scratch), f->scratch.len);
	return MY_VALUE_OK;
}

static enum my_decoded decode_date(struct my_field *f, struct defsync_cell *ret)
{
	MYSQL_TIME *t = &f->v.time;

	switch (my_date_check(t->year, t->month, t->day)) {
	case MY_DATE_ZERO:
		ret->type = DEFSYNC_NULL;
		return MY_VALUE_ZERO_DATE;
	case MY_DATE_BAD:
		return MY_VALUE_BAD_DATE;
	case MY_DATE_GOOD:
		break;
	}
	if (f->wire == MY_WIRE_DATE) {
		ret->type = DEFSYNC_DATE;
		ret->v.i64 = my_date_days(t->year, t->month, t->day);
		return MY_VALUE_OK;
	}
	t->time_type = MYSQL_TIMESTAMP_DATETIME;
	ret->type = f->wire == MY_WIRE_TIMESTAMP ? DEFSYNC_TIMESTAMP : DEFSYNC_TIMESTAMP_LOCAL;
	ret->v.i64 = my_time_us(t);
	return MY_VALUE_OK;
}

static enum my_decoded decode_number(struct my_field *f, struct defsync_cell *ret)
{
	/* The column is no longer what it was when it was described. */
	if (f->error)
		return MY_VALUE_BAD;
	switch (f->wire) {
	case MY_WIRE_UINT:
		ret->type = DEFSYNC_UINT64;
		ret->v.u64 = f->v.u64;
		break;
	case MY_WIRE_BOOL:
		ret->type = DEFSYNC_BOOL;
		ret->v.i64 = f->v.u64 != 0;
		break;
	case MY_WIRE_FLOAT:
		ret->type = DEFSYNC_DOUBLE;
		ret->v.f64 = (double)f->v.f32;
		break;
	case MY_WIRE_DOUBLE:
		ret->type = DEFSYNC_DOUBLE;
		ret->v.f64 = f->v.f64;
		break;
	default:
		ret->type = DEFSYNC_INT64;
		ret->v.i64 = f->v.i64;
		break;
	}
	return MY_VALUE_OK;
}

enum my_decoded my_field_decode(struct my_field *f, struct defsync_cell *ret)
{
	const char *ptr = f->buffer;
	size_t len = f->length;

	if (f->is_null) {
		ret->type = DEFSYNC_NULL;
		return MY_VALUE_OK;
	}
	switch (f->wire) {
	case MY_WIRE_DATE:
	case MY_WIRE_DATETIME:
	case MY_WIRE_TIMESTAMP:
		return decode_date(f, ret);
	case MY_WIRE_TIME:
		f->v.time.time_type = MYSQL_TIMESTAMP_TIME;
		ret->type = DEFSYNC_TIME;
		ret->v.i64 = my_time_us(&f->v.time);
		return MY_VALUE_OK;
	case MY_WIRE_DECIMAL:
		my_decimal_trim(&ptr, &len);
		set_data(ret, DEFSYNC_DECIMAL, ptr, len);
		return MY_VALUE_OK;
	case MY_WIRE_TEXT:
		set_data(ret, DEFSYNC_TEXT, ptr, len);
		return MY_VALUE_OK;
	case MY_WIRE_BYTES:
		set_data(ret, DEFSYNC_BYTES, ptr, len);
		return MY_VALUE_OK;
	case MY_WIRE_JSON:
		set_data(ret, DEFSYNC_JSON, ptr, len);
		return MY_VALUE_OK;
	case MY_WIRE_SET:
		return decode_set(f, ret);
	default:
		return decode_number(f, ret);
	}
}
