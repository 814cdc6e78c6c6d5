/* SPDX-License-Identifier: MIT */
/*
 * One connection as configured.  What is not said here is not asked of the library:
 * no option files, no environment, no local files for the server, no plugin that
 * gives the password away.
 *
 * MY_HAVE_x come from configure: the options are enums.
 */

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "my.h"

/*
 * Where the server proves nothing before the login, only what discloses no password:
 * answers to a challenge.  The library would log in in plain text to a server that says
 * it has no TLS, and send the password encrypted with a key of whoever answers.
 */
static const char challenge_plugins[] = "mysql_native_password,client_ed25519,parsec";
static const char all_plugins[] = "mysql_native_password,client_ed25519,parsec,"
				  "caching_sha2_password,sha256_password,auth_gssapi_client";

static bool set_flag(MYSQL *db, enum mysql_option option, bool value)
{
	my_flag flag = value;

	return mysql_options(db, option, &flag) == 0;
}

static bool set_uint(MYSQL *db, enum mysql_option option, unsigned value)
{
	return mysql_options(db, option, &value) == 0;
}

static bool set_text(MYSQL *db, enum mysql_option option, const char *value)
{
	return !value || mysql_options(db, option, value) == 0;
}

static unsigned seconds(int64_t ms)
{
	return (unsigned)((ms + 999) / 1000);
}

/*
 * MariaDB's library has no option for it.  Up to 3.3 it checks the chain whenever an
 * authority is given; from 3.4 on it checks all, with the name, or nothing.  Libraries
 * that came with a server may have that server's number; those of 11.4 are 3.4.
 */
bool my_has_verify_ca(unsigned long library)
{
#ifdef MY_HAVE_SSL_MODE
	(void)library;
	return true;
#else
	return (library >= 30000 && library < 30400) || (library >= 100000 && library < 110400);
#endif
}

static bool set_tls(const struct my_config *c, MYSQL *db)
{
#ifdef MY_HAVE_SSL_MODE
	static const unsigned modes[] = {
	    [MY_TLS_OFF] = SSL_MODE_DISABLED,
	    [MY_TLS_REQUIRED] = SSL_MODE_REQUIRED,
	    [MY_TLS_CA] = SSL_MODE_VERIFY_CA,
	    [MY_TLS_IDENTITY] = SSL_MODE_VERIFY_IDENTITY,
	};

	if (!set_uint(db, MYSQL_OPT_SSL_MODE, modes[c->tls]))
		return false;
#else
	/* Never reached: my_options_read has said so. */
	if (c->tls == MY_TLS_CA && !my_has_verify_ca(mysql_get_client_version()))
		return false;
	/* ENFORCE does not refuse a server without TLS: see my_dial. */
	if (c->tls > MY_TLS_OFF && !set_flag(db, MYSQL_OPT_SSL_ENFORCE, true))
		return false;
	/* From 3.4 on the library verifies unless told otherwise. */
	if (!set_flag(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, c->tls == MY_TLS_IDENTITY))
		return false;
#endif
	return set_text(db, MYSQL_OPT_SSL_CA, c->ssl_ca) &&
	       set_text(db, MYSQL_OPT_SSL_CERT, c->ssl_cert) &&
	       set_text(db, MYSQL_OPT_SSL_KEY, c->ssl_key);
}

static bool set_login(const struct my_config *c, MYSQL *db)
{
	bool challenge = c->tls == MY_TLS_REQUIRED || c->tls == MY_TLS_CA;

#ifdef MY_HAVE_RESTRICTED_AUTH
	if (!set_text(db, MARIADB_OPT_RESTRICTED_AUTH, challenge ? challenge_plugins : all_plugins))
		return false;
#else
	(void)db;
	(void)challenge;
	(void)challenge_plugins;
	(void)all_plugins;
#endif
#ifdef MY_HAVE_PUBLIC_KEY
	/* Without TLS by configuration; the key protects against those who only listen. */
	if (c->tls == MY_TLS_OFF && !set_flag(db, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, true))
		return false;
#endif
#ifdef MY_HAVE_SSL_MODE
	if (!set_flag(db, MYSQL_ENABLE_CLEARTEXT_PLUGIN, false))
		return false;
#endif
	return true;
}

static bool set_options(const struct my_config *c, int64_t timeout_ms, MYSQL *db)
{
	unsigned protocol = c->host ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;

	/* A server may answer any statement by asking for a file. */
	return set_uint(db, MYSQL_OPT_LOCAL_INFILE, 0) &&
	       set_uint(db, MYSQL_OPT_PROTOCOL, protocol) &&
	       set_uint(db, MYSQL_OPT_CONNECT_TIMEOUT, seconds(timeout_ms)) &&
	       (c->read_ms == 0 || (set_uint(db, MYSQL_OPT_READ_TIMEOUT, seconds(c->read_ms)) &&
				    set_uint(db, MYSQL_OPT_WRITE_TIMEOUT, seconds(c->read_ms)))) &&
	       set_text(db, MYSQL_SET_CHARSET_NAME, "utf8mb4") &&
	       set_flag(db, MYSQL_REPORT_DATA_TRUNCATION, true) && set_tls(c, db) &&
	       set_login(c, db);
}

#ifdef MY_HAVE_NONBLOCKING

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What of `wanted` has come about within a moment. */
static int wait_socket(MYSQL *db, int wanted)
{
	struct pollfd p = {.fd = mysql_get_socket(db)};
	int events = 0;

	p.events = (short)((wanted & MYSQL_WAIT_READ ? POLLIN : 0) |
			   (wanted & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
			   (wanted & MYSQL_WAIT_EXCEPT ? POLLPRI : 0));
	if (poll(&p, 1, 50) <= 0)
		return 0;
	if (p.revents & (POLLIN | POLLHUP | POLLERR))
		events |= MYSQL_WAIT_READ;
	if (p.revents & (POLLOUT | POLLHUP | POLLERR))
		events |= MYSQL_WAIT_WRITE;
	if (p.revents & POLLPRI)
		events |= MYSQL_WAIT_EXCEPT;
	return events & wanted;
}

static bool real_connect(const struct my_config *c, const char *password, int64_t timeout_ms,
			 const atomic_int *cancelled, MYSQL *db)
{
	MYSQL *done = NULL;
	int64_t end = now_ms() + timeout_ms;
	int status;

	if (mysql_options(db, MYSQL_OPT_NONBLOCK, NULL) != 0)
		return false;
	status = mysql_real_connect_start(&done, db, c->host, c->user, password, c->database,
					  c->port, c->socket, 0);
	while (status) {
		int events = wait_socket(db, status);

		/* The library ends an attempt whose time is up, and tidies up. */
		if (events == 0 && (now_ms() >= end || atomic_load(cancelled)))
			events = MYSQL_WAIT_TIMEOUT;
		if (events)
			status = mysql_real_connect_cont(&done, db, events);
	}
	return done != NULL;
}

#else

static bool real_connect(const struct my_config *c, const char *password, int64_t timeout_ms,
			 const atomic_int *cancelled, MYSQL *db)
{
	(void)timeout_ms;
	(void)cancelled;
	return mysql_real_connect(db, c->host, c->user, password, c->database, c->port, c->socket,
				  0) != NULL;
}

#endif

static void close_on_exec(MYSQL *db)
{
#ifdef MY_HAVE_GET_SOCKET
	(void)fcntl(mysql_get_socket(db), F_SETFD, FD_CLOEXEC);
#else
	(void)fcntl(db->net.fd, F_SETFD, FD_CLOEXEC);
#endif
}

enum my_dialled my_dial(const struct my_config *c, const char *password, int64_t timeout_ms,
			const atomic_int *cancelled, MYSQL *db)
{
	if (atomic_load(cancelled))
		return MY_DIAL_CANCELLED;
	/* A password of NULL would be looked for in the environment. */
	if (!set_options(c, timeout_ms, db) ||
	    !real_connect(c, password ? password : "", timeout_ms, cancelled, db))
		return atomic_load(cancelled) ? MY_DIAL_CANCELLED : MY_DIAL_FAILED;
	close_on_exec(db);
	/* MariaDB's library takes a server without TLS although it was told to enforce it. */
	if (c->tls > MY_TLS_OFF && !mysql_get_ssl_cipher(db))
		return MY_DIAL_PLAIN;
	return MY_DIAL_OK;
}
