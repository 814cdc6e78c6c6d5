/* SPDX-License-Identifier: MIT */
/* The postgres source: which clock fills a column, by its default and its triggers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "pg.h"

#define TZ DEFSYNC_TIMESTAMP
#define LOCAL DEFSYNC_TIMESTAMP_LOCAL
#define DATE DEFSYNC_DATE
#define YES PG_CLOCK_TRANSACTION
#define NO PG_CLOCK_OTHER
#define AT_TIMES PG_CLOCK_SOMETIMES

static void test_defaults(void **state)
{
	static const struct {
		const char *sql;
		uint32_t type;
		enum pg_clock clock;
		bool utc;
	} cases[] = {
	    {NULL, TZ, PG_CLOCK_NONE, false},
	    {"now()", TZ, YES, false},
	    {"now()", LOCAL, YES, false},
	    {"NOW ()", TZ, YES, false},
	    {"pg_catalog.now()", TZ, YES, false},
	    {"public.now()", TZ, NO, false},
	    {"CURRENT_TIMESTAMP", TZ, YES, false},
	    {"CURRENT_TIMESTAMP(3)", TZ, YES, false},
	    {"transaction_timestamp()", TZ, YES, false},
	    {"(now())::timestamp(0) with time zone", TZ, YES, false},
	    {"('now'::text)::timestamp(3) with time zone", TZ, YES, false},
	    {"LOCALTIMESTAMP", LOCAL, YES, false},
	    {"LOCALTIMESTAMP(0)", LOCAL, YES, false},
	    {"(now())::timestamp without time zone", LOCAL, YES, false},
	    {"timezone('utc'::text, now())", LOCAL, YES, true},
	    {"timezone('utc'::text, CURRENT_TIMESTAMP(3))", LOCAL, YES, true},
	    {"(now() AT TIME ZONE 'UTC'::text)", LOCAL, YES, true},
	    {"((now() AT TIME ZONE 'utc'))::timestamp(0)", LOCAL, YES, true},
	    {"CURRENT_DATE", DATE, YES, false},
	    {"('now'::text)::date", DATE, YES, false},
	    {"(now())::date", DATE, YES, false},
	    {"(timezone('utc'::text, now()))::date", DATE, YES, true},
	    /* What the session's zone makes of it may be hours off, or twice the same. */
	    {"timezone('utc'::text, now())", TZ, NO, false},
	    {"LOCALTIMESTAMP", TZ, NO, false},
	    {"(now())::timestamp without time zone", TZ, NO, false},
	    {"timezone('Asia/Tokyo'::text, now())", LOCAL, NO, false},
	    {"timezone('utc'::text, LOCALTIMESTAMP)", LOCAL, NO, false},
	    /* A midnight. */
	    {"CURRENT_DATE", TZ, NO, false},
	    {"CURRENT_DATE", LOCAL, NO, false},
	    {"(now())::date", TZ, NO, false},
	    /* Not the clock as it is. */
	    {"(now() - '1 day'::interval)", TZ, NO, false},
	    {"now() - '1 day'::interval", TZ, NO, false},
	    {"date_trunc('hour'::text, now())", TZ, NO, false},
	    {"GREATEST(now(), '2024-01-01')", TZ, NO, false},
	    {"COALESCE(NULL::timestamptz, now())", TZ, NO, false},
	    {"last_now(now())", TZ, NO, false},
	    {"'now()'::text", TZ, NO, false},
	    {"'now'::timestamp with time zone", TZ, NO, false},
	    {"'2024-01-01 00:00:00+00'::timestamp with time zone", TZ, NO, false},
	    {"clock_timestamp()", TZ, NO, false},
	    {"statement_timestamp()", TZ, NO, false},
	    {"now() + (clock_timestamp() - now())", TZ, NO, false},
	    {"snow()", TZ, NO, false},
	    {"now", TZ, NO, false},
	    {"now(", TZ, NO, false},
	    {"", TZ, NO, false},
	    {"now()", DEFSYNC_TEXT, NO, false},
	    {"(((((((((((((((((((((((((((now(", TZ, NO, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pg_filler f = pg_filled_by_default(cases[i].sql, cases[i].type);

		if (f.clock != cases[i].clock || f.utc != cases[i].utc)
			fail_msg("case %zu: %s: %d", i, cases[i].sql ? cases[i].sql : "", f.clock);
	}
}

static void test_triggers(void **state)
{
	static const struct {
		const char *body;
		enum pg_clock clock;
		bool utc;
	} cases[] = {
	    {NULL, PG_CLOCK_NONE, false},
	    {"BEGIN NEW.at := now(); RETURN NEW; END", YES, false},
	    {"begin new.at = CURRENT_TIMESTAMP; return new; end", YES, false},
	    {"BEGIN NEW . \"at\" := now(); RETURN NEW; END", YES, false},
	    {"BEGIN NEW.at := timezone('utc', now()); RETURN NEW; END", YES, true},
	    {"BEGIN NEW.at := now() at time zone 'utc'; RETURN NEW; END", YES, true},
	    {"BEGIN NEW.at = now(); NEW.at = now() at time zone 'utc'; RETURN NEW; END", YES,
	     false},
	    {"BEGIN IF NEW.* IS DISTINCT FROM OLD.* THEN NEW.at = now(); END IF; RETURN NEW; END",
	     AT_TIMES, false},
	    {"BEGIN IF NEW.at = OLD.at THEN NEW.at = now(); ELSE RETURN NULL; END IF;", AT_TIMES,
	     false},
	    {"<<l>> NEW.at := now(); -- clock_timestamp()\n RETURN NEW;", YES, false},
	    {"NEW.at := /* a /* b */ */ now();\n;\nNEW.at := now();\n;\n", YES, false},
	    /* Not always. */
	    {"BEGIN IF NEW.at IS NULL THEN NEW.at := now(); END IF; RETURN NEW; END", AT_TIMES,
	     false},
	    {"BEGIN IF a THEN b; ELSE NEW.at := now() at time zone 'utc'; END IF; RETURN NEW; END",
	     AT_TIMES, true},
	    {"BEGIN CASE a WHEN 1 THEN NEW.at := now(); END CASE; RETURN NEW; END", AT_TIMES,
	     false},
	    {"BEGIN FOR i IN 1..n LOOP NEW.at := now(); END LOOP; RETURN NEW; END", AT_TIMES,
	     false},
	    {"BEGIN WHILE CASE WHEN a THEN b END LOOP NEW.at := now(); END LOOP; RETURN NEW; END",
	     AT_TIMES, false},
	    {"BEGIN IF a THEN RETURN NEW; END IF; NEW.at := now(); RETURN NEW; END", AT_TIMES,
	     false},
	    {"BEGIN <<l>> BEGIN EXIT l WHEN a; NEW.at := now(); END; RETURN NEW; END", AT_TIMES,
	     false},
	    {"BEGIN f(); NEW.at := now(); RETURN NEW; EXCEPTION WHEN others THEN RETURN NEW; END",
	     AT_TIMES, false},
	    {"IF true THEN BEGIN NEW.at := now(); RETURN NEW; END\n\001\n", AT_TIMES, false},
	    /* Always. */
	    {"BEGIN IF a THEN b; ELSIF c THEN d; END IF; NEW.at := now(); RETURN NEW; END", YES,
	     false},
	    {"BEGIN x := CASE WHEN a THEN b ELSE c END; NEW.at := now(); RETURN NEW; END", YES,
	     false},
	    {"BEGIN CASE a WHEN 1 THEN b; END CASE; LOOP EXIT; END LOOP; BEGIN c; END; RETURN NEW; "
	     "END\n\001\nBEGIN NEW.at := now(); RETURN NEW; END\n\001\n",
	     YES, false},
	    {"BEGIN IF a THEN RAISE EXCEPTION 'no'; ELSE RETURN NULL; END IF; NEW.at := now(); "
	     "RETURN NEW; END",
	     YES, false},
	    {"BEGIN IF OLD <> NEW THEN x := t.end; END IF; NEW.at := now(); RETURN NEW; END", YES,
	     false},
	    {"BEGIN EXECUTE q INTO r USING NEW.at; NEW.at := now(); RETURN NEW; END", YES, false},
	    {"BEGIN NEW.at := now(); RETURN NEW; END\n\001\nBEGIN INSERT INTO log VALUES "
	     "(clock_timestamp()); RETURN NEW; END\n\001\n",
	     YES, false},
	    /* Another column, or none. */
	    {"BEGIN NEW.at_home := now(); RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN NEW.chat := now(); RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN NEW.\"At\" := now(); RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN -- NEW.at := now();\n RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN PERFORM log('; NEW.at := now();'); RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN PERFORM log(E'\\'; NEW.at := now();'); RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN PERFORM log($a$; NEW.at := now();$a$); RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN INSERT INTO log VALUES (NEW.at, now()); RETURN NEW; END", PG_CLOCK_NONE, false},
	    {"BEGIN INSERT INTO log SELECT NEW.at, clock_timestamp(); RETURN NEW; END",
	     PG_CLOCK_NONE, false},
	    {"BEGIN renew.at := now(); RETURN NEW; END", PG_CLOCK_NONE, false},
	    /* Another value, at least sometimes. */
	    {"BEGIN NEW.at := OLD.at; RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now(); NEW.at := OLD.at; RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now() - interval '1 day'; RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := clock_timestamp(); RETURN NEW; END", NO, false},
	    {"DECLARE t timestamptz := clock_timestamp(); BEGIN NEW.at := now(); RETURN NEW; END",
	     NO, false},
	    {"BEGIN SELECT now() INTO NEW.at; RETURN NEW; END", NO, false},
	    {"BEGIN SELECT * INTO STRICT NEW FROM x; RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now(); NEW := change(NEW); RETURN NEW; END", NO, false},
	    {"NEW := NULL\n;\nBEGIN NEW.at := now(); RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now(); RETURN row; END", NO, false},
	    {"BEGIN NEW.at := now(); RETURN NEW #= x; END", NO, false},
	    {"BEGIN SELECT x, y INTO a, NEW.at FROM q; NEW.at := now(); RETURN NEW; END", NO,
	     false},
	    {"BEGIN UPDATE q SET x = 1 RETURNING x, y INTO STRICT a, NEW.at; NEW.at := now(); "
	     "RETURN NEW; END",
	     NO, false},
	    {"BEGIN EXECUTE q INTO a, NEW; NEW.at := now(); RETURN NEW; END", NO, false},
	    {"BEGIN FETCH c INTO a, \"new\".\"at\"; NEW.at := now(); RETURN NEW; END", NO, false},
	    {"BEGIN NEW := jsonb_populate_record(NEW, x); RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now(); FOR a, NEW.at IN SELECT 1, 2 LOOP END LOOP; RETURN NEW; END",
	     NO, false},
	    {"BEGIN NEW.at := now(); FOREACH NEW.at IN ARRAY x LOOP END LOOP; RETURN NEW; END", NO,
	     false},
	    {"BEGIN NEW.at := now(); CALL change(1, (NEW.at)); RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now(); GET DIAGNOSTICS NEW.at = ROW_COUNT; RETURN NEW; END", NO,
	     false},
	    {"DECLARE n ALIAS FOR NEW; BEGIN NEW.at := now(); n.at := x; RETURN NEW; END", NO,
	     false},
	    {"DECLARE new t; BEGIN NEW.at := now(); RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now(); touch.NEW.at := x; RETURN NEW; END", NO, false},
	    {"BEGIN NEW.at := now(); NEW.u&\"\\0061t\" := x; RETURN NEW; END", NO, false},
	    {"BEGIN IF a THEN SELECT 1 AS end; NEW.at := now(); END IF; RETURN NEW; END", NO,
	     false},
	    {"BEGIN NEW.at := now", NO, false},
	    {"BEGIN NEW.", PG_CLOCK_NONE, false},
	    {"BEGIN NEW.at := 'now(); RETURN NEW; END", NO, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pg_filler f = pg_filled_by_triggers(cases[i].body, "at", LOCAL);

		if (f.clock != cases[i].clock || f.utc != cases[i].utc)
			fail_msg("case %zu: %s: %d", i, cases[i].body ? cases[i].body : "",
				 f.clock);
	}
	assert_int_equal(pg_filled_by_triggers("NEW.\"A\"\"t\" := now();", "A\"t", TZ).clock, YES);
	assert_int_equal(pg_filled_by_triggers("NEW.a := now();", "A", TZ).clock, PG_CLOCK_NONE);
}

static void test_filling(void **state)
{
	static const char utc[] = "NEW.at := now() AT TIME ZONE 'utc';",
			  plain[] = "NEW.at = now();", other[] = "NEW.at := OLD.at;",
			  unless[] = "IF NEW.at IS NULL THEN NEW.at := now(); END IF;";
	static const struct {
		const char *given, *on_insert, *on_update, *name;
		bool transaction, utc;
	} cases[] = {
	    {NULL, NULL, NULL, "unknown", false, false},
	    {"now()", NULL, NULL, "default", true, false},
	    {"nextval('s'::regclass)", NULL, NULL, "default", false, false},
	    {"clock_timestamp()", NULL, NULL, "default", false, false},
	    {"'2024-01-01'::date", NULL, NULL, "unknown", false, false},
	    {"timezone('utc'::text, now())", NULL, NULL, "default", true, true},
	    {"timezone('utc'::text, now())", NULL, utc, "trigger", true, true},
	    {"timezone('utc'::text, now())", NULL, plain, "trigger", true, false},
	    {"now()", NULL, other, "trigger", false, false},
	    {"now()", other, NULL, "trigger", false, false},
	    /* The application has to give the first one, by its own clock. */
	    {NULL, NULL, plain, "trigger", false, false},
	    {NULL, unless, plain, "trigger", false, false},
	    {NULL, unless, unless, "trigger", false, false},
	    {"now()", unless, unless, "trigger", true, false},
	    {"clock_timestamp()", unless, plain, "trigger", false, false},
	    {"timezone('utc'::text, now())", unless, utc, "trigger", true, false},
	    {"clock_timestamp()", NULL, plain, "trigger", false, false},
	    {"clock_timestamp()", plain, plain, "trigger", true, false},
	    {"now()", utc, utc, "trigger", true, true},
	    {NULL, plain, NULL, "trigger", true, false},
	    {NULL, plain, other, "trigger", false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pg_filling f = pg_filling_of(cases[i].given, cases[i].on_insert,
							  cases[i].on_update, "at", LOCAL);

		if (strcmp(f.name, cases[i].name) != 0 || f.transaction != cases[i].transaction ||
		    f.utc != cases[i].utc)
			fail_msg("case %zu: %s %d %d", i, f.name, f.transaction, f.utc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_triggers),
	    cmocka_unit_test(test_filling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
