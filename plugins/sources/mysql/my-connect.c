/* SPDX-License-Identifier: MIT */
/* Log-in, log-out, and the second connection that ends a statement of the first. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "my.h"

#define PASSWORD_MAX 4096
#define KILL_TIMEOUT_MS 1000

static int32_t fail_file(struct my_source *s)
{
	return defsync_fail(my_host(s), DEFSYNC_E_CONFIG, "cannot read 'password_file' '%s': %s",
			    s->config.password_file, strerror(errno));
}

/* The file's first line. */
static int32_t read_password_file(struct my_source *s, char **ret)
{
	char buf[PASSWORD_MAX + 1];
	size_t n = 0;
	ssize_t got = 1;
	int fd = open(s->config.password_file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int32_t rc = 0;

	if (fd < 0)
		return fail_file(s);
	while (n < PASSWORD_MAX && (got = read(fd, buf + n, PASSWORD_MAX - n)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
	}
	if (got < 0)
		rc = fail_file(s);
	(void)close(fd);
	buf[n] = '\0';
	buf[strcspn(buf, "\r\n")] = '\0';
	if (rc == 0) {
		*ret = strdup(buf);
		rc = *ret ? 0 : reader_fail_nomem(&s->reader);
	}
	explicit_bzero(buf, sizeof(buf));
	return rc;
}

static int32_t find_password(struct my_source *s)
{
	int32_t rc = 0;

	if (s->config.password_file) {
		rc = read_password_file(s, &s->password);
	} else if (s->config.password) {
		s->password = strdup(s->config.password);
		rc = s->password ? 0 : reader_fail_nomem(&s->reader);
	}
	if (rc == 0 && s->password)
		my_host(s)->secret(my_host(s)->ctx, s->password, strlen(s->password));
	return rc;
}

static void place(const struct my_config *c, char *out, size_t size)
{
	if (c->socket)
		(void)snprintf(out, size, "%s", c->socket);
	else
		(void)snprintf(out, size, "%s:%u", c->host, c->port);
}

static int32_t fail_dial(struct my_source *s, enum my_dialled result)
{
	unsigned code = my_error_of_dial(mysql_errno(s->db), mysql_error(s->db));
	char where[300];

	place(&s->config, where, sizeof(where));
	if (result == MY_DIAL_CANCELLED)
		return defsync_fail(my_host(s), DEFSYNC_E_CANCELLED, "cancelled");
	if (result == MY_DIAL_PLAIN)
		return defsync_fail(
		    my_host(s), DEFSYNC_E_AUTH,
		    "cannot connect to '%s': the server has no TLS, which 'ssl_mode' "
		    "%s demands; enable it on the server, or set 'ssl_mode: "
		    "disabled' where the network is trusted",
		    where, my_tls_name(s->config.tls));
	return defsync_fail_vendor(my_host(s), my_error_class(code), code, mysql_sqlstate(s->db),
				   "cannot connect to '%s' as '%s': %s%s", where, s->config.user,
				   mysql_error(s->db), my_error_todo(code));
}

static int32_t dial(struct my_source *s)
{
	MYSQL *db = mysql_init(NULL);
	enum my_dialled result;

	if (!db)
		return reader_fail_nomem(&s->reader);
	result = my_dial(&s->config, s->password, s->config.connect_ms, &s->reader.cancelled, db);
	pthread_mutex_lock(&s->lock);
	s->db = db;
	s->thread = result == MY_DIAL_OK ? mysql_thread_id(db) : 0;
	pthread_mutex_unlock(&s->lock);
	return result == MY_DIAL_OK ? 0 : fail_dial(s, result);
}

int32_t my_connect(struct my_source *s)
{
	struct text identity;
	int32_t rc = find_password(s);

	if (rc == 0)
		rc = dial(s);
	if (rc == 0)
		rc = my_session_begin(s);
	if (rc < 0)
		return rc;
	text_init(&identity, 1024);
	rc = my_session_identity(s, &identity);
	if (rc == 0 && !text_ok(&identity))
		rc = reader_fail_nomem(&s->reader);
	if (rc == 0)
		rc = reader_connected(&s->reader, text_get(&identity));
	text_done(&identity);
	return rc;
}

void my_disconnect(struct my_source *s)
{
	MYSQL *db;

	my_close(&s->reader);
	pthread_mutex_lock(&s->lock);
	db = s->db;
	s->db = NULL;
	s->thread = 0;
	pthread_mutex_unlock(&s->lock);
	if (db)
		mysql_close(db);
	if (s->password)
		explicit_bzero(s->password, strlen(s->password));
	free(s->password);
	s->password = NULL;
	s->in_transaction = false;
	reader_disconnected(&s->reader);
}

/* Under the lock, or in the instance's own thread. */
static bool kill_query(struct my_source *s)
{
	static const atomic_int never = 0;
	struct my_config c = s->config;
	MYSQL *second;
	char sql[64];
	bool done = false;

	if (!s->thread)
		return false;
	second = mysql_init(NULL);
	if (!second)
		return false;
	(void)snprintf(sql, sizeof(sql), "KILL QUERY %lu", s->thread);
	c.read_ms = KILL_TIMEOUT_MS;
	c.database = NULL;
	if (my_dial(&c, s->password, KILL_TIMEOUT_MS, &never, second) == MY_DIAL_OK)
		done = mysql_query(second, sql) == 0;
	mysql_close(second);
	return done;
}

bool my_kill_query(struct my_source *s)
{
	return kill_query(s);
}

void my_cut(MYSQL *db)
{
#ifdef MY_HAVE_GET_SOCKET
	(void)shutdown(mysql_get_socket(db), SHUT_RDWR);
#else
	(void)shutdown(db->net.fd, SHUT_RDWR);
#endif
}

void my_cancel(struct my_source *s)
{
	bool again = atomic_exchange(&s->reader.cancelled, 1) != 0;

	/*
	 * The lock keeps the connection from being closed meanwhile.  The server is asked
	 * once; whoever calls again has seen no effect.
	 */
	pthread_mutex_lock(&s->lock);
	if (s->thread && (again || !kill_query(s)))
		my_cut(s->db);
	pthread_mutex_unlock(&s->lock);
	/* The library keeps something for each thread that opened a connection. */
	mysql_thread_end();
}
