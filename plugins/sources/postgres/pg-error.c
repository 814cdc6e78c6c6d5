/* SPDX-License-Identifier: MIT */
/* SQLSTATEs as classes, with what to do. */

#include <string.h>

#include "pg.h"

struct meaning {
	const char *state; /* all five characters, or the first two */
	int32_t error_class;
	const char *todo;
};

/* Whole states first: the first match wins. */
static const struct meaning meanings[] = {
    {"25P03", DEFSYNC_E_TRANSIENT, "; run again"},
    {"28P01", DEFSYNC_E_AUTH, "; correct 'user' and 'password'"},
    {"28000", DEFSYNC_E_AUTH, "; correct 'user', or let it in by pg_hba.conf"},
    {"28", DEFSYNC_E_AUTH, "; correct 'user' and 'password'"},
    {"3D000", DEFSYNC_E_CONFIG, "; correct 'database'"},
    {"3F000", DEFSYNC_E_CONFIG, "; correct 'from'"},
    {"42501", DEFSYNC_E_AUTH, "; grant it to the role that logs in"},
    {"42P01", DEFSYNC_E_CONFIG, "; correct 'from', 'where' or 'query'"},
    {"42703", DEFSYNC_E_CONFIG, "; correct 'columns', 'where' or 'query'"},
    {"42704", DEFSYNC_E_CONFIG, "; correct 'where' or 'query'"},
    {"42", DEFSYNC_E_CONFIG, "; correct 'where' or 'query'"},
    {"22", DEFSYNC_E_CONFIG, "; correct 'where', 'query' or the values of the view"},
    {"25006", DEFSYNC_E_CONFIG, "; 'query' may only read"},
    {"57014", DEFSYNC_E_TRANSIENT, "; raise 'statement_timeout', or index the watermark"},
    {"57P04", DEFSYNC_E_CONFIG, "; correct 'database'"},
    {"57", DEFSYNC_E_TRANSIENT, "; run again"},
    {"53100", DEFSYNC_E_TRANSIENT, "; make room on the server's disk and run again"},
    {"53300", DEFSYNC_E_TRANSIENT, "; raise max_connections, or run again later"},
    {"53", DEFSYNC_E_TRANSIENT, "; run again later"},
    {"55P03", DEFSYNC_E_TRANSIENT,
     "; another session holds a lock: run again, or raise "
     "'lock_timeout'"},
    {"55", DEFSYNC_E_TRANSIENT, "; run again"},
    {"40", DEFSYNC_E_TRANSIENT, "; run again"},
    {"08P01", DEFSYNC_E_PERMANENT, ""},
    {"08", DEFSYNC_E_TRANSIENT, "; run again"},
    {"58", DEFSYNC_E_TRANSIENT, "; look into the server's log and run again"},
    {"XX001", DEFSYNC_E_PERMANENT, "; the server's data is damaged: restore it"},
    {"XX002", DEFSYNC_E_PERMANENT, "; rebuild the index"},
};

struct pg_verdict pg_classify(const char *sqlstate)
{
	size_t i;

	if (!sqlstate || !*sqlstate)
		return (struct pg_verdict){DEFSYNC_E_TRANSIENT, "; run again"};
	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];

		if (strncmp(m->state, sqlstate, strlen(m->state)) == 0)
			return (struct pg_verdict){m->error_class, m->todo};
	}
	return (struct pg_verdict){DEFSYNC_E_PERMANENT, ""};
}

/* libpq's words for what has no SQLSTATE; TLS first, since a refused log-in may follow. */
static const struct {
	const char *words;
	int32_t error_class;
	const char *todo;
} phrases[] = {
    {"certificate verify failed", DEFSYNC_E_AUTH,
     "; set 'sslrootcert' to the authority of the server's certificate"},
    {"does not match host name", DEFSYNC_E_AUTH,
     "; connect by a name that the server's certificate has"},
    {"server does not support SSL", DEFSYNC_E_AUTH,
     "; turn TLS on at the server, or set 'sslmode' to a weaker one"},
    {"root certificate file", DEFSYNC_E_AUTH, "; set 'sslrootcert'"},
    {"certificate", DEFSYNC_E_AUTH, "; correct 'sslrootcert', 'sslcert' and 'sslkey'"},
    {"private key file", DEFSYNC_E_AUTH, "; correct 'sslkey'"},
    {"host name must be specified", DEFSYNC_E_CONFIG, "; set 'host'"},
    {"no password supplied", DEFSYNC_E_AUTH, "; set 'password' or 'password_file'"},
    {"password authentication failed", DEFSYNC_E_AUTH, "; correct 'user' and 'password'"},
    {"channel binding", DEFSYNC_E_AUTH, ""},
    {"authentication method", DEFSYNC_E_AUTH, ""},
    {"definition of service", DEFSYNC_E_CONFIG, "; unset the variable PGSERVICE"},
    {"invalid port number", DEFSYNC_E_CONFIG, "; correct 'port'"},
    {"invalid integer value", DEFSYNC_E_CONFIG, "; correct 'dsn'"},
    {"invalid sslmode value", DEFSYNC_E_CONFIG, "; correct 'sslmode'"},
    {"invalid ", DEFSYNC_E_CONFIG, "; correct 'dsn'"},
    {"could not match", DEFSYNC_E_CONFIG, "; correct 'dsn'"},
    {"too long", DEFSYNC_E_CONFIG, "; correct 'host'"},
};

struct pg_verdict pg_classify_connect(const char *sqlstate, const char *message)
{
	size_t i;

	if (sqlstate && *sqlstate)
		return pg_classify(sqlstate);
	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (strstr(message, phrases[i].words))
			return (struct pg_verdict){phrases[i].error_class, phrases[i].todo};
	}
	return (struct pg_verdict){DEFSYNC_E_TRANSIENT, "; check 'host' and 'port', or run again"};
}

/* ---- Messages --------------------------------------------------------------------- */

static bool is_state(const char *p)
{
	int i;

	for (i = 0; i < 5; i++) {
		if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'A' && p[i] <= 'Z')))
			return false;
	}
	return p[5] == ':' && p[6] == ' ';
}

/* Behind "SEVERITY:  STATE: ", whatever the language of the severity is; or NULL. */
static const char *find_state(const char *line, const char *end)
{
	const char *p;

	for (p = line; end - p > 10; p++) {
		if (p[0] == ':' && p[1] == ' ' && p[2] == ' ' && is_state(p + 3))
			return p + 3;
	}
	return NULL;
}

/* The first line; of one that is longer than the room its beginning, in whole characters. */
static void add_line(struct text *out, const char *line)
{
	size_t n = strcspn(line, "\r\n"), room = out->max - out->len;

	if (n > room) {
		for (n = room; n && ((unsigned char)line[n] & 0xc0) == 0x80; n--)
			;
	}
	text_add(out, line, n);
}

/* The first line that has a state, since all attempts before it are told, too. */
void pg_message_split(const char *message, char ret_state[6], struct text *ret_words)
{
	const char *line = message, *state = NULL, *end;

	ret_state[0] = '\0';
	for (; *line && !state; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		state = find_state(line, end);
	}
	if (state) {
		memcpy(ret_state, state, 5);
		ret_state[5] = '\0';
		message = state + 7;
	}
	add_line(ret_words, message);
}

static int32_t fail_with(struct pg_source *s, struct pg_verdict v, const char *state,
			 const char *doing, const char *subject, const char *words)
{
	return defsync_fail_vendor(s->reader.host, v.error_class, 0, state && *state ? state : NULL,
				   "%s '%s': %s%s", doing, subject, words, v.todo);
}

int32_t pg_fail_cancelled(struct pg_source *s)
{
	return defsync_fail(s->reader.host, DEFSYNC_E_CANCELLED, "cancelled");
}

int32_t pg_fail_connection(struct pg_source *s, const char *doing, const char *subject)
{
	char state[6];
	struct text words;
	struct pg_verdict v;

	if (reader_is_cancelled(&s->reader))
		return pg_fail_cancelled(s);
	s->broken = true;
	text_init(&words, 800);
	pg_message_split(s->conn ? PQerrorMessage(s->conn) : "", state, &words);
	if (!words.len)
		text_str(&words, "the connection to the server is lost");
	v = pg_classify(state);
	v.error_class = fail_with(s, v, state, doing, subject, text_get(&words));
	text_done(&words);
	return v.error_class;
}

int32_t pg_fail_result(struct pg_source *s, const char *doing, const char *subject,
		       const PGresult *r)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *primary = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	struct text words;
	int32_t rc;

	if (reader_is_cancelled(&s->reader))
		return pg_fail_cancelled(s);
	if (!primary || !state)
		return pg_fail_connection(s, doing, subject);
	if (PQstatus(s->conn) != CONNECTION_OK)
		s->broken = true;
	text_init(&words, 800);
	add_line(&words, primary);
	rc = fail_with(s, pg_classify(state), state, doing, subject,
		       text_ok(&words) ? text_get(&words) : "");
	text_done(&words);
	return rc;
}

int32_t pg_fail_connect(struct pg_source *s)
{
	const char *message = PQerrorMessage(s->conn);
	char state[6];
	struct text words;
	int32_t rc;

	if (reader_is_cancelled(&s->reader))
		return pg_fail_cancelled(s);
	text_init(&words, 800);
	pg_message_split(message, state, &words);
	rc = fail_with(s, pg_classify_connect(state, message), state, "cannot connect to", s->where,
		       text_ok(&words) ? text_get(&words) : "");
	text_done(&words);
	return rc;
}
