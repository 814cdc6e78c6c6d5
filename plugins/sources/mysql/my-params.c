/* SPDX-License-Identifier: MIT */
/*
 * Values as parameters, each in the type of its column, so that the server neither
 * converts the column, which would cost the index, nor compares as doubles.  Pure.
 */

#include "my.h"

static void bind_data(const struct defsync_cell *cell, enum enum_field_types type,
		      struct my_param *p, MYSQL_BIND *b)
{
	p->length = (unsigned long)cell->v.data.len;
	b->buffer_type = type;
	/* The library only reads it. */
	b->buffer = cell->v.data.len ? (void *)(uintptr_t)cell->v.data.ptr : (void *)&p->i64;
	b->buffer_length = p->length;
	b->length = &p->length;
}

static void bind_number(const struct defsync_cell *cell, struct my_param *p, MYSQL_BIND *b)
{
	p->i64 = cell->v.i64;
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->buffer = &p->i64;
	b->is_unsigned = cell->type == DEFSYNC_UINT64;
}

static void bind_time(enum enum_field_types type, struct my_param *p, MYSQL_BIND *b)
{
	b->buffer_type = type;
	b->buffer = &p->time;
}

bool my_param_bind(const struct defsync_cell *cell, struct my_param *p, MYSQL_BIND *ret)
{
	*ret = (MYSQL_BIND){.buffer = NULL};
	switch (cell->type) {
	case DEFSYNC_NULL:
		ret->buffer_type = MYSQL_TYPE_NULL;
		return true;
	case DEFSYNC_BOOL:
	case DEFSYNC_INT64:
	case DEFSYNC_UINT64:
		bind_number(cell, p, ret);
		return true;
	case DEFSYNC_DATE:
		my_date_from_days(cell->v.i64, &p->time);
		bind_time(MYSQL_TYPE_DATE, p, ret);
		return true;
	case DEFSYNC_TIME:
		my_time_of_day(cell->v.i64, &p->time);
		bind_time(MYSQL_TYPE_TIME, p, ret);
		return true;
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
		my_time_from_us(cell->v.i64, &p->time);
		bind_time(MYSQL_TYPE_DATETIME, p, ret);
		return true;
	case DEFSYNC_DECIMAL:
		bind_data(cell, MYSQL_TYPE_NEWDECIMAL, p, ret);
		return true;
	case DEFSYNC_TEXT:
		bind_data(cell, MYSQL_TYPE_STRING, p, ret);
		return true;
	case DEFSYNC_BYTES:
		bind_data(cell, MYSQL_TYPE_BLOB, p, ret);
		return true;
	default:
		return false;
	}
}
