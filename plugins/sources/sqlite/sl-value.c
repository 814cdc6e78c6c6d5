/* SPDX-License-Identifier: MIT */
/* Values that outlive a step: kept, bound, compared and printed. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sl.h"

void sl_value_done(struct sl_value *v)
{
	free(v->ptr);
	*v = (struct sl_value){0};
}

static bool value_bytes(struct sl_value *v, int cls, const void *ptr, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		return false;
	if (len)
		memcpy(copy, ptr, len);
	copy[len] = '\0';
	free(v->ptr);
	*v = (struct sl_value){.cls = cls, .ptr = copy, .len = len};
	return true;
}

bool sl_value_read(struct sl_value *v, sqlite3_stmt *stmt, int column)
{
	int cls = sqlite3_column_type(stmt, column);
	const void *ptr;

	switch (cls) {
	case SQLITE_INTEGER:
		sl_value_int(v, sqlite3_column_int64(stmt, column));
		return true;
	case SQLITE_FLOAT:
		sl_value_done(v);
		v->cls = cls;
		v->f64 = sqlite3_column_double(stmt, column);
		return true;
	case SQLITE_TEXT:
		ptr = sqlite3_column_text(stmt, column);
		return ptr && value_bytes(v, cls, ptr, (size_t)sqlite3_column_bytes(stmt, column));
	case SQLITE_BLOB:
		ptr = sqlite3_column_blob(stmt, column);
		return value_bytes(v, cls, ptr, (size_t)sqlite3_column_bytes(stmt, column));
	default:
		sl_value_done(v);
		v->cls = SQLITE_NULL;
		return true;
	}
}

void sl_value_borrow(struct sl_value *v, sqlite3_stmt *stmt, int column)
{
	v->cls = sqlite3_column_type(stmt, column);
	v->ptr = NULL;
	v->len = 0;
	switch (v->cls) {
	case SQLITE_INTEGER:
		v->i64 = sqlite3_column_int64(stmt, column);
		break;
	case SQLITE_FLOAT:
		v->f64 = sqlite3_column_double(stmt, column);
		break;
	case SQLITE_TEXT:
		v->ptr = (char *)(uintptr_t)sqlite3_column_text(stmt, column);
		v->len = (size_t)sqlite3_column_bytes(stmt, column);
		break;
	case SQLITE_BLOB:
		v->ptr = (char *)(uintptr_t)sqlite3_column_blob(stmt, column);
		v->len = (size_t)sqlite3_column_bytes(stmt, column);
		break;
	default:
		break;
	}
}

void sl_value_from_cell(struct sl_value *v, const struct defsync_cell *cell)
{
	switch (cell->type) {
	case DEFSYNC_INT64:
		v->cls = SQLITE_INTEGER;
		v->i64 = cell->v.i64;
		v->ptr = NULL;
		return;
	case DEFSYNC_DOUBLE:
		v->cls = SQLITE_FLOAT;
		v->f64 = cell->v.f64;
		v->ptr = NULL;
		return;
	case DEFSYNC_NULL:
		v->cls = SQLITE_NULL;
		v->ptr = NULL;
		return;
	default:
		v->cls = cell->type == DEFSYNC_TEXT ? SQLITE_TEXT : SQLITE_BLOB;
		v->ptr = (char *)(uintptr_t)cell->v.data.ptr;
		v->len = cell->v.data.len;
	}
}

bool sl_value_text(struct sl_value *v, const char *ptr, size_t len)
{
	return value_bytes(v, SQLITE_TEXT, ptr, len);
}

void sl_value_int(struct sl_value *v, int64_t i64)
{
	sl_value_done(v);
	v->cls = SQLITE_INTEGER;
	v->i64 = i64;
}

bool sl_value_copy(struct sl_value *v, const struct sl_value *from)
{
	if (from->ptr)
		return value_bytes(v, from->cls, from->ptr, from->len);
	sl_value_done(v);
	*v = *from;
	return true;
}

int sl_value_bind(const struct sl_value *v, sqlite3_stmt *stmt, int param)
{
	switch (v->cls) {
	case SQLITE_INTEGER:
		return sqlite3_bind_int64(stmt, param, v->i64);
	case SQLITE_FLOAT:
		return sqlite3_bind_double(stmt, param, v->f64);
	case SQLITE_TEXT:
		return sqlite3_bind_text64(stmt, param, v->ptr, v->len, SQLITE_TRANSIENT,
					   SQLITE_UTF8);
	case SQLITE_BLOB:
		/* x'' has no bytes and no pointer, which would bind NULL. */
		return sqlite3_bind_blob64(stmt, param, v->ptr ? v->ptr : "", v->len,
					   SQLITE_TRANSIENT);
	default:
		return sqlite3_bind_null(stmt, param);
	}
}

/* Exact, unlike a comparison of the integer as a double. */
static int compare_int_real(int64_t i, double r)
{
	if (r >= 9223372036854775808.0)
		return -1;
	if (r < -9223372036854775808.0)
		return 1;
	if (i != (int64_t)r)
		return i < (int64_t)r ? -1 : 1;
	return r > (double)(int64_t)r ? -1 : r < (double)(int64_t)r;
}

static int compare_numbers(const struct sl_value *a, const struct sl_value *b)
{
	if (a->cls == SQLITE_INTEGER && b->cls == SQLITE_INTEGER)
		return a->i64 < b->i64 ? -1 : a->i64 > b->i64;
	if (a->cls == SQLITE_INTEGER)
		return compare_int_real(a->i64, b->f64);
	if (b->cls == SQLITE_INTEGER)
		return -compare_int_real(b->i64, a->f64);
	return a->f64 < b->f64 ? -1 : a->f64 > b->f64;
}

/* NULL, numbers, texts, blobs: the order of SQLite's classes. */
static int class_rank(int cls)
{
	switch (cls) {
	case SQLITE_INTEGER:
	case SQLITE_FLOAT:
		return 1;
	case SQLITE_TEXT:
		return 2;
	case SQLITE_BLOB:
		return 3;
	default:
		return 0;
	}
}

int sl_value_compare(const struct sl_value *a, const struct sl_value *b)
{
	int rank = class_rank(a->cls), other = class_rank(b->cls);
	size_t len = a->len < b->len ? a->len : b->len;
	int order;

	if (rank != other)
		return rank < other ? -1 : 1;
	if (rank == 0)
		return 0;
	if (rank == 1)
		return compare_numbers(a, b);
	order = len ? memcmp(a->ptr, b->ptr, len) : 0;
	if (order)
		return order < 0 ? -1 : 1;
	return a->len < b->len ? -1 : a->len > b->len;
}

const char *sl_class_name(int cls)
{
	switch (cls) {
	case SQLITE_INTEGER:
		return "INTEGER";
	case SQLITE_FLOAT:
		return "REAL";
	case SQLITE_TEXT:
		return "TEXT";
	case SQLITE_BLOB:
		return "BLOB";
	default:
		return "NULL";
	}
}

void sl_value_print(const struct sl_value *v, struct text *out)
{
	char number[40];
	size_t i;

	switch (v->cls) {
	case SQLITE_INTEGER:
		text_int(out, v->i64);
		break;
	case SQLITE_FLOAT:
		(void)snprintf(number, sizeof(number), "%.17g", v->f64);
		text_str(out, number);
		break;
	case SQLITE_TEXT:
		for (i = 0; i < v->len && i < 60; i++)
			text_char(out, (unsigned char)v->ptr[i] < 32 ? '?' : v->ptr[i]);
		break;
	case SQLITE_BLOB:
		text_str(out, "blob");
		break;
	default:
		text_str(out, "NULL");
	}
}

#define SHAPE_MAX 40

static char shape_of(char c)
{
	if (c >= '0' && c <= '9')
		return 'N';
	return c > 0 && strchr(" -_/.:,+", c) ? c : 'A';
}

void sl_value_show(const struct sl_value *v, struct text *out)
{
	struct iso form;
	size_t i;

	if (v->cls != SQLITE_TEXT || iso_parse(v->ptr, v->len, &form)) {
		sl_value_print(v, out);
		return;
	}
	for (i = 0; i < v->len && i < SHAPE_MAX; i++)
		text_char(out, shape_of(v->ptr[i]));
	text_str(out, i < v->len ? "..." : "");
}
