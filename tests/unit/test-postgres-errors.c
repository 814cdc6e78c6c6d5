/* SPDX-License-Identifier: MIT */
/*
 * The postgres source: each class of error with its hint, what is told of a failed
 * connection, and which of options, DSN and environment decides where it goes.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"
#include "plugin-host.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* ---- Classes -------------------------------------------------------------------------- */

static void test_states(void **state)
{
	/* A piece of the hint; "": none at all. */
	static const struct {
		const char *state;
		int32_t error_class;
		const char *todo;
	} cases[] = {
	    {NULL, DEFSYNC_E_TRANSIENT, "run again"},
	    {"", DEFSYNC_E_TRANSIENT, "run again"},
	    {"08000", DEFSYNC_E_TRANSIENT, "run again"},
	    {"08P01", DEFSYNC_E_PERMANENT, ""},
	    {"0A000", DEFSYNC_E_PERMANENT, ""},
	    {"22008", DEFSYNC_E_CONFIG, "values of the view"},
	    {"22P02", DEFSYNC_E_CONFIG, "values of the view"},
	    {"23505", DEFSYNC_E_PERMANENT, ""},
	    {"25006", DEFSYNC_E_CONFIG, "may only read"},
	    {"25P02", DEFSYNC_E_PERMANENT, ""},
	    {"25P03", DEFSYNC_E_TRANSIENT, "run again"},
	    {"28000", DEFSYNC_E_AUTH, "pg_hba.conf"},
	    {"28P01", DEFSYNC_E_AUTH, "'password'"},
	    {"28999", DEFSYNC_E_AUTH, "'password'"},
	    {"3D000", DEFSYNC_E_CONFIG, "'database'"},
	    {"3F000", DEFSYNC_E_CONFIG, "'from'"},
	    {"40001", DEFSYNC_E_TRANSIENT, "run again"},
	    {"42501", DEFSYNC_E_AUTH, "grant"},
	    {"42601", DEFSYNC_E_CONFIG, "correct 'where' or 'query'"},
	    {"42703", DEFSYNC_E_CONFIG, "'columns'"},
	    {"42704", DEFSYNC_E_CONFIG, "correct 'where' or 'query'"},
	    {"42883", DEFSYNC_E_CONFIG, "correct 'where' or 'query'"},
	    {"42P01", DEFSYNC_E_CONFIG, "'from'"},
	    {"53000", DEFSYNC_E_TRANSIENT, "run again later"},
	    {"53100", DEFSYNC_E_TRANSIENT, "disk"},
	    {"53200", DEFSYNC_E_TRANSIENT, "run again later"},
	    {"53300", DEFSYNC_E_TRANSIENT, "max_connections"},
	    {"55000", DEFSYNC_E_TRANSIENT, "run again"},
	    {"55P03", DEFSYNC_E_TRANSIENT, "lock_timeout"},
	    {"57014", DEFSYNC_E_TRANSIENT, "statement_timeout"},
	    {"57P01", DEFSYNC_E_TRANSIENT, "run again"},
	    {"57P04", DEFSYNC_E_CONFIG, "'database'"},
	    {"58030", DEFSYNC_E_TRANSIENT, "server's log"},
	    {"P0001", DEFSYNC_E_PERMANENT, ""},
	    {"XX000", DEFSYNC_E_PERMANENT, ""},
	    {"XX001", DEFSYNC_E_PERMANENT, "damaged"},
	    {"XX002", DEFSYNC_E_PERMANENT, "index"},
	    /* Not of five characters: of no class. */
	    {"4", DEFSYNC_E_PERMANENT, ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		struct pg_verdict v = pg_classify(cases[i].state);
		bool told = *cases[i].todo ? strstr(v.todo, cases[i].todo) != NULL : !*v.todo;

		if (v.error_class != cases[i].error_class || !told)
			fail_msg("%s: %d%s", cases[i].state, v.error_class, v.todo);
		assert_true(!*v.todo || strncmp(v.todo, "; ", 2) == 0);
	}
}

/* libpq's own words, where there is no state. */
static void test_phrases(void **state)
{
	static const struct {
		const char *message;
		int32_t error_class;
		const char *todo;
	} cases[] = {
	    {"SSL error: certificate verify failed", DEFSYNC_E_AUTH, "authority"},
	    {"server certificate for \"a\" does not match host name \"b\"", DEFSYNC_E_AUTH,
	     "by a name"},
	    {"server does not support SSL, but SSL was required", DEFSYNC_E_AUTH, "turn TLS on"},
	    {"root certificate file \"/x\" does not exist", DEFSYNC_E_AUTH, "'sslrootcert'"},
	    {"could not read certificate file \"/x\": no", DEFSYNC_E_AUTH, "'sslcert'"},
	    {"private key file \"/x\" has group or world access", DEFSYNC_E_AUTH, "'sslkey'"},
	    {"fe_sendauth: no password supplied", DEFSYNC_E_AUTH, "'password_file'"},
	    {"channel binding required but not supported", DEFSYNC_E_AUTH, ""},
	    {"definition of service \"x\" not found", DEFSYNC_E_CONFIG, "PGSERVICE"},
	    {"invalid port number: \"x\"", DEFSYNC_E_CONFIG, "'port'"},
	    {"invalid sslmode value: \"x\"", DEFSYNC_E_CONFIG, "'sslmode'"},
	    {"invalid integer value \"x\" for connection option \"keepalives\"", DEFSYNC_E_CONFIG,
	     "'dsn'"},
	    {"invalid target_session_attrs value: \"x\"", DEFSYNC_E_CONFIG, "'dsn'"},
	    {"could not match 2 port numbers to 3 hosts", DEFSYNC_E_CONFIG, "'dsn'"},
	    {"host name must be specified for a verified SSL connection", DEFSYNC_E_CONFIG,
	     "'host'"},
	    {"could not translate host name \"x\" to address", DEFSYNC_E_TRANSIENT, "'host'"},
	    {"timeout expired", DEFSYNC_E_TRANSIENT, "run again"},
	    {"", DEFSYNC_E_TRANSIENT, "run again"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		struct pg_verdict v = pg_classify_connect(NULL, cases[i].message);
		bool told = *cases[i].todo ? strstr(v.todo, cases[i].todo) != NULL : !*v.todo;

		if (v.error_class != cases[i].error_class || !told)
			fail_msg("%s: %d%s", cases[i].message, v.error_class, v.todo);
		/* A state has the last word. */
		v = pg_classify_connect("57P03", cases[i].message);
		assert_int_equal(v.error_class, DEFSYNC_E_TRANSIENT);
	}
}

/* Longer than the room: the beginning, in whole characters. */
static void test_long_message(void **state)
{
	char message[64], sqlstate[6];
	struct text words;
	size_t i;

	(void)state;
	(void)snprintf(message, sizeof(message),
		       "ERROR:  22P02: abc\xc3\xa9\xe2\x82\xac"
		       "def\n");
	for (i = 1; i <= 20; i++) {
		static const size_t want[] = {0, 1, 2, 3, 3, 5, 5, 5, 8, 9, 10, 11};

		text_init(&words, i);
		pg_message_split(message, sqlstate, &words);
		assert_string_equal(sqlstate, "22P02");
		assert_true(text_ok(&words));
		assert_int_equal(words.len, want[i < N(want) ? i : N(want) - 1]);
		assert_memory_equal(text_get(&words), message + 15, words.len);
		text_done(&words);
	}
}

/* ---- Told by the host ----------------------------------------------------------------- */

static void test_failing(void **state)
{
	struct plugin_host host;
	struct pg_source s = {.where = (char *)(intptr_t) "shop' at 'db"};

	(void)state;
	plugin_host_init(&host, NULL);
	s.reader.host = &host.services;
	plugin_host_begin(&host);
	assert_int_equal(pg_fail_connection(&s, "reading", "t"), DEFSYNC_E_TRANSIENT);
	assert_string_equal(host.text,
			    "reading 't': the connection to the server is lost; run again");
	assert_true(s.broken);
	/* Without a result it is the connection, too. */
	s.broken = false;
	plugin_host_begin(&host);
	assert_int_equal(pg_fail_result(&s, "reading", "t", NULL), DEFSYNC_E_TRANSIENT);
	assert_true(s.broken);
	plugin_host_begin(&host);
	s.conn = PQconnectStart("host=/nonexistent port=99999999");
	assert_int_equal(pg_fail_connect(&s), DEFSYNC_E_CONFIG);
	assert_non_null(strstr(host.text, "cannot connect to 'shop' at 'db': "));
	assert_non_null(strstr(host.text, "; correct 'port'"));
	assert_null(strchr(host.text, '\n'));
	/* Whoever cancels is not told of what that broke. */
	s.broken = false;
	atomic_store(&s.reader.cancelled, 1);
	plugin_host_begin(&host);
	assert_int_equal(pg_fail_connect(&s), DEFSYNC_E_CANCELLED);
	assert_int_equal(pg_fail_connection(&s, "reading", "t"), DEFSYNC_E_CANCELLED);
	assert_int_equal(pg_fail_result(&s, "reading", "t", NULL), DEFSYNC_E_CANCELLED);
	assert_string_equal(host.text, "cancelled");
	assert_false(s.broken);
	PQfinish(s.conn);
	plugin_host_done(&host);
}

/* ---- Where to connect ----------------------------------------------------------------- */

/* As libpq reads it; "" when it is not there.  Caller frees. */
static char *value_of(const struct pg_conninfo *c, const char *keyword)
{
	PQconninfoOption *list = PQconninfoParse(text_get(&c->text), NULL), *o;
	char *value = NULL;

	assert_non_null(list);
	for (o = list; o->keyword; o++) {
		if (strcmp(o->keyword, keyword) == 0)
			value = strdup(o->val ? o->val : "");
	}
	PQconninfoFree(list);
	assert_non_null(value);
	return value;
}

static void make(const struct pg_target *t, const char *bundle, struct pg_conninfo *ret)
{
	struct text reason;

	text_init(&reason, 1000);
	if (!pg_conninfo_make(t, bundle, ret, &reason))
		fail_msg("%s: %s", t->dsn, text_get(&reason));
	text_done(&reason);
}

static void assert_value(const struct pg_conninfo *c, const char *keyword, const char *want)
{
	char *value = value_of(c, keyword);

	if (strcmp(value, want) != 0)
		fail_msg("%s is '%s', not '%s'", keyword, value, want);
	free(value);
}

/* Each option wins over the DSN, and each of the DSN is kept without it. */
static void test_precedence(void **state)
{
	static const struct {
		const char *keyword, *value; /* of the DSN */
		size_t at;
	} options[] = {
	    {"host", "host", offsetof(struct pg_target, host)},
	    {"port", "5433", offsetof(struct pg_target, port)},
	    {"dbname", "dbname", offsetof(struct pg_target, database)},
	    {"user", "user", offsetof(struct pg_target, user)},
	    {"password", "password", offsetof(struct pg_target, password)},
	    {"sslmode", "sslmode", offsetof(struct pg_target, sslmode)},
	    {"sslrootcert", "sslrootcert", offsetof(struct pg_target, sslrootcert)},
	    {"sslcert", "sslcert", offsetof(struct pg_target, sslcert)},
	    {"sslkey", "sslkey", offsetof(struct pg_target, sslkey)},
	    {"application_name", "application_name", offsetof(struct pg_target, application_name)},
	};
	/* To be quoted, and not to be taken for the next parameter. */
	static const char given[] = "a' \\'b = host=evil %40\n";
	size_t i, j;

	(void)state;
	for (i = 0; i < N(options); i++) {
		struct pg_target t = {
		    .dsn = "host=host port=5433 dbname=dbname user=user password=password "
			   "sslmode=sslmode sslrootcert=sslrootcert sslcert=sslcert sslkey=sslkey "
			   "application_name=application_name",
		    .fallback_user = "fallback"};
		struct pg_conninfo c;

		memcpy((char *)&t + options[i].at, &(const char *){given}, sizeof(const char *));
		make(&t, "/bundle", &c);
		for (j = 0; j < N(options); j++)
			assert_value(&c, options[j].keyword, i == j ? given : options[j].value);
		assert_string_equal(
		    c.password, strcmp(options[i].keyword, "password") == 0 ? given : "password");
		pg_conninfo_done(&c);
		assert_null(c.password);
	}
}

static void test_tls(void **state)
{
	/* weak: of which mode is warned, or NULL. */
	static const struct {
		const char *dsn, *option, *mode, *roots, *weak;
	} cases[] = {
	    {"host=db", NULL, "verify-full", "/bundle", NULL},
	    {"host=localhost", NULL, "prefer", "", NULL},
	    {"host=localhost,db", NULL, "verify-full", "/bundle", NULL},
	    {"host=/tmp", "verify-full", "verify-full", "/bundle", NULL},
	    {"host=db sslrootcert=/own", NULL, "verify-full", "/own", NULL},
	    {"host=db sslmode=require sslrootcert=/own", NULL, "require", "/own", "require"},
	    {"host=db sslmode=verify-full", "require", "require", "", "require"},
	    {"host=db sslmode=disable", "verify-full", "verify-full", "/bundle", NULL},
	    {"host=db sslmode=verify-ca", NULL, "verify-ca", "/bundle", "verify-ca"},
	    {"host=db sslmode=allow", NULL, "allow", "", "allow"},
	    {"host=::1 sslmode=disable", NULL, "disable", "", NULL},
	    /* Where it really goes. */
	    {"host=db hostaddr=127.0.0.1", NULL, "prefer", "", NULL},
	    {"host=localhost hostaddr=192.0.2.1 sslmode=prefer", NULL, "prefer", "", "prefer"},
	    {"host=localhost,localhost hostaddr=127.0.0.1,192.0.2.1", NULL, "verify-full",
	     "/bundle", NULL},
	    /* In a list, a place without an address is that of the host's name. */
	    {"host=a,db hostaddr=127.0.0.1,", NULL, "verify-full", "/bundle", NULL},
	    {"host=db,a hostaddr=,127.0.0.1", NULL, "verify-full", "/bundle", NULL},
	    {"host=a,db,c hostaddr=127.0.0.1,,::1", NULL, "verify-full", "/bundle", NULL},
	    {"host=localhost,/tmp hostaddr=127.0.0.1,", NULL, "prefer", "", NULL},
	    {"host=a,localhost,c hostaddr=127.0.0.1,,192.0.2.1", NULL, "verify-full", "/bundle",
	     NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		const struct pg_target t = {.dsn = cases[i].dsn, .sslmode = cases[i].option};
		struct pg_conninfo c;
		const char *weak;

		make(&t, "/bundle", &c);
		weak = c.weak_mode ? c.weak_mode : "none";
		if (strcmp(weak, cases[i].weak ? cases[i].weak : "none") != 0)
			fail_msg("%s: weak %s", cases[i].dsn, weak);
		assert_value(&c, "sslmode", cases[i].mode);
		assert_value(&c, "sslrootcert", cases[i].roots);
		pg_conninfo_done(&c);
	}
}

/* No variable of libpq's, now or to come, decides anything. */
static void test_environment(void **state)
{
	static const struct pg_target t = {
	    .host = "/nonexistent", .user = "me", .fallback_user = "me"};
	PQconninfoOption *list = PQconndefaults(), *o;
	struct pg_conninfo c;
	unsigned n = 0;
	PGconn *conn;

	(void)state;
	assert_non_null(list);
	for (o = list; o->keyword; o++) {
		/* A service that is not there is an error, told with its name. */
		if (!o->envvar || strcmp(o->envvar, "PGSERVICE") == 0)
			continue;
		assert_int_equal(setenv(o->envvar, "hostile", 1), 0);
		n++;
	}
	PQconninfoFree(list);
	assert_true(n > 15);
	make(&t, "/bundle", &c);
	conn = PQconnectStart(text_get(&c.text));
	list = PQconninfo(conn);
	assert_non_null(list);
	for (o = list; o->keyword; o++) {
		if (o->val && strstr(o->val, "hostile") && strcmp(o->keyword, "servicefile") != 0)
			fail_msg("%s is of the environment", o->keyword);
	}
	assert_null(strstr(PQerrorMessage(conn), "hostile"));
	PQconninfoFree(list);
	PQfinish(conn);
	pg_conninfo_done(&c);
}

static void test_where(void **state)
{
	static const struct {
		const char *dsn, *where;
	} cases[] = {
	    {"postgresql://u:p@db.example:1/shop", "shop' at 'db.example"},
	    {"host=db user=u", "u' at 'db"},
	    {"dbname=shop", "shop' at 'the local socket"},
	    {"dbname=shop hostaddr=192.0.2.1", "shop' at '192.0.2.1"},
	    {"", "me' at 'the local socket"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++) {
		const struct pg_target t = {.dsn = cases[i].dsn, .fallback_user = "me"};
		struct pg_conninfo c;

		make(&t, NULL, &c);
		assert_string_equal(c.where, cases[i].where);
		pg_conninfo_done(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_states),	 cmocka_unit_test(test_phrases),
	    cmocka_unit_test(test_long_message), cmocka_unit_test(test_failing),
	    cmocka_unit_test(test_precedence),	 cmocka_unit_test(test_tls),
	    cmocka_unit_test(test_where),	 cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
