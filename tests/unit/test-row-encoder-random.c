/* SPDX-License-Identifier: MIT */
/* Random rows, encoded, read back by jansson and compared with what went in. */

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "row-fixture.h"

#include <cmocka.h>

#define MAX_COLUMNS 20
#define ROWS 8000

static uint64_t seed = 20240131;

static uint64_t draw(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 20) % below;
}

static uint64_t draw_bits(void)
{
	uint64_t v = draw(UINT64_C(1) << 32) << 32 | draw(UINT64_C(1) << 32);

	return v >> draw(64);
}

/* Lengths: mostly short, now and then beyond what is encoded at once. */
static size_t draw_length(void)
{
	uint64_t kind = draw(1000);

	return (size_t)(kind < 900 ? draw(60) : kind < 998 ? draw(2000) : draw(150000));
}

static char *need(void *p)
{
	assert_non_null(p);
	return p;
}

static struct defsync_cell draw_text(void)
{
	static const char *const odd[] = {
	    "\"",	   "\\",       "\n",	       "\x01",
	    "\x7f",	   "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
	    "\xef\xbf\xbf"};
	size_t n = draw_length(), at = 0, len;
	char *text = need(malloc(n + 4));
	uint64_t rate = draw(3) == 0 ? 2 : 30;

	while (at < n) {
		const char *piece;

		if (draw(rate) != 0) {
			text[at++] = (char)('a' + draw(26));
			continue;
		}
		piece = odd[draw(sizeof(odd) / sizeof(odd[0]))];
		len = strlen(piece);
		memcpy(text + at, piece, len);
		at += len;
	}
	return cell_data(DEFSYNC_TEXT, text, at);
}

static struct defsync_cell draw_bytes(uint32_t type, size_t n)
{
	char *bytes = need(malloc(n + 1));
	size_t i;

	for (i = 0; i < n; i++)
		bytes[i] = (char)draw(256);
	return cell_data(type, bytes, n);
}

static struct defsync_cell draw_decimal(void)
{
	char *text = need(malloc(64));

	(void)snprintf(text, 64, "%s%" PRIu64 ".%03u", draw(2) ? "-" : "", draw_bits(),
		       (unsigned)draw(1000));
	return cell_data(DEFSYNC_DECIMAL, text, strlen(text));
}

static json_t *draw_json_value(int depth)
{
	json_t *value;
	uint64_t n = draw(4);

	switch (draw(depth > 0 ? 6 : 4)) {
	case 0:
		return json_null();
	case 1:
		return json_integer((json_int_t)draw_bits());
	case 2:
		return json_string("a \"b\" \xe2\x82\xac\n");
	case 3:
		return json_boolean(draw(2));
	case 4:
		value = json_array();
		while (n-- > 0)
			(void)json_array_append_new(value, draw_json_value(depth - 1));
		return value;
	default:
		value = json_object();
		for (; n > 0; n--)
			(void)json_object_set_new(value,
						  n == 1   ? "\xc3\xa9"
						  : n == 2 ? "b"
							   : "",
						  draw_json_value(depth - 1));
		return value;
	}
}

static struct defsync_cell draw_json(void)
{
	static const size_t flags[] = {JSON_COMPACT, JSON_INDENT(2), JSON_ENSURE_ASCII};
	json_t *value = draw_json_value(5);
	char *text = need(json_dumps(value, flags[draw(3)] | JSON_ENCODE_ANY));

	json_decref(value);
	return cell_data(DEFSYNC_JSON, text, strlen(text));
}

static struct defsync_cell draw_double(void)
{
	uint64_t bits = draw_bits();
	double v;

	if (draw(2))
		return cell_f64((double)(int64_t)draw(1000000) / 100.0 - 5000);
	memcpy(&v, &bits, sizeof(v));
	return cell_f64(v);
}

static struct defsync_cell draw_cell(void)
{
	switch (draw(14)) {
	case DEFSYNC_NULL:
		return cell_i64(DEFSYNC_NULL, 0);
	case DEFSYNC_BOOL:
		return cell_i64(DEFSYNC_BOOL, (int64_t)draw(2));
	case DEFSYNC_INT64:
		return cell_i64(DEFSYNC_INT64, (int64_t)(draw(2) ? draw_bits() : 0 - draw_bits()));
	case DEFSYNC_UINT64:
		return cell_u64(draw_bits());
	case DEFSYNC_DOUBLE:
		return draw_double();
	case DEFSYNC_DECIMAL:
		return draw_decimal();
	case DEFSYNC_BYTES:
		return draw_bytes(DEFSYNC_BYTES, draw_length());
	case DEFSYNC_DATE:
		return cell_i64(DEFSYNC_DATE, (int64_t)draw(4000000) - 1000000);
	case DEFSYNC_TIME:
		return cell_i64(DEFSYNC_TIME, (int64_t)(draw(2) ? draw_bits() : 0 - draw_bits()));
	case DEFSYNC_TIMESTAMP:
		return cell_i64(DEFSYNC_TIMESTAMP,
				(int64_t)(draw(2) ? draw_bits() : 0 - draw_bits()));
	case DEFSYNC_JSON:
		return draw_json();
	case DEFSYNC_UUID:
		return draw_bytes(DEFSYNC_UUID, 16);
	default:
		return draw_text();
	}
}

static int has_data(const struct defsync_cell *cell)
{
	return cell->type == DEFSYNC_TEXT || cell->type == DEFSYNC_DECIMAL ||
	       cell->type == DEFSYNC_BYTES || cell->type == DEFSYNC_JSON ||
	       cell->type == DEFSYNC_UUID;
}

static void want_string(const json_t *value, const char *p, size_t n)
{
	assert_true(json_is_string(value));
	assert_int_equal(json_string_length(value), n);
	if (n > 0)
		assert_memory_equal(json_string_value(value), p, n);
}

static void want_bytes(const json_t *value, const struct defsync_cell *cell)
{
	size_t n = cell->v.data.len;
	char *text = need(malloc(n / 3 * 4 + 5));

	want_string(value, text,
		    (size_t)EVP_EncodeBlock((unsigned char *)text, cell->v.data.ptr, (int)n));
	free(text);
}

static void want_json(const json_t *value, const struct defsync_cell *cell)
{
	json_t *expected = json_loadb(cell->v.data.ptr, cell->v.data.len, JSON_DECODE_ANY, NULL);

	assert_non_null(expected);
	assert_true(json_equal(value, expected));
	json_decref(expected);
}

static void want_uuid(const json_t *value, const struct defsync_cell *cell)
{
	const unsigned char *b = cell->v.data.ptr;
	char text[40];

	(void)snprintf(text, sizeof(text),
		       "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
		       b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		       b[13], b[14], b[15]);
	want_string(value, text, 36);
}

/* Reads [-+]Y-M-DTh:m:s.f with the C library and counts back. */
static void want_timestamp(const json_t *value, const struct defsync_cell *cell)
{
	const char *text = json_string_value(value);
	int64_t year, us, days, era;
	unsigned month, day, hour, minute, second, fraction;

	assert_non_null(text);
	assert_int_equal(sscanf(text, "%" SCNd64 "-%u-%uT%u:%u:%u.%6uZ", &year, &month, &day, &hour,
				&minute, &second, &fraction),
			 7);
	assert_int_equal(text[strlen(text) - 1], 'Z');
	/* days by counting leap years from the March of year 0 */
	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	days = era * 146097 - 719468;
	year -= era * 400;
	month = month > 2 ? month - 3 : month + 9;
	days += year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1;
	us = days * 86400 + hour * 3600 + minute * 60 + second;
	/* the ends of int64_t: no sum may overflow */
	assert_true((uint64_t)us * 1000000 + fraction == (uint64_t)cell->v.i64);
}

static void want_time(const json_t *value, const struct defsync_cell *cell)
{
	const char *text = json_string_value(value);
	uint64_t hours, us;
	unsigned minute, second, fraction;

	assert_non_null(text);
	assert_int_equal(sscanf(text + (*text == '-'), "%" SCNu64 ":%2u:%2u.%6u", &hours, &minute,
				&second, &fraction),
			 4);
	us = ((hours * 60 + minute) * 60 + second) * 1000000 + fraction;
	assert_true((*text == '-' ? 0 - us : us) == (uint64_t)cell->v.i64);
}

static void want_number(const json_t *value, const struct defsync_cell *cell)
{
	char text[32];

	switch (cell->type) {
	case DEFSYNC_UINT64:
		(void)snprintf(text, sizeof(text), "%" PRIu64, cell->v.u64);
		want_string(value, text, strlen(text));
		break;
	case DEFSYNC_DOUBLE:
		if (!isfinite(cell->v.f64)) {
			assert_true(json_is_null(value));
			break;
		}
		assert_true(json_is_real(value));
		assert_true(json_real_value(value) == cell->v.f64);
		break;
	case DEFSYNC_BOOL:
		assert_true(cell->v.i64 ? json_is_true(value) : json_is_false(value));
		break;
	default:
		assert_true(json_is_integer(value));
		assert_true(json_integer_value(value) == cell->v.i64);
	}
}

static void want_value(const json_t *value, const struct defsync_cell *cell)
{
	assert_non_null(value);
	switch (cell->type) {
	case DEFSYNC_NULL:
		assert_true(json_is_null(value));
		break;
	case DEFSYNC_TEXT:
	case DEFSYNC_DECIMAL:
		want_string(value, cell->v.data.ptr, cell->v.data.len);
		break;
	case DEFSYNC_BYTES:
		want_bytes(value, cell);
		break;
	case DEFSYNC_JSON:
		want_json(value, cell);
		break;
	case DEFSYNC_UUID:
		want_uuid(value, cell);
		break;
	case DEFSYNC_TIMESTAMP:
		want_timestamp(value, cell);
		break;
	case DEFSYNC_TIME:
		want_time(value, cell);
		break;
	case DEFSYNC_DATE: /* every day is in test-row-time */
		assert_true(json_is_string(value));
		break;
	default:
		want_number(value, cell);
	}
}

static void want_row(const char *text, size_t n, const struct defsync_row *row)
{
	json_error_t error;
	json_t *object = json_loadb(text, n, JSON_ALLOW_NUL, &error);
	uint32_t i;

	if (!object)
		fail_msg("%s: %.*s", error.text, (int)(n < 2000 ? n : 2000), text);
	assert_int_equal(json_object_size(object), row->n_cells);
	for (i = 0; i < row->n_cells; i++)
		want_value(json_object_get(object, defsync_column_at(row->relation, i)->name),
			   defsync_cell_at(row, i));
	json_decref(object);
}

static void test_rows(void **state)
{
	static const struct encoder_policy policy = {
	    .max_row = 10000000, .max_field = 1000000, .max_depth = 10};
	struct defsync_column columns[MAX_COLUMNS];
	char names[MAX_COLUMNS][24];
	struct defsync_relation relations[MAX_COLUMNS]; /* of 1, 2 ... columns */
	struct defsync_cell cells[MAX_COLUMNS];
	struct encoder *e = encoder_create(&policy);
	struct buf out;
	uint32_t i;
	int round;

	(void)state;
	assert_non_null(e);
	buf_init(&out, 20000000);
	for (i = 0; i < MAX_COLUMNS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), i % 3 ? "c\xc3\xa9 \"%u\"" : "%u", i);
		relations[i] = relation_of(columns, i + 1);
		columns[i] =
		    (struct defsync_column){.name = names[i], .type = DEFSYNC_ANY, .digits = 6};
	}
	for (round = 0; round < ROWS; round++) {
		const struct defsync_relation *relation = &relations[draw(MAX_COLUMNS)];
		const struct defsync_row row = row_of(relation, cells);
		struct row_fault fault;
		size_t start = out.len;

		for (i = 0; i < relation->n_columns; i++)
			cells[i] = draw_cell();
		assert_int_equal(encoder_relation(e, relation, NULL), 0);
		assert_int_equal(encoder_row(e, &row, &out, &fault), 0);
		want_row(out.data + start, out.len - start, &row);
		for (i = 0; i < relation->n_columns; i++) {
			if (has_data(&cells[i]))
				free((void *)(uintptr_t)cells[i].v.data.ptr);
		}
		if (draw(20) == 0)
			buf_reset(&out);
	}
	buf_done(&out);
	encoder_destroy(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
