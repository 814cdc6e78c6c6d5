/* SPDX-License-Identifier: MIT */
/* Numbers of errors as classes, with what to do.  The numbers are the protocol's. */

#include <string.h>

#include "my.h"

#define SERVER_LOST 2013
#define TLS_ERROR 2026

struct meaning {
	unsigned code;
	int32_t error_class;
	const char *todo;
};

static const char grant_select[] = "; GRANT SELECT on it to this user";
static const char run_again[] = "; run again";
static const char check_server[] = "; check that the server runs and can be reached";
static const char check_login[] = "; check 'user' and 'password', and that the user may log in "
				  "from this host";

static const struct meaning meanings[] = {
    /* Of the client library. */
    {2001, DEFSYNC_E_TRANSIENT, check_server}, /* socket */
    {2002, DEFSYNC_E_TRANSIENT, check_server},
    {2003, DEFSYNC_E_TRANSIENT, check_server},
    {2004, DEFSYNC_E_TRANSIENT, check_server},
    {2005, DEFSYNC_E_TRANSIENT, "; check 'host'"},
    {2006, DEFSYNC_E_TRANSIENT, run_again}, /* gone away */
    {2008, DEFSYNC_E_NOMEM, ""},
    {2012, DEFSYNC_E_TRANSIENT, check_server}, /* handshake */
    {2013, DEFSYNC_E_TRANSIENT, run_again},    /* lost */
    {2014, DEFSYNC_E_BUG, ""},		       /* out of sync */
    {2020, DEFSYNC_E_PERMANENT, "; a row is too large: leave its largest column out"},
    {2026, DEFSYNC_E_AUTH,
     "; check 'ssl_ca', the name and the dates of the server's certificate, and that the server "
     "has TLS; 'ssl_mode: disabled' goes without"},
    {2027, DEFSYNC_E_TRANSIENT, run_again}, /* malformed packet */
    {2049, DEFSYNC_E_AUTH, "; the server's login is too old to be safe"},
    {2054, DEFSYNC_E_PERMANENT, ""},
    {2055, DEFSYNC_E_TRANSIENT, run_again},
    {2059, DEFSYNC_E_AUTH, "; give the user a login that this client library has"},
    {2061, DEFSYNC_E_AUTH, "; with this login the connection has to be encrypted: set 'ssl_mode'"},
    {2068, DEFSYNC_E_PERMANENT, "; the server asked for a local file, which is never sent"},
    {4166, DEFSYNC_E_PERMANENT, "; the server asked for a local file, which is never sent"},
    {5010, DEFSYNC_E_AUTH,
     "; this login would give the password away: use 'ssl_mode: verify_identity'"},
    /* Log-in and grants. */
    {1044, DEFSYNC_E_AUTH, "; GRANT this user the database"},
    {1045, DEFSYNC_E_AUTH, check_login},
    {1129, DEFSYNC_E_AUTH, "; the server blocks this host: FLUSH HOSTS there"},
    {1130, DEFSYNC_E_AUTH, "; let the user log in from this host"},
    {1142, DEFSYNC_E_AUTH, grant_select},
    {1143, DEFSYNC_E_AUTH, grant_select},
    {1227, DEFSYNC_E_AUTH, "; GRANT this privilege to the user"},
    {1251, DEFSYNC_E_AUTH, "; give the user a login that this client library has"},
    {1345, DEFSYNC_E_AUTH, "; GRANT SHOW VIEW and SELECT on the view's tables"},
    {1356, DEFSYNC_E_CONFIG, "; the view is broken, or its definer may not read its tables"},
    {1370, DEFSYNC_E_AUTH, "; GRANT EXECUTE on the function to this user"},
    {1449, DEFSYNC_E_CONFIG, "; the view's definer is not there"},
    {1524, DEFSYNC_E_AUTH, "; give the user a login that the server has"},
    {1698, DEFSYNC_E_AUTH, check_login},
    {1820, DEFSYNC_E_AUTH, "; set a new password for the user"},
    {1862, DEFSYNC_E_AUTH, "; set a new password for the user"},
    {3118, DEFSYNC_E_AUTH, "; unlock the account"},
    {3159, DEFSYNC_E_AUTH, "; the server takes encrypted connections only: set 'ssl_mode'"},
    {4151, DEFSYNC_E_AUTH, "; unlock the account"},
    /* What is configured. */
    {1046, DEFSYNC_E_CONFIG, "; set 'database'"},
    {1049, DEFSYNC_E_CONFIG, "; correct 'database'"},
    {1051, DEFSYNC_E_CONFIG, "; see 'defsync discover'"},
    {1052, DEFSYNC_E_CONFIG, "; check 'where'"},
    {1054, DEFSYNC_E_CONFIG, "; check the columns and 'where'"},
    {1064, DEFSYNC_E_CONFIG, "; check 'where'"},
    {1109, DEFSYNC_E_CONFIG, "; check 'where'"},
    {1146, DEFSYNC_E_CONFIG, "; see 'defsync discover'"},
    {1210, DEFSYNC_E_CONFIG, "; 'where' takes no parameters"},
    {1235, DEFSYNC_E_PERMANENT, "; this server is too old"},
    {1267, DEFSYNC_E_CONFIG, "; check the collations in 'where'"},
    {1305, DEFSYNC_E_CONFIG, "; check 'where'"},
    {1582, DEFSYNC_E_CONFIG, "; check 'where'"},
    {1792, DEFSYNC_E_CONFIG, "; the session only reads: check 'where'"},
    /* What passes. */
    {1021, DEFSYNC_E_TRANSIENT, "; make room on the server's disk"},
    {1037, DEFSYNC_E_TRANSIENT, "; the server is out of memory"},
    {1038, DEFSYNC_E_TRANSIENT, "; the server is out of memory for sorting"},
    {1040, DEFSYNC_E_TRANSIENT, "; the server has too many connections: run again"},
    {1041, DEFSYNC_E_TRANSIENT, "; the server is out of memory"},
    {1053, DEFSYNC_E_TRANSIENT, "; the server shuts down: run again"},
    {1077, DEFSYNC_E_TRANSIENT, "; the server shuts down: run again"},
    {1079, DEFSYNC_E_TRANSIENT, "; the server shuts down: run again"},
    {1152, DEFSYNC_E_TRANSIENT, run_again},
    {1158, DEFSYNC_E_TRANSIENT, run_again},
    {1159, DEFSYNC_E_TRANSIENT, run_again},
    {1160, DEFSYNC_E_TRANSIENT, run_again},
    {1161, DEFSYNC_E_TRANSIENT, run_again},
    {1184, DEFSYNC_E_TRANSIENT, run_again},
    {1203, DEFSYNC_E_TRANSIENT, "; the user has too many connections: run again"},
    {1205, DEFSYNC_E_TRANSIENT, "; another session holds a lock: run again"},
    {1213, DEFSYNC_E_TRANSIENT, run_again},
    {1226, DEFSYNC_E_TRANSIENT, "; the user's quota is used up: run again later"},
    {1317, DEFSYNC_E_TRANSIENT, "; someone ended the statement: run again"},
    {1412, DEFSYNC_E_TRANSIENT, "; the table was altered meanwhile: run again"},
    {1615, DEFSYNC_E_TRANSIENT, "; the table was altered meanwhile: run again"},
    {1836, DEFSYNC_E_TRANSIENT, run_again},
    {1927, DEFSYNC_E_TRANSIENT, "; someone ended the connection: run again"},
    {1969, DEFSYNC_E_TRANSIENT, "; raise 'read_timeout', or add an index: see 'defsync check'"},
    {3024, DEFSYNC_E_TRANSIENT, "; raise 'read_timeout', or add an index: see 'defsync check'"},
    {3169, DEFSYNC_E_TRANSIENT, "; someone ended the connection: run again"},
    {4031, DEFSYNC_E_TRANSIENT, run_again},
};

static const struct meaning *find_meaning(unsigned code)
{
	static const struct meaning other = {0, DEFSYNC_E_PERMANENT, ""};
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].code == code)
			return &meanings[i];
	}
	return &other;
}

int32_t my_error_class(unsigned code)
{
	return find_meaning(code)->error_class;
}

/* The library has one number for all of TLS; the words come from it and from OpenSSL. */
unsigned my_error_of_dial(unsigned code, const char *words)
{
	static const char *const cut[] = {"unexpected eof", "reset by peer",   "timed out",
					  "Broken pipe",    "Lost connection", "SSL_ERROR_SYSCALL",
					  "error: Success", "not connected"};
	size_t i;

	for (i = 0; code == TLS_ERROR && i < sizeof(cut) / sizeof(cut[0]); i++) {
		if (strstr(words, cut[i]))
			return SERVER_LOST;
	}
	return code;
}

const char *my_error_todo(unsigned code)
{
	return find_meaning(code)->todo;
}

static int32_t fail_with(struct my_source *s, unsigned code, const char *sqlstate,
			 const char *words, const char *doing, const char *subject)
{
	/* What a cancelled statement says depends on the moment. */
	if (reader_is_cancelled(&s->reader))
		return defsync_fail(my_host(s), DEFSYNC_E_CANCELLED, "cancelled");
	/* Behind the log-in an error of TLS is a connection that broke. */
	if (code == TLS_ERROR)
		code = SERVER_LOST;
	return defsync_fail_vendor(my_host(s), my_error_class(code), code, sqlstate,
				   "%s '%s': %s%s", doing, subject, words, my_error_todo(code));
}

int32_t my_fail(struct my_source *s, const char *doing, const char *subject)
{
	return fail_with(s, mysql_errno(s->db), mysql_sqlstate(s->db), mysql_error(s->db), doing,
			 subject);
}

int32_t my_fail_stmt(struct my_source *s, MYSQL_STMT *stmt, const char *doing, const char *subject)
{
	return fail_with(s, mysql_stmt_errno(stmt), mysql_stmt_sqlstate(stmt),
			 mysql_stmt_error(stmt), doing, subject);
}
