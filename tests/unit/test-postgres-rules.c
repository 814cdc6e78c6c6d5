/* SPDX-License-Identifier: MIT */
/* The postgres source: where it connects, types, classes of errors. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pg.h"

static void test_local(void **state)
{
	static const struct {
		const char *host;
		bool local;
	} cases[] = {
	    {NULL, true},
	    {"", true},
	    {"/run/postgresql", true},
	    {"localhost", true},
	    {"LocalHost", true},
	    {"127.0.0.1", true},
	    {"127.8.9.10", true},
	    {"::1", true},
	    {"localhost,/tmp", true},
	    {"127.evil.example", false},
	    {"128.0.0.1", false},
	    {"localhost.example", false},
	    {"::2", false},
	    {"localhost,db", false},
	    {"db,localhost", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (pg_host_is_local(cases[i].host) != cases[i].local)
			fail_msg("%s", cases[i].host ? cases[i].host : "NULL");
	}
}

/* The value of a keyword in a connection string as libpq reads it; caller frees. */
static char *value_of(const struct pg_conninfo *c, const char *keyword)
{
	PQconninfoOption *list = PQconninfoParse(text_get(&c->text), NULL), *o;
	char *value = NULL;

	assert_non_null(list);
	for (o = list; o->keyword; o++) {
		if (strcmp(o->keyword, keyword) == 0 && o->val)
			value = strdup(o->val);
	}
	PQconninfoFree(list);
	return value;
}

static void test_conninfo(void **state)
{
	/* dsn, host, sslmode, then a keyword and its value; weak: a warning. */
	static const struct {
		const char *dsn, *host, *sslmode, *keyword, *value;
		bool weak;
	} cases[] = {
	    {NULL, NULL, NULL, "sslmode", "prefer", false},
	    {NULL, "db.example", NULL, "sslmode", "verify-full", false},
	    {NULL, "db.example", NULL, "sslrootcert", "/bundle", false},
	    {NULL, "db.example", "require", "sslmode", "require", true},
	    {NULL, "db.example", "require", "sslrootcert", "", true},
	    {NULL, "db.example", "verify-ca", "sslrootcert", "/bundle", true},
	    {NULL, "127.0.0.1", "disable", "sslmode", "disable", false},
	    {"postgresql://u:p%40w@db/x?sslmode=prefer", NULL, NULL, "sslmode", "prefer", true},
	    {"postgresql://u:p%40w@db/x", NULL, NULL, "password", "p@w", false},
	    {"postgresql://u:p%40w@db/x", NULL, NULL, "sslmode", "verify-full", false},
	    {"postgresql://u@localhost/x?hostaddr=8.8.8.8", NULL, NULL, "sslmode", "verify-full",
	     false},
	    {"host=db password='it''s'", NULL, NULL, "host", NULL, false},
	    {"host=db password='it\\'s \\\\'", NULL, NULL, "password", "it's \\", false},
	    {"host=db", "other", NULL, "host", "other", false},
	    {"host=db", NULL, NULL, "passfile", "/dev/null/none", false},
	    {"host=db", NULL, NULL, "user", "me", false},
	    {"host=db", NULL, NULL, "application_name", "defsync", false},
	    {"host=db application_name=sync", NULL, NULL, "application_name", "sync", false},
	    {"host=db user=you", NULL, NULL, "user", "you", false},
	    {"host=db gssencmode=prefer", NULL, NULL, "gssencmode", "prefer", false},
	    {NULL, "db", NULL, "gssencmode", "disable", false},
	    {NULL, "db", NULL, "client_encoding", "UTF8", false},
	    /* Of the environment. */
	    {NULL, NULL, NULL, "port", "5432", false},
	    {NULL, NULL, NULL, "dbname", "", false},
	    {NULL, NULL, NULL, "password", "", false},
	    {NULL, NULL, NULL, "host", "", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pg_target t = {.dsn = cases[i].dsn,
					    .host = cases[i].host,
					    .sslmode = cases[i].sslmode,
					    .fallback_user = "me"};
		struct pg_conninfo c;
		struct text reason;

		text_init(&reason, 1000);
		if (pg_conninfo_make(&t, "/bundle", &c, &reason) != (cases[i].value != NULL))
			fail_msg("case %zu: %s", i, text_get(&reason));
		if (cases[i].value) {
			char *value = value_of(&c, cases[i].keyword);

			if (!value || strcmp(value, cases[i].value) != 0)
				fail_msg("case %zu: '%s'", i, value ? value : "NULL");
			assert_int_equal(c.weak_mode != NULL, cases[i].weak);
			free(value);
		}
		pg_conninfo_done(&c);
		text_done(&reason);
	}
}

/* What is wrong with a DSN is told without a piece of it. */
static void test_bad_dsn(void **state)
{
	static const char *const bad[] = {
	    "postgresql://u:hunter2@db:port with space/x?nope=hunter2",
	    "host=db password=hunter2 hunter2",
	    "nope=hunter2",
	    /* Not written as %XX, a piece of the password is port, host or database. */
	    "postgresql://bob:hunter2/x@db/shop",
	    "postgresql://bob:a@hunter2@db/shop",
	    "postgresql://bob:1/hunter2@db/shop",
	    "postgresql://u:hunter2%zz@db/x",
	    "service=hunter2",
	    "host=db passfile=/hunter2",
	    "host=db replication=database",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct pg_target t = {.dsn = bad[i]};
		struct pg_conninfo c;
		struct text reason;

		text_init(&reason, 1000);
		if (pg_conninfo_make(&t, NULL, &c, &reason))
			fail_msg("%s", bad[i]);
		assert_ptr_equal(strstr(text_get(&reason), "dsn: "), text_get(&reason));
		assert_null(strstr(text_get(&reason), "hunter2"));
		pg_conninfo_done(&c);
		text_done(&reason);
	}
}

static void test_classes(void **state)
{
	static const struct {
		const char *state;
		int32_t error_class;
	} cases[] = {
	    {NULL, DEFSYNC_E_TRANSIENT},    {"", DEFSYNC_E_TRANSIENT},
	    {"08006", DEFSYNC_E_TRANSIENT}, {"57P01", DEFSYNC_E_TRANSIENT},
	    {"57P03", DEFSYNC_E_TRANSIENT}, {"57014", DEFSYNC_E_TRANSIENT},
	    {"53300", DEFSYNC_E_TRANSIENT}, {"40001", DEFSYNC_E_TRANSIENT},
	    {"40P01", DEFSYNC_E_TRANSIENT}, {"55P03", DEFSYNC_E_TRANSIENT},
	    {"25P03", DEFSYNC_E_TRANSIENT}, {"28P01", DEFSYNC_E_AUTH},
	    {"28000", DEFSYNC_E_AUTH},	    {"42501", DEFSYNC_E_AUTH},
	    {"3D000", DEFSYNC_E_CONFIG},    {"42P01", DEFSYNC_E_CONFIG},
	    {"42703", DEFSYNC_E_CONFIG},    {"42601", DEFSYNC_E_CONFIG},
	    {"22012", DEFSYNC_E_CONFIG},    {"XX001", DEFSYNC_E_PERMANENT},
	    {"0A000", DEFSYNC_E_PERMANENT}, {"08P01", DEFSYNC_E_PERMANENT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pg_verdict v = pg_classify(cases[i].state);

		if (v.error_class != cases[i].error_class)
			fail_msg("%s: %d", cases[i].state, v.error_class);
		assert_true(!*v.todo || strncmp(v.todo, "; ", 2) == 0);
	}
	assert_int_equal(
	    pg_classify_connect("", "SSL error: certificate verify failed").error_class,
	    DEFSYNC_E_AUTH);
	assert_int_equal(pg_classify_connect("", "server does not support SSL, but").error_class,
			 DEFSYNC_E_AUTH);
	assert_int_equal(pg_classify_connect("", "Connection refused").error_class,
			 DEFSYNC_E_TRANSIENT);
	assert_int_equal(pg_classify_connect("28P01", "Connection refused").error_class,
			 DEFSYNC_E_AUTH);
}

static void test_messages(void **state)
{
	static const struct {
		const char *message, *state, *words;
	} cases[] = {
	    {"connection to server at \"x\" failed: FATAL:  28P01: password wrong\nLOCATION:  a, "
	     "b\n",
	     "28P01", "password wrong"},
	    {"connection failed: no answer\nconnection failed: FATAL:  57P03: starting up\n",
	     "57P03", "starting up"},
	    {"connection failed: FATAL:  passwort falsch\n", "",
	     "connection failed: FATAL:  passwort "
	     "falsch"},
	    {"", "", ""},
	    {"x:  abcde: y", "", "x:  abcde: y"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sqlstate[6];
		struct text words;

		text_init(&words, 1000);
		pg_message_split(cases[i].message, sqlstate, &words);
		assert_string_equal(sqlstate, cases[i].state);
		assert_string_equal(text_get(&words), cases[i].words);
		text_done(&words);
	}
}

static void test_types(void **state)
{
	static const struct {
		struct pg_catalog_type type;
		const char *name;
		uint32_t cell, result, digits;
	} cases[] = {
	    {{20, -1, 'b', false, "int8"}, "bigint", DEFSYNC_INT64, 20, 0},
	    {{1184, -1, 'b', false, "timestamptz"},
	     "timestamp with time zone",
	     DEFSYNC_TIMESTAMP,
	     1184,
	     6},
	    {{1114, 3, 'b', false, "timestamp"}, "timestamp", DEFSYNC_TIMESTAMP_LOCAL, 1114, 3},
	    {{1083, 0, 'b', false, "time"}, "time", DEFSYNC_TIME, 1083, 0},
	    {{1560, 1, 'b', false, "bit"}, "bit(1)", DEFSYNC_BOOL, 1560, 0},
	    {{1560, 64, 'b', false, "bit"}, "bit(2) to bit(64)", DEFSYNC_UINT64, 1560, 0},
	    {{1560, 65, 'b', false, "bit"}, "longer bit strings", DEFSYNC_TEXT, 25, 0},
	    {{1007, -1, 'b', true, "_int4"}, "arrays", DEFSYNC_JSON, 114, 0},
	    {{90000, -1, 'b', true, "_x"}, "arrays", DEFSYNC_JSON, 114, 0},
	    {{90000, -1, 'c', false, "x"}, "composite types", DEFSYNC_JSON, 114, 0},
	    {{90000, -1, 'e', false, "x"}, "enumerations", DEFSYNC_TEXT, 90000, 0},
	    {{90000, -1, 'b', false, "citext"}, "citext", DEFSYNC_TEXT, 90000, 0},
	    {{90000, -1, 'r', false, "x"}, "all others", DEFSYNC_TEXT, 25, 0},
	    {{0, -1, 'b', false, NULL}, "all others", DEFSYNC_TEXT, 25, 0},
	    {{1186, -1, 'b', false, "interval"}, "interval", DEFSYNC_TEXT, 25, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pg_type *t = pg_type_find(&cases[i].type);

		assert_string_equal(t->name, cases[i].name);
		assert_int_equal(pg_wire_type(t->wire), cases[i].cell);
		assert_int_equal(pg_type_result(&cases[i].type), cases[i].result);
		assert_int_equal(pg_type_digits(t, cases[i].type.modifier), cases[i].digits);
	}
	/* A watermark has a kind, or a reason why not. */
	for (i = 0; pg_type_at(i); i++)
		assert_int_equal(pg_type_at(i)->kind == READER_NONE,
				 pg_type_at(i)->refusal != NULL);
}

static void test_columns(void **state)
{
	const struct pg_catalog_type text = {25, -1, 'b', false, "text"},
				     time = {1184, -1, 'b', false, "timestamptz"},
				     number = {1700, -1, 'b', false, "numeric"},
				     blanks = {1042, 5, 'b', false, "bpchar"};
	struct pool pool = {0};
	struct reader_column c = {.quoted = "\"x\"", .nullable = true};

	(void)state;
	assert_true(pg_column_set(&pool, &text, 1, "text", false, 150000, &c));
	assert_string_equal(c.order_exact, "\"x\" COLLATE \"C\"");
	c = (struct reader_column){.quoted = "\"x\""};
	assert_true(pg_column_set(&pool, &text, 1, "text", true, 150000, &c));
	assert_null(c.order_exact);
	c = (struct reader_column){.quoted = "\"x\"", .nullable = true};
	assert_true(pg_column_set(&pool, &time, 1, "timestamptz", true, 150000, &c));
	assert_string_equal(c.missing,
			    "\"x\" IS NULL OR \"x\" = 'infinity' OR \"x\" = '-infinity'");
	assert_string_equal(c.present, "\"x\" > '-infinity' AND \"x\" < 'infinity'");
	c = (struct reader_column){.quoted = "\"x\""};
	assert_true(pg_column_set(&pool, &number, 1, "numeric", true, 130000, &c));
	assert_string_equal(c.missing, "\"x\" = 'NaN'");
	assert_string_equal(c.present, "\"x\" < 'NaN'");
	c = (struct reader_column){.quoted = "\"x\""};
	assert_true(pg_column_set(&pool, &blanks, 1, "character", true, 150000, &c));
	assert_string_equal(pg_column_of(&c)->cast, "pg_catalog.bpchar");
	assert_null(c.key_refusal);
	pool_done(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_local),    cmocka_unit_test(test_conninfo),
	    cmocka_unit_test(test_bad_dsn),  cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_messages), cmocka_unit_test(test_types),
	    cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
