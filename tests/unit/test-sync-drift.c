/* SPDX-License-Identifier: MIT */
/* Columns then and now; names; columns left out of rows. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "row-fixture.h"
#include "sync/drift.h"
#include "sync/names.h"
#include "sync/project.h"

#include <cmocka.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define KNOWN "[[\"id\",\"integer\",\"bigint\"],[\"x\",\"string\",\"text\"]"

/* ---- What is sent ---- */

static void json_types(void **state)
{
	static const struct {
		uint32_t type;
		const char *want, *as_number;
	} cases[] = {
	    {DEFSYNC_NULL, "any", "any"},
	    {DEFSYNC_BOOL, "boolean", "boolean"},
	    {DEFSYNC_INT64, "integer", "integer"},
	    {DEFSYNC_UINT64, "string", "string"},
	    {DEFSYNC_DOUBLE, "float", "float"},
	    {DEFSYNC_DECIMAL, "string", "float"},
	    {DEFSYNC_TEXT, "string", "string"},
	    {DEFSYNC_BYTES, "string", "string"},
	    {DEFSYNC_DATE, "string", "string"},
	    {DEFSYNC_TIME, "string", "string"},
	    {DEFSYNC_TIMESTAMP, "string", "string"},
	    {DEFSYNC_TIMESTAMP_LOCAL, "string", "string"},
	    {DEFSYNC_JSON, "json", "json"},
	    {DEFSYNC_UUID, "string", "string"},
	    {DEFSYNC_ANY, "any", "any"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_string_equal(drift_json_type(cases[i].type, 0), cases[i].want);
		assert_string_equal(drift_json_type(cases[i].type, 1), cases[i].as_number);
	}
}

/* ---- Differences ---- */

static const struct {
	const char *known, *now, *want;
	size_t conflicts;
} drifts[] = {
    {KNOWN "]", KNOWN "]", "", 0},
    {"[]", "[]", "", 0},
    {KNOWN "]", "[[\"x\",\"string\",\"text\"],[\"id\",\"integer\",\"bigint\"]]", "", 0}, /* order */
    {KNOWN "]", "[[\"ID\",\"integer\",\"bigint\"],[\"X\",\"string\",\"text\"]]", "", 0}, /* case */
    {KNOWN "]", KNOWN ",[\"y\",\"float\",\"double\"]]", "the column 'y' is new: double;", 0},
    {KNOWN "]", KNOWN ",[\"y\",\"float\",\"\"]]", "the column 'y' is new: float;", 0},
    {KNOWN ",[\"y\",\"float\",\"double\"]]", KNOWN "]", "the column 'y' is no more, it was double;",
     0},
    {KNOWN ",[\"y\",\"string\",\"numeric(12,2)\"]]", KNOWN ",[\"y\",\"string\",\"numeric(14,2)\"]]",
     "the column 'y' was numeric(12,2) and is numeric(14,2) now;", 0},
    {KNOWN ",[\"y\",\"string\",\"numeric(12,2)\"]]", KNOWN ",[\"y\",\"float\",\"double\"]]",
     "the column 'y' was numeric(12,2), sent as string, and is double now, sent as float;", 1},
    /* Only what it is sent as. */
    {KNOWN ",[\"y\",\"string\",\"n\"]]", KNOWN ",[\"y\",\"float\",\"n\"]]",
     "the column 'y' was n, sent as string, and is n now, sent as float;", 1},
    /* DuckLake does not make floats of integers. */
    {KNOWN ",[\"y\",\"integer\",\"int\"]]", KNOWN ",[\"y\",\"float\",\"double\"]]",
     "the column 'y' was int, sent as integer, and is double now, sent as float;", 1},
    {KNOWN ",[\"y\",\"any\",\"INT\"]]", KNOWN ",[\"y\",\"any\",\"TEXT\"]]",
     "the column 'y' was INT and is TEXT now;", 0},
    {KNOWN ",[\"y\",\"any\",\"\"]]", KNOWN ",[\"y\",\"json\",\"\"]]",
     "the column 'y' was any, sent as any, and is json now, sent as json;", 0},
    {KNOWN ",[\"y\",\"boolean\",\"\"]]", KNOWN ",[\"y\",\"any\",\"\"]]",
     "the column 'y' was boolean, sent as boolean, and is any now, sent as any;", 0},
    /* What the target still has. */
    {KNOWN ",[\"y\",\"string\",\"text\",\"gone\"]]", KNOWN "]", "", 0},
    {KNOWN ",[\"y\",\"string\",\"text\",\"gone\"]]", KNOWN ",[\"y\",\"string\",\"uuid\"]]",
     "the column 'y' is there again: uuid;", 0},
    {KNOWN ",[\"y\",\"string\",\"text\",\"gone\"]]", KNOWN ",[\"y\",\"integer\",\"int\"]]",
     "the column 'y' was text, sent as string, and is int now, sent as integer;", 1},
    {KNOWN "]", "[[\"a\",\"json\",\"jsonb\"],[\"id\",\"string\",\"text\"]]",
     "the column 'a' is new: jsonb;the column 'id' was bigint, sent as integer, and is text now, "
     "sent as string;the column 'x' is no more, it was text;",
     1},
};

static void differences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(drifts); i++) {
		struct shape known, now;
		struct drift d;
		struct buf text;

		buf_init(&text, 65536);
		assert_int_equal(shape_parse(&known, drifts[i].known, NULL), 0);
		assert_int_equal(shape_parse(&now, drifts[i].now, NULL), 0);
		assert_int_equal(drift_compare(&known, &now, &d), 0);
		for (size_t k = 0; k < d.n; k++) {
			assert_int_equal(drift_add_text(&d.changes[k], &text), 0);
			assert_int_equal(buf_add_char(&text, ';'), 0);
		}
		assert_string_equal(buf_str(&text), drifts[i].want);
		assert_int_equal(d.n_conflicts, drifts[i].conflicts);
		drift_done(&d);
		shape_done(&known);
		shape_done(&now);
		buf_done(&text);
	}
}

/* ---- Shapes ---- */

static const struct defsync_column columns[] = {
    {"id", "bigint", DEFSYNC_INT64, DEFSYNC_COLUMN_KEY, 0, 0},
    {"a \"b\"", "", DEFSYNC_DECIMAL, 0, 0, 0},
    {"z", "uuid", DEFSYNC_UUID, 0, 0, 0},
};

static void assert_text(const struct shape *s, const char *want)
{
	struct buf text;

	buf_init(&text, 65536);
	assert_int_equal(shape_add_text(s, &text), 0);
	assert_string_equal(text.data, want);
	buf_done(&text);
}

static void shapes(void **state)
{
	static const char want[] =
	    "[[\"id\",\"integer\",\"bigint\"],[\"a \\\"b\\\"\",\"float\",\"\"],"
	    "[\"z\",\"string\",\"uuid\"],[\"x\",\"string\",\"text\",\"gone\"],"
	    "[\"w\",\"any\",\"\",\"gone\"]]";
	const struct defsync_relation relation = relation_of(columns, COUNT_OF(columns));
	struct shape s, known, again;

	(void)state;
	assert_int_equal(shape_parse(&known, KNOWN ",[\"w\",\"any\",\"\",\"gone\"]]", NULL), 0);
	assert_int_equal(shape_of(&s, &relation, 1, NULL), 0);
	assert_int_equal(shape_keep_gone(&s, &known, NULL), 0);
	assert_text(&s, want);
	assert_int_equal(shape_parse(&again, want, NULL), 0);
	assert_text(&again, want);
	assert_int_equal(again.n, 5);
	assert_true(again.columns[4].gone);
	assert_false(again.columns[2].gone);
	shape_done(&s);
	shape_done(&known);
	shape_done(&again);
}

static void damaged(void **state)
{
	static const char *const cases[] = {
	    "",
	    "{}",
	    "[",
	    "[1]",
	    "[[]]",
	    "[[\"a\"]]",
	    "[[\"a\",\"number\",\"\"]]",
	    "[[\"a\",\"string\",1]]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = ERROR_INIT;
		struct shape s;

		assert_int_equal(shape_parse(&s, cases[i], &err), -1);
		assert_int_equal(err.class, ERR_STORE);
		assert_non_null(strstr(error_text(&err), "--accept-schema"));
		error_done(&err);
	}
}

/* ---- Names ---- */

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct {
	const char *names[4];
	const char *want; /* each finding's problem and name */
	int fatal;
} names[] = {
    {{"id", "total", "Tota"}, "", 0},
    {{"id", SIXTY "abc", SIXTY "abd"}, "", 0},
    {{"id", SIXTY "abcd", SIXTY "abd"}, "0:" SIXTY "abcd;", 0},
    {{"id", ""}, "1:;", 1},
    {{" \t", "a"}, "1: \t;", 1},
    {{"id", "Total", "x", "total"}, "2:total/Total;", 1},
    {{"A", "a", "B", "b"}, "2:a/A;2:b/B;", 1},
    {{SIXTY "abcd", SIXTY "ABCe"}, "0:" SIXTY "abcd;3:" SIXTY "ABCe/" SIXTY "abcd;", 1},
    {{"\xc3\xa4", "\xc3\x84"}, "", 0}, /* other letters are told apart */
};

static void add_finding(struct buf *out, const struct name_finding *f)
{
	assert_int_equal(buf_printf(out, "%d:%s", (int)f->problem, f->name), 0);
	if (f->problem == NAME_EQUAL || f->problem == NAME_CUT)
		assert_int_equal(buf_printf(out, "/%s", f->other), 0);
	assert_int_equal(buf_add_char(out, ';'), 0);
}

/* Which of two equal ones stands first does not matter. */
static int same_findings(const char *got, const char *want)
{
	const char *slash = strchr(want, '/');

	return strcmp(got, want) == 0 || (slash != NULL && strlen(got) == strlen(want));
}

static void check_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct defsync_column c[4] = {{0}};
		struct defsync_relation r = relation_of(c, 0);
		struct error err = ERROR_INIT;
		struct name_finding *found;
		struct buf text;
		size_t n;

		while (r.n_columns < 4 && names[i].names[r.n_columns] != NULL) {
			c[r.n_columns].name = names[i].names[r.n_columns];
			r.n_columns++;
		}
		buf_init(&text, 65536);
		assert_int_equal(names_check(&r, &found, &n), 0);
		for (size_t k = 0; k < n; k++)
			add_finding(&text, &found[k]);
		if (!same_findings(buf_str(&text), names[i].want))
			assert_string_equal(text.data, names[i].want);
		assert_int_equal(names_refuse(&r, "shop.t", &err), names[i].fatal ? -1 : 0);
		if (names[i].fatal) {
			assert_int_equal(err.class, ERR_SOURCE);
			assert_non_null(strstr(error_text(&err), "duplicates: number"));
		}
		error_done(&err);
		buf_done(&text);
		free(found);
	}
}

/* ---- Columns left out ---- */

static void projections(void **state)
{
	static const unsigned char keep[] = {1, 0, 1};
	const struct defsync_relation relation = relation_of(columns, COUNT_OF(columns));
	const struct defsync_cell cells[] = {cell_i64(DEFSYNC_INT64, 7),
					     cell_str(DEFSYNC_DECIMAL, "1"),
					     cell_str(DEFSYNC_UUID, "0123456789abcdef")};
	struct defsync_row in = row_of(&relation, cells);
	struct project *p = project_create(&relation, keep);
	const struct defsync_row *out;

	(void)state;
	in.flags = DEFSYNC_ROW_REREAD;
	out = project_row(p, &in);
	assert_ptr_equal(out->relation, project_relation(p));
	assert_int_equal(out->n_cells, 2);
	assert_int_equal(out->relation->n_columns, 2);
	assert_int_equal(out->flags, DEFSYNC_ROW_REREAD);
	assert_string_equal(defsync_column_at(out->relation, 1)->name, "z");
	assert_int_equal(defsync_cell_at(out, 0)->v.i64, 7);
	assert_ptr_equal(defsync_cell_at(out, 1)->v.data.ptr, cells[2].v.data.ptr);
	project_destroy(p);
	project_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_types),  cmocka_unit_test(differences),
	    cmocka_unit_test(shapes),	   cmocka_unit_test(damaged),
	    cmocka_unit_test(check_names), cmocka_unit_test(projections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
