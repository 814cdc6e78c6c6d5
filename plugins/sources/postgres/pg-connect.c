/* SPDX-License-Identifier: MIT */
/* Log-in, settings of the session, identity of the database. */

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pg.h"

#define PASSWORD_MAX 4096

/* ---- What the options leave open ------------------------------------------------ */

/* The certificates that the system trusts; libpq looks for none before version 16. */
static const char *find_bundle(void)
{
	static const char *const paths[] = {
	    "/etc/ssl/certs/ca-certificates.crt",
	    "/etc/pki/tls/certs/ca-bundle.crt",
	    "/etc/ssl/ca-bundle.pem",
	    "/etc/ssl/cert.pem",
	};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	}
	return NULL;
}

static int32_t fail_file(struct pg_source *s, const char *reason)
{
	return defsync_fail(s->reader.host, DEFSYNC_E_CONFIG,
			    "cannot read the password file '%s': %s; correct 'password_file'",
			    s->password_file, reason);
}

/* The first line. */
static int32_t read_password(struct pg_source *s, char out[PASSWORD_MAX])
{
	int fd = open(s->password_file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return fail_file(s, strerror(errno));
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IROTH))
		defsync_log(s->reader.host, DEFSYNC_LOG_WARN,
			    "the password file '%s' can be read by everyone; take that right away",
			    s->password_file);
	while (len < PASSWORD_MAX - 1 && (n = read(fd, out + len, PASSWORD_MAX - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	out[len] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return *out ? 0 : fail_file(s, "it is empty");
}

/* Who runs this; libpq would first ask PGUSER. */
static char *own_name(char *buf, size_t size)
{
	struct passwd pw, *found = NULL;

	return getpwuid_r(geteuid(), &pw, buf, size, &found) == 0 && found ? found->pw_name : NULL;
}

/* ---- Connecting ------------------------------------------------------------------- */

static int32_t poll_connect(struct pg_source *s)
{
	const struct defsync_host *host = s->reader.host;
	int64_t deadline = host->now_mono_us(host->ctx) + s->connect_ms * 1000;
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	while (status != PGRES_POLLING_OK) {
		int64_t left = deadline - host->now_mono_us(host->ctx);
		int32_t rc;

		if (status == PGRES_POLLING_FAILED)
			return pg_fail_connect(s);
		if (left <= 0)
			return defsync_fail(
			    host, DEFSYNC_E_TRANSIENT,
			    "cannot connect to '%s': no answer within %lld ms; check "
			    "'host' and 'port', or raise 'connect_timeout'",
			    s->where, (long long)s->connect_ms);
		rc = pg_wait(s, status == PGRES_POLLING_WRITING, left / 1000 + 1);
		if (rc == DEFSYNC_E_CANCELLED)
			return pg_fail_cancelled(s);
		if (rc == 0)
			status = PQconnectPoll(s->conn);
	}
	return 0;
}

/* Nothing of this goes to stderr. */
static void on_notice(void *ctx, const PGresult *r)
{
	(void)ctx;
	(void)r;
}

static int32_t open_connection(struct pg_source *s, const char *conninfo)
{
	s->conn = PQconnectStart(conninfo);
	if (!s->conn)
		return reader_fail_nomem(&s->reader);
	if (PQstatus(s->conn) == CONNECTION_BAD)
		return pg_fail_connect(s);
	/* With the SQLSTATE, which says more than words in the server's language. */
	(void)PQsetErrorVerbosity(s->conn, PQERRORS_VERBOSE);
	(void)PQsetNoticeReceiver(s->conn, on_notice, NULL);
	return poll_connect(s);
}

static void warn_weak(struct pg_source *s, const char *mode)
{
	if (s->warned)
		return;
	s->warned = true;
	defsync_log(s->reader.host, DEFSYNC_LOG_WARN,
		    "sslmode '%s' does not prove that '%s' is the server itself; set 'sslmode' to "
		    "verify-full",
		    mode, s->where);
}

static int32_t log_in(struct pg_source *s)
{
	const struct defsync_host *host = s->reader.host;
	char password[PASSWORD_MAX], name[PASSWORD_MAX];
	struct pg_target target = s->target;
	struct pg_conninfo c;
	struct text reason;
	int32_t rc = s->password_file ? read_password(s, password) : 0;

	if (rc < 0)
		return rc;
	if (s->password_file)
		target.password = password;
	target.fallback_user = own_name(name, sizeof(name));
	text_init(&reason, DEFSYNC_TEXT_MAX);
	if (!pg_conninfo_make(&target, find_bundle(), &c, &reason)) {
		rc = defsync_fail(host, DEFSYNC_E_CONFIG, "%s", text_get(&reason));
	} else {
		s->where = c.where;
		c.where = NULL;
		if (c.password)
			host->secret(host->ctx, c.password, strlen(c.password));
		if (c.weak_mode)
			warn_weak(s, c.weak_mode);
		rc = open_connection(s, text_get(&c.text));
	}
	text_done(&reason);
	pg_conninfo_done(&c);
	explicit_bzero(password, sizeof(password));
	return rc;
}

/* ---- The session ---------------------------------------------------------------------- */

/* What values look like, and that nothing is written. */
static const struct setting {
	const char *name, *value, *prefix; /* prefix: what it reads back as */
} settings[] = {
    {"TimeZone", "UTC", "UTC"},
    {"DateStyle", "ISO, YMD", "ISO"},
    {"IntervalStyle", "iso_8601", "iso_8601"},
    {"extra_float_digits", "3", "3"},
    {"client_encoding", "UTF8", "UTF8"},
    {"bytea_output", "hex", "hex"},
    {"standard_conforming_strings", "on", "on"},
    {"default_transaction_read_only", "on", "on"},
};

#define N_SETTINGS ((int)(sizeof(settings) / sizeof(settings[0])))

static void set_one(struct text *sql, const char *name, const char *value)
{
	text_str(sql, sql->len ? ", " : "SELECT ");
	text_str(sql, "set_config('");
	text_str(sql, name);
	text_str(sql, "', '");
	text_str(sql, value);
	text_str(sql, "', false)");
}

static void set_ms(struct text *sql, const char *name, int64_t ms)
{
	struct text value;

	text_init(&value, 32);
	text_int(&value, ms);
	set_one(sql, name, text_get(&value));
	text_done(&value);
}

static void write_settings(struct pg_source *s, struct text *sql)
{
	int i;

	for (i = 0; i < N_SETTINGS; i++)
		set_one(sql, settings[i].name, settings[i].value);
	set_ms(sql, "statement_timeout", s->statement_ms);
	set_ms(sql, "lock_timeout", s->lock_ms);
	/* A transaction that this process has lost must not hold back vacuum. */
	set_ms(sql, "idle_in_transaction_session_timeout", s->reader.max_snapshot_ms + 60000);
	if (s->version >= 110000)
		set_one(sql, "jit", "off");
	text_str(sql, "; SELECT ");
	for (i = 0; i < N_SETTINGS; i++) {
		text_str(sql, i ? ", current_setting('" : "current_setting('");
		text_str(sql, settings[i].name);
		text_str(sql, "')");
	}
	text_str(sql,
		 ", pg_backend_pid(), d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = "
		 "current_database()");
}

static int32_t judge_settings(struct pg_source *s, const PGresult *r)
{
	int i;

	for (i = 0; i < N_SETTINGS; i++) {
		const char *got = pg_text(r, 0, i);

		if (!got || strncmp(got, settings[i].prefix, strlen(settings[i].prefix)) != 0)
			return defsync_fail(
			    s->reader.host, DEFSYNC_E_PERMANENT,
			    "'%s': the server keeps %s at '%s' instead of '%s'; connect "
			    "without a pooler in between",
			    s->where, settings[i].name, got ? got : "", settings[i].value);
	}
	if (pg_int(r, 0, N_SETTINGS, 0) != PQbackendPID(s->conn))
		defsync_log(
		    s->reader.host, DEFSYNC_LOG_WARN,
		    "'%s' is reached through a pooler; with one that gives another session to "
		    "each transaction, settings are lost: connect to the server itself",
		    s->where);
	return 0;
}

/* Set and read back in one go; the second statement's row is what comes. */
static int32_t settle(struct pg_source *s, struct text *identity)
{
	struct text sql;
	PGresult *r = NULL;
	int32_t rc = 0;

	text_init(&sql, READER_SQL_MAX);
	write_settings(s, &sql);
	if (!text_ok(&sql))
		rc = reader_fail_nomem(&s->reader);
	else if (!PQsendQuery(s->conn, text_get(&sql)) || pg_await(s, &r) < 0)
		rc = pg_fail_connection(s, "cannot set up the session of", s->where);
	else if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
		rc = pg_fail_result(s, "cannot set up the session of", s->where, r);
	else
		rc = judge_settings(s, r);
	if (rc == 0) {
		text_str(identity, PQdb(s->conn));
		text_char(identity, '/');
		text_str(identity, PQgetvalue(r, 0, N_SETTINGS + 1));
	}
	PQclear(r);
	text_done(&sql);
	return rc;
}

/* A copy that went its own way has the same; its tables are told by their OIDs. */
static int32_t identify(struct pg_source *s, struct text *identity)
{
	PGresult *r;
	int32_t rc = pg_query_raw(
	    s, false, "SELECT system_identifier FROM pg_catalog.pg_control_system()", 0, NULL, &r);

	if (rc < 0)
		return rc;
	if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1) {
		text_char(identity, '/');
		text_str(identity, PQgetvalue(r, 0, 0));
	} else {
		defsync_log(s->reader.host, DEFSYNC_LOG_DEBUG,
			    "'%s' does not tell its system identifier", s->where);
	}
	PQclear(r);
	return text_ok(identity) ? 0 : reader_fail_nomem(&s->reader);
}

static int32_t check_version(struct pg_source *s)
{
	s->version = PQserverVersion(s->conn);
	if (s->version >= PG_VERSION_MIN)
		return 0;
	return defsync_fail(s->reader.host, DEFSYNC_E_PERMANENT,
			    "'%s': version %d.%d of the server is too old; 9.6 is the first that "
			    "is read",
			    s->where, s->version / 10000, s->version / 100 % 100);
}

int32_t pg_connect(struct pg_source *s)
{
	struct text identity;
	int32_t rc;

	if (reader_is_cancelled(&s->reader))
		return pg_fail_cancelled(s);
	rc = log_in(s);
	if (rc == 0)
		rc = check_version(s);
	text_init(&identity, 1024);
	if (rc == 0)
		rc = settle(s, &identity);
	if (rc == 0)
		rc = identify(s, &identity);
	if (rc == 0)
		rc = reader_connected(&s->reader, text_get(&identity));
	text_done(&identity);
	return rc;
}

void pg_disconnect(struct pg_source *s)
{
	uint64_t n;

	pg_close(&s->reader);
	/* The server would go on with what it was cancelled in. */
	pg_abandon(s);
	pg_scratch_done(&s->rows.scratch);
	PQfinish(s->conn);
	s->conn = NULL;
	s->broken = false;
	free(s->checked);
	s->checked = NULL;
	free(s->where);
	s->where = NULL;
	(void)!read(s->wake, &n, sizeof(n));
	reader_disconnected(&s->reader);
}
