/* SPDX-License-Identifier: MIT */
/*
 * From the options to a connection string in which every parameter is set that libpq
 * would else take from the environment: a PGHOST or a ~/.pgpass of the user who
 * happens to run this must not decide where it connects.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "pg.h"

#define CONNINFO_MAX (64 * 1024)

/* Not in a DSN, and why. */
static const struct refused {
	const char *keyword, *todo;
} refused[] = {
    {"service", "service files are not read; write the parameters themselves"},
    {"servicefile", "service files are not read; write the parameters themselves"},
    {"passfile", "set 'password_file' instead"},
    {"replication", "take it out"},
    {"requiressl", "set 'sslmode' instead"},
};

/* What is set whatever a DSN says. */
static const struct fixed {
	const char *keyword, *value;
} fixed[] = {
    {"client_encoding", "UTF8"},
    /* No file: of one that is none libpq would complain on stderr. */
    {"passfile", "/dev/null/none"},
};

/* What is set unless a DSN says otherwise. */
static const struct fixed preset[] = {
    {"gssencmode", "disable"}, {"channel_binding", "prefer"}, {"target_session_attrs", "any"},
    {"keepalives", "1"},       {"keepalives_idle", "60"},     {"keepalives_interval", "10"},
    {"keepalives_count", "6"}, {"tcp_user_timeout", "60000"}, {"application_name", "defsync"},
};

/* For these an empty value would be an error, and there is none to set. */
static const char *const left_out[] = {"service", "servicefile", "min_protocol_version",
				       "max_protocol_version"};

static bool is_literal(int family, const char *host, size_t len, bool *ret_local)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];

	if (len >= sizeof(text))
		return false;
	memcpy(text, host, len);
	text[len] = '\0';
	if (inet_pton(family, text, bytes) != 1)
		return false;
	*ret_local = family == AF_INET
			 ? bytes[0] == 127
			 : memcmp(bytes, &(const struct in6_addr)IN6ADDR_LOOPBACK_INIT, 16) == 0;
	return true;
}

static bool one_is_local(const char *host, size_t len)
{
	bool local = false;

	if (len == 0 || host[0] == '/' || host[0] == '@')
		return true;
	if (len == strlen("localhost") && strncasecmp(host, "localhost", len) == 0)
		return true;
	/* A name like 127.evil.example is no address. */
	if (is_literal(AF_INET, host, len, &local) || is_literal(AF_INET6, host, len, &local))
		return local;
	return false;
}

bool pg_host_is_local(const char *host)
{
	const char *p = host ? host : "";
	size_t n;

	/* A list is local when all of it is. */
	for (;; p += n + 1) {
		n = strcspn(p, ",");
		if (!one_is_local(p, n))
			return false;
		if (!p[n])
			return true;
	}
}

/* ---- Parameters ------------------------------------------------------------------- */

static PQconninfoOption *find(PQconninfoOption *list, const char *keyword)
{
	for (; list->keyword; list++) {
		if (strcmp(list->keyword, keyword) == 0)
			return list;
	}
	return NULL;
}

static const char *get(PQconninfoOption *list, const char *keyword)
{
	const PQconninfoOption *o = find(list, keyword);

	return o && o->val && *o->val ? o->val : NULL;
}

/* A keyword that this libpq does not know is left out. */
static bool set(PQconninfoOption *list, const char *keyword, const char *value)
{
	PQconninfoOption *o = find(list, keyword);
	char *copy;

	if (!o || !value)
		return true;
	copy = strdup(value);
	if (!copy)
		return false;
	/* By libpq's own hand: PQconninfoFree frees it in the end. */
	free(o->val);
	o->val = copy;
	return true;
}

static bool set_all(PQconninfoOption *list, const struct fixed *f, size_t n, bool override)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < n && ok; i++) {
		if (override || !get(list, f[i].keyword))
			ok = set(list, f[i].keyword, f[i].value);
	}
	return ok;
}

static bool set_options(PQconninfoOption *list, const struct pg_target *t)
{
	return set(list, "host", t->host) && set(list, "port", t->port) &&
	       set(list, "dbname", t->database) && set(list, "user", t->user) &&
	       set(list, "password", t->password) && set(list, "sslmode", t->sslmode) &&
	       set(list, "sslrootcert", t->sslrootcert) && set(list, "sslcert", t->sslcert) &&
	       set(list, "sslkey", t->sslkey) &&
	       set(list, "application_name", t->application_name) &&
	       (get(list, "user") || set(list, "user", t->fallback_user)) &&
	       set_all(list, fixed, sizeof(fixed) / sizeof(fixed[0]), true) &&
	       set_all(list, preset, sizeof(preset) / sizeof(preset[0]), false);
}

static bool is_weak(const char *mode)
{
	return strcmp(mode, "verify-full") != 0;
}

static bool verifies(const char *mode)
{
	return strncmp(mode, "verify-", 7) == 0;
}

static bool has_empty_place(const char *list)
{
	return *list == ',' || list[strlen(list) - 1] == ',' || strstr(list, ",,");
}

/* hostaddr is where the connection really goes; where it is empty in a list, host is. */
static bool goes_local(PQconninfoOption *list)
{
	const char *address = get(list, "hostaddr"), *host = get(list, "host");

	if (!address)
		return pg_host_is_local(host);
	return pg_host_is_local(address) && (!has_empty_place(address) || pg_host_is_local(host));
}

/* A weaker mode than verify-full is only taken when it was written. */
static bool set_tls(PQconninfoOption *list, const char *bundle, struct pg_conninfo *c)
{
	bool local = goes_local(list);
	const char *mode = get(list, "sslmode");

	if (mode && !local && is_weak(mode)) {
		c->weak_mode = strdup(mode);
		if (!c->weak_mode)
			return false;
	}
	if (!mode && !set(list, "sslmode", local ? "prefer" : "verify-full"))
		return false;
	/* "require" with a root certificate would become verify-ca. */
	if (!get(list, "sslrootcert") && bundle && verifies(get(list, "sslmode")))
		return set(list, "sslrootcert", bundle);
	return true;
}

static bool is_left_out(const char *keyword)
{
	size_t i;

	for (i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (strcmp(left_out[i], keyword) == 0)
			return true;
	}
	return false;
}

static void write_parameter(struct text *out, const char *keyword, const char *value)
{
	const char *p = value;

	text_str(out, out->len ? " " : "");
	text_str(out, keyword);
	text_str(out, "='");
	for (; *p; p++) {
		if (*p == '\'' || *p == '\\')
			text_char(out, '\\');
		text_char(out, *p);
	}
	text_char(out, '\'');
}

/* In a string, other than in an array, an empty value keeps the environment's out. */
static void write_all(PQconninfoOption *list, struct text *out)
{
	const PQconninfoOption *o;

	for (o = list; o->keyword; o++) {
		if (o->val && *o->val)
			write_parameter(out, o->keyword, o->val);
		else if (o->envvar && !is_left_out(o->keyword))
			write_parameter(out, o->keyword, o->compiled ? o->compiled : "");
	}
}

static bool describe(PQconninfoOption *list, struct pg_conninfo *c)
{
	const char *host = get(list, "host"), *database = get(list, "dbname");
	struct text t;

	if (!host)
		host = get(list, "hostaddr");
	if (!database)
		database = get(list, "user");
	text_init(&t, 1024);
	text_str(&t, database ? database : "");
	text_str(&t, "' at '");
	text_str(&t, host ? host : "the local socket");
	if (text_ok(&t))
		c->where = strdup(text_get(&t));
	text_done(&t);
	return c->where != NULL;
}

static bool refuse(PQconninfoOption *list, struct text *reason)
{
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (!get(list, refused[i].keyword))
			continue;
		text_str(reason, "dsn: '");
		text_str(reason, refused[i].keyword);
		text_str(reason, "' is not taken; ");
		text_str(reason, refused[i].todo);
		return true;
	}
	return false;
}

/*
 * A '/', '?' or '@' in a password that is not written as %XX ends it: its pieces are
 * then port, host or database, which messages name.
 */
static bool is_torn(PQconninfoOption *list)
{
	const char *host = get(list, "host"), *port = get(list, "port");
	const char *database = get(list, "dbname");

	return (port && port[strspn(port, "0123456789,")] != '\0') ||
	       (host && strchr(host[0] == '@' ? host + 1 : host, '@')) ||
	       (database && strchr(database, '@'));
}

static const char unreadable[] =
    "dsn: cannot be read; write postgresql://user:password@host/database with special "
    "characters as %XX, or host=... dbname=... with values in single quotes";

bool pg_conninfo_make(const struct pg_target *target, const char *bundle, struct pg_conninfo *ret,
		      struct text *reason)
{
	char *words = NULL;
	PQconninfoOption *list = PQconninfoParse(target->dsn ? target->dsn : "", &words);
	const char *password;
	bool ok;

	*ret = (struct pg_conninfo){.password = NULL};
	text_init(&ret->text, CONNINFO_MAX);
	/* libpq's own words quote pieces of the DSN, which may be of the password. */
	PQfreemem(words);
	if (!list) {
		text_str(reason, unreadable);
		return false;
	}
	if (is_torn(list)) {
		PQconninfoFree(list);
		text_str(reason, unreadable);
		return false;
	}
	ok = !refuse(list, reason) && set_options(list, target) && set_tls(list, bundle, ret) &&
	     describe(list, ret);
	password = get(list, "password");
	if (ok && password) {
		ret->password = strdup(password);
		ok = ret->password != NULL;
	}
	if (ok)
		write_all(list, &ret->text);
	PQconninfoFree(list);
	ok = ok && text_ok(&ret->text);
	if (!ok && !reason->len)
		text_str(reason, "dsn: is too long");
	return ok;
}

void pg_conninfo_done(struct pg_conninfo *c)
{
	if (c->text.ptr)
		explicit_bzero(c->text.ptr, c->text.cap);
	text_done(&c->text);
	if (c->password)
		explicit_bzero(c->password, strlen(c->password));
	free(c->password);
	free(c->weak_mode);
	free(c->where);
	*c = (struct pg_conninfo){.password = NULL};
}
