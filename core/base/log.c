/* SPDX-License-Identifier: MIT */
/* Messages to the operator. */

#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log-escape.h"

#define LOG_FORMATTED_MAX ((size_t)1 << 20) /* before secrets are taken out */
#define LOG_MESSAGE_MAX ((size_t)16 << 10)  /* of it, printed */
#define LOG_WAIT_MS 200			    /* for a reader that is slow */

struct log {
	int fd;
	_Atomic enum log_level level;
	_Atomic enum log_format format;
	struct secrets *secrets;
};

static const struct {
	const char *name, *word;
} levels[] = {
    [LOG_ERROR] = {"error", ""},
    [LOG_WARN] = {"warn", "warning: "},
    [LOG_INFO] = {"info", ""},
    [LOG_DEBUG] = {"debug", "debug: "},
};

struct log *log_create(int fd, enum log_level level, enum log_format format)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->fd = fd;
	log->secrets = secrets_create();
	if (!log->secrets) {
		free(log);
		return NULL;
	}
	log_set(log, level, format);
	return log;
}

void log_destroy(struct log *log)
{
	if (!log)
		return;
	secrets_destroy(log->secrets);
	free(log);
}

void log_set(struct log *log, enum log_level level, enum log_format format)
{
	atomic_store(&log->level, level);
	atomic_store(&log->format, format);
}

struct secrets *log_secrets(struct log *log)
{
	return log->secrets;
}

int log_enabled(const struct log *log, enum log_level level)
{
	return level <= atomic_load(&log->level);
}

/* ---- Lines ---------------------------------------------------------------- */

struct line {
	enum log_level level;
	const char *where; /* or NULL */
	const char *code;  /* or NULL */
	const char *message;
	size_t message_len;
};

static int line_text(struct buf *out, const struct line *line)
{
	if (buf_add_str(out, "defsync: ") < 0)
		return -1;
	if (line->where && (log_escape_text(out, line->where, strlen(line->where)) < 0 ||
			    buf_add_str(out, ": ") < 0))
		return -1;
	if (buf_add_str(out, levels[line->level].word) < 0)
		return -1;
	return log_escape_text(out, line->message, line->message_len);
}

static int json_member(struct buf *out, const char *name, const char *p, size_t n)
{
	if (buf_printf(out, ",\"%s\":\"", name) < 0 || log_escape_json(out, p, n) < 0)
		return -1;
	return buf_add_char(out, '"');
}

/* "shop.orders" is a source and its table, "shop" a source, "plugin sqlite" or "a.yaml:1:2" neither. */
static int json_where(struct buf *out, const char *where)
{
	static const char name[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t n = strspn(where, name);

	if (n == 0 || *where == '-' || (where[n] != '\0' && where[n] != '.') || strchr(where, ':'))
		return json_member(out, "where", where, strlen(where));
	if (json_member(out, "source", where, n) < 0)
		return -1;
	if (where[n] == '\0')
		return 0;
	return json_member(out, "table", where + n + 1, strlen(where + n + 1));
}

static int line_json(struct buf *out, const struct line *line)
{
	char now[CLOCK_TEXT_MAX];

	clock_format(clock_wall_us(), now);
	if (buf_printf(out, "{\"time\":\"%s\",\"level\":\"%s\"", now, levels[line->level].name) < 0)
		return -1;
	if (line->where && json_where(out, line->where) < 0)
		return -1;
	if (line->code && json_member(out, "code", line->code, strlen(line->code)) < 0)
		return -1;
	if (json_member(out, "message", line->message, line->message_len) < 0)
		return -1;
	return buf_add_char(out, '}');
}

/* ---- Output --------------------------------------------------------------- */

/* Gives up when nobody reads: a run must not hang on its messages. */
static void write_bytes(int fd, const char *p, size_t n)
{
	while (n > 0) {
		struct pollfd pfd = {.fd = fd, .events = POLLOUT};
		ssize_t done;

		if (poll(&pfd, 1, LOG_WAIT_MS) == 0)
			return;
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		p += done;
		n -= (size_t)done;
	}
}

/* A SIGPIPE of this write is taken away before anybody else sees it. */
static void write_line(int fd, const char *p, size_t n)
{
	const struct timespec now = {0};
	sigset_t pipe_set, pending, before;
	int saved = errno;

	(void)sigemptyset(&pipe_set);
	(void)sigaddset(&pipe_set, SIGPIPE);
	(void)sigemptyset(&pending);
	(void)sigpending(&pending);
	if (sigismember(&pending, SIGPIPE) == 1) {
		write_bytes(fd, p, n);
	} else {
		(void)pthread_sigmask(SIG_BLOCK, &pipe_set, &before);
		write_bytes(fd, p, n);
		while (sigtimedwait(&pipe_set, NULL, &now) < 0 && errno == EINTR)
			;
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	errno = saved;
}

static int format_line(const struct log *log, const struct line *line, struct buf *out)
{
	int r;

	if (atomic_load(&log->format) == LOG_JSON)
		r = line_json(out, line);
	else
		r = line_text(out, line);
	return r < 0 ? r : buf_add_char(out, '\n');
}

/* Secrets go before the text is cut or escaped: afterwards they would not be recognised. */
static void emit(struct log *log, enum log_level level, const char *where, const char *code,
		 struct buf *message)
{
	static const char failed[] = "defsync: out of memory in a message\n";
	struct line line = {.level = level, .code = code};
	struct buf subject, out;
	int r;

	buf_init(&subject, LOG_FORMATTED_MAX);
	buf_init(&out, 8 * LOG_FORMATTED_MAX);
	r = buf_add_str(&subject, where ? where : "");
	(void)secrets_redact(log->secrets, &subject);
	(void)secrets_redact(log->secrets, message);
	line.where = where ? buf_str(&subject) : NULL;
	line.message = buf_str(message);
	line.message_len = message->len < LOG_MESSAGE_MAX ? message->len : LOG_MESSAGE_MAX;
	if (r < 0 || format_line(log, &line, &out) < 0)
		write_line(log->fd, failed, sizeof(failed) - 1);
	else
		write_line(log->fd, out.data, out.len);
	buf_done(&subject);
	buf_done(&out);
}

static enum log_level known_level(enum log_level level)
{
	return level >= LOG_ERROR && level <= LOG_DEBUG ? level : LOG_ERROR;
}

void log_write(struct log *log, enum log_level level, const char *where, const char *fmt, ...)
{
	struct buf message;
	va_list ap;
	int r;

	if (!log || !log_enabled(log, level))
		return;
	buf_init(&message, LOG_FORMATTED_MAX);
	va_start(ap, fmt);
	r = buf_vprintf(&message, fmt, ap);
	va_end(ap);
	if (r < 0)
		(void)buf_add_str(&message,
				  "a message that is too long or for which there is no memory");
	emit(log, known_level(level), where, NULL, &message);
	buf_done(&message);
}

void log_failure(struct log *log, const char *where, const struct error *err)
{
	struct buf message;

	if (!log || !log_enabled(log, LOG_ERROR))
		return;
	buf_init(&message, LOG_FORMATTED_MAX);
	if (buf_add_str(&message, error_text(err)) < 0)
		(void)buf_add_str(&message, error_class_name(err->class));
	emit(log, LOG_ERROR, where, error_class_name(err->class), &message);
	buf_done(&message);
}
