/* SPDX-License-Identifier: MIT */
/* The mysql source: DSN, options, classes of errors, patterns of discover. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "my.h"
#include "plugin-host.h"

/* user|password|host|port|database|ssl_mode|ssl_ca|socket, "-" where there is none. */
static void describe(const struct my_dsn *d, struct text *out)
{
	const char *parts[] = {d->user,	    d->password, d->host,   NULL,
			       d->database, d->ssl_mode, d->ssl_ca, d->socket};
	size_t i;

	for (i = 0; i < 8; i++) {
		text_str(out, i ? "|" : "");
		if (i == 3)
			text_int(out, d->port);
		else
			text_str(out, parts[i] ? parts[i] : "-");
	}
}

static void test_dsn(void **state)
{
	static const struct {
		const char *dsn, *parts; /* NULL: refused */
	} cases[] = {
	    {"mysql://u:p@h:3307/db", "u|p|h|3307|db|-|-|-"},
	    {"mariadb://u:p@h/db", "u|p|h|0|db|-|-|-"},
	    {"MySQL://h", "-|-|h|0|-|-|-|-"},
	    {"mysql://u@h/", "u|-|h|0|-|-|-|-"},
	    {"mysql://u:@h", "u||h|0|-|-|-|-"},
	    {"mysql://u%40x:p%3Aq%2Fr%3f%25@h/d%20b", "u@x|p:q/r?%|h|0|d b|-|-|-"},
	    /* Tolerated: the last @ ends the password. */
	    {"mysql://u:p@q@h/db", "u|p@q|h|0|db|-|-|-"},
	    {"mysql://u:p:q@h", "u|p:q|h|0|-|-|-|-"},
	    {"mysql://u@[::1]:3307/db", "u|-|::1|3307|db|-|-|-"},
	    {"mysql://u@[fe80::1]", "u|-|fe80::1|0|-|-|-|-"},
	    {"mysql://u@h/db?ssl_mode=VERIFY_CA&ssl-ca=%2Fca.pem",
	     "u|-|h|0|db|VERIFY_CA|/ca.pem|-"},
	    {"mysql://u:p@/db?socket=/run/x.sock", "u|p|-|0|db|-|-|/run/x.sock"},
	    {"mysql://u@h?ssl_mode=required", "u|-|h|0|-|required|-|-"},
	    {"", NULL},
	    {"postgres://u@h", NULL},
	    {"mysql:u@h", NULL},
	    {"mysql://u:p%zz@h", NULL},
	    {"mysql://u:p%4@h", NULL},
	    {"mysql://u:p%00@h", NULL},
	    {"mysql://u:p%", NULL},
	    {"mysql://u:p@h:0/db", NULL},
	    {"mysql://u:p@h:65536/db", NULL},
	    {"mysql://u:p@h:33a/db", NULL},
	    {"mysql://u:p@h:/db", NULL},
	    {"mysql://u:secret/part@h/db", NULL},
	    {"mysql://u:secret#part@h/db", NULL},
	    {"mysql://u:secret?part@h/db", NULL},
	    {"mysql://u@[::1/db", NULL},
	    {"mysql://u@[::1]x/db", NULL},
	    {"mysql://u@h/a/b", NULL},
	    {"mysql://u@h/db?charset=latin1", NULL},
	    {"mysql://u@h/db?ssl_mode", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct my_dsn d;
		const char *reason = NULL;
		struct text parts;

		if (!my_dsn_parse(cases[i].dsn, &d, &reason)) {
			if (cases[i].parts)
				fail_msg("'%s': %s", cases[i].dsn, reason);
			assert_non_null(reason);
			/* Never a piece of what was given. */
			assert_null(strstr(reason, "secret"));
			assert_null(strstr(reason, "part@"));
			continue;
		}
		text_init(&parts, 1024);
		describe(&d, &parts);
		if (!cases[i].parts)
			fail_msg("'%s' was taken: %s", cases[i].dsn, text_get(&parts));
		assert_string_equal(text_get(&parts), cases[i].parts);
		text_done(&parts);
		my_dsn_done(&d);
	}
}

static void test_options(void **state)
{
#define O(n, v)                                                                                    \
	{                                                                                          \
		n, v                                                                               \
	}
	static const struct {
		struct plugin_host_option options[8];
		const char *error; /* a part of it; NULL: none */
		enum my_tls tls;
		bool local;
	} cases[] = {
	    {{O("host", "db.example"), O("user", "u")}, NULL, MY_TLS_IDENTITY, false},
	    {{O("host", "localhost"), O("user", "u")}, NULL, MY_TLS_OFF, true},
	    {{O("host", "127.0.0.1"), O("user", "u")}, NULL, MY_TLS_OFF, true},
	    {{O("host", "::1"), O("user", "u")}, NULL, MY_TLS_OFF, true},
	    /* Names of others. */
	    {{O("host", "127.evil.example"), O("user", "u")}, NULL, MY_TLS_IDENTITY, false},
	    {{O("host", "localhost.evil.example"), O("user", "u")}, NULL, MY_TLS_IDENTITY, false},
	    {{O("host", "127.1"), O("user", "u")}, NULL, MY_TLS_IDENTITY, false},
	    {{O("host", "127.0.0.1"), O("user", "u"), O("ssl_ca", "/ca")},
	     NULL,
	     MY_TLS_IDENTITY,
	     true},
	    {{O("socket", "/s"), O("user", "u")}, NULL, MY_TLS_OFF, true},
	    {{O("host", "h"), O("user", "u"), O("ssl_mode", "disabled")}, NULL, MY_TLS_OFF, false},
	    {{O("host", "h"), O("user", "u"), O("ssl_mode", "required")},
	     NULL,
	     MY_TLS_REQUIRED,
	     false},
	    {{O("dsn", "mysql://u:p@h/d?ssl_mode=REQUIRED")}, NULL, MY_TLS_REQUIRED, false},
	    {{O("dsn", "mysql://u:p@h/d?ssl_mode=required"), O("ssl_mode", "verify_identity")},
	     NULL,
	     MY_TLS_IDENTITY,
	     false},
	    {{O("dsn", "mysql://u:p@h/d?ssl_mode=PREFERRED")}, "'ssl_mode' is one of", 0, false},
	    {{O("user", "u")}, "no server is configured", 0, false},
	    {{O("host", "h")}, "'user' is missing", 0, false},
	    {{O("dsn", "mysql://u:hidden/x@h")}, "'dsn' has", 0, false},
	    {{O("host", "h"), O("user", "u"), O("password", "x"), O("password_file", "/f")},
	     "both set",
	     0,
	     false},
	    {{O("host", "h"), O("user", "u"), O("ssl_mode", "verify_ca")},
	     "needs 'ssl_ca'",
	     0,
	     false},
	    {{O("host", "h"), O("user", "u"), O("ssl_mode", "disabled"), O("ssl_ca", "/ca")},
	     "'ssl_ca' is set",
	     0,
	     false},
	    {{O("host", "h"), O("user", "u"), O("ssl_cert", "/c")}, "belong together", 0, false},
	    {{O("socket", "/s"), O("user", "u"), O("ssl_mode", "required")}, "of no use", 0, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plugin_host host;
		struct my_source s = {.db = NULL};
		int32_t rc;

		plugin_host_init(&host, cases[i].options);
		s.reader.host = &host.services;
		rc = my_options_read(&s, NULL);
		if (cases[i].error) {
			assert_int_equal(rc, DEFSYNC_E_CONFIG);
			if (!strstr(host.text, cases[i].error) || strstr(host.text, "hidden"))
				fail_msg("case %zu: %s", i, host.text);
		} else {
			if (rc != 0)
				fail_msg("case %zu: %s", i, host.text);
			assert_int_equal(s.config.tls, cases[i].tls);
			assert_int_equal(s.config.local, cases[i].local);
		}
		my_dsn_done(&s.dsn);
		plugin_host_done(&host);
	}
}

/* One that would verify nothing is not taken for one that verifies the chain. */
static void test_verify_ca(void **state)
{
	static const struct {
		unsigned long library;
		bool knows;
	} cases[] = {
	    {30119, true},  {30320, true},   {30399, true},   {30400, false},
	    {30407, false}, {40000, false},  {80036, false},  {101119, true},
	    {110302, true}, {110400, false}, {120002, false}, {0, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
#ifndef MARIADB_PACKAGE_VERSION
		assert_true(my_has_verify_ca(cases[i].library));
#else
		if (my_has_verify_ca(cases[i].library) != cases[i].knows)
			fail_msg("%lu", cases[i].library);
#endif
	}
}

static void test_errors(void **state)
{
	static const struct {
		unsigned code;
		int32_t error_class;
	} cases[] = {
	    {1040, DEFSYNC_E_TRANSIENT}, {1044, DEFSYNC_E_AUTH},      {1045, DEFSYNC_E_AUTH},
	    {1049, DEFSYNC_E_CONFIG},	 {1053, DEFSYNC_E_TRANSIENT}, {1054, DEFSYNC_E_CONFIG},
	    {1064, DEFSYNC_E_CONFIG},	 {1142, DEFSYNC_E_AUTH},      {1143, DEFSYNC_E_AUTH},
	    {1146, DEFSYNC_E_CONFIG},	 {1205, DEFSYNC_E_TRANSIENT}, {1213, DEFSYNC_E_TRANSIENT},
	    {1227, DEFSYNC_E_AUTH},	 {1317, DEFSYNC_E_TRANSIENT}, {1698, DEFSYNC_E_AUTH},
	    {2002, DEFSYNC_E_TRANSIENT}, {2003, DEFSYNC_E_TRANSIENT}, {2006, DEFSYNC_E_TRANSIENT},
	    {2013, DEFSYNC_E_TRANSIENT}, {2026, DEFSYNC_E_AUTH},      {4031, DEFSYNC_E_TRANSIENT},
	    {3024, DEFSYNC_E_TRANSIENT}, {1969, DEFSYNC_E_TRANSIENT}, {9999, DEFSYNC_E_PERMANENT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (my_error_class(cases[i].code) != cases[i].error_class)
			fail_msg("%u is %d", cases[i].code, my_error_class(cases[i].code));
		assert_non_null(my_error_todo(cases[i].code));
	}
}

static void test_dial_errors(void **state)
{
	static const struct {
		const char *words;
		int32_t error_class;
	} cases[] = {
	    {"TLS/SSL error: unexpected eof while reading", DEFSYNC_E_TRANSIENT},
	    {"TLS/SSL error: Connection reset by peer (104)", DEFSYNC_E_TRANSIENT},
	    {"TLS/SSL error: Connection timed out (110)", DEFSYNC_E_TRANSIENT},
	    {"SSL connection error: SSL_ERROR_SYSCALL", DEFSYNC_E_TRANSIENT},
	    {"TLS/SSL error: certificate verify failed", DEFSYNC_E_AUTH},
	    {"TLS/SSL error: self-signed certificate in certificate chain", DEFSYNC_E_AUTH},
	    {"TLS/SSL error: Validation of SSL server certificate failed", DEFSYNC_E_AUTH},
	    {"SSL connection error: SSL is required, but the server does not support it",
	     DEFSYNC_E_AUTH},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (my_error_class(my_error_of_dial(2026, cases[i].words)) != cases[i].error_class)
			fail_msg("%s", cases[i].words);
	}
	assert_int_equal(my_error_of_dial(1045, "timed out"), 1045);
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *database, *schema, *name;
		bool fits;
	} cases[] = {
	    {"shop.*", NULL, "shop", "orders", true},
	    {"shop.*", NULL, "shopping", "orders", false},
	    {"sh*.ord*", NULL, "shop", "orders", true},
	    {"*.*", NULL, "shop", "orders", true},
	    {"orders", "shop", "shop", "orders", true},
	    {"orders", "shop", "other", "orders", false},
	    {"orders", NULL, "shop", "orders", false},
	    {"ord?rs", "shop", "shop", "orders", true},
	    {"shop.a.b", NULL, "shop", "a.b", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (my_pattern_fits(cases[i].pattern, cases[i].database, cases[i].schema,
				    cases[i].name) != cases[i].fits)
			fail_msg("'%s' and '%s.%s'", cases[i].pattern, cases[i].schema,
				 cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dsn),		cmocka_unit_test(test_options),
	    cmocka_unit_test(test_verify_ca),	cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_dial_errors), cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
