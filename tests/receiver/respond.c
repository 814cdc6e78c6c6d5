/* SPDX-License-Identifier: MIT */
/* Sends answers, also the ones that no well-behaved server sends. */

#define _GNU_SOURCE

#include "respond.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A slow body leaves in that many pieces a second. */
#define SLICES 20

/* A client that reads nothing for so long gets no more raw bytes. */
#define RAW_PATIENCE_MS 10000

/* A body that is padded, cut or slow. */
struct stream {
	struct server *server;
	char *body;
	size_t len;
	uint64_t end; /* where it is cut, or its length */
	int cut;
	unsigned bytes_per_second;
};

static ssize_t stream_read(void *ctx, uint64_t pos, char *out, size_t max)
{
	struct stream *s = ctx;
	size_t n = max;
	size_t own = 0;

	if (pos >= s->end)
		return s->cut ? MHD_CONTENT_READER_END_WITH_ERROR
			      : MHD_CONTENT_READER_END_OF_STREAM;
	if (s->bytes_per_second) {
		size_t slice = s->bytes_per_second / SLICES;

		if (n > slice)
			n = slice ? slice : 1;
		server_pause(s->server, slice ? 1000 / SLICES : 1000 / s->bytes_per_second);
	}
	if (n > s->end - pos)
		n = (size_t)(s->end - pos);
	if (pos < s->len) {
		own = n < s->len - pos ? n : (size_t)(s->len - pos);
		memcpy(out, s->body + pos, own);
	}
	memset(out + own, ' ', n - own);
	return (ssize_t)n;
}

static void stream_free(void *ctx)
{
	struct stream *s = ctx;

	free(s->body);
	free(s);
}

static struct MHD_Response *make_stream_take(struct server *server, char *body, size_t len,
					     const struct reaction *r)
{
	struct stream *s = calloc(1, sizeof(*s));
	uint64_t total = len + (uint64_t)r->pad_bytes;
	struct MHD_Response *response;

	if (!s) {
		free(body);
		return NULL;
	}
	*s = (struct stream){
	    .server = server,
	    .body = body,
	    .len = len,
	    .end = total,
	    .bytes_per_second = r->bytes_per_second,
	};
	if (r->cut_after >= 0 && (uint64_t)r->cut_after < total) {
		s->end = (uint64_t)r->cut_after;
		s->cut = 1;
	}
	response = MHD_create_response_from_callback(total, 65536, stream_read, s, stream_free);
	if (!response)
		stream_free(s);
	return response;
}

static struct MHD_Response *make_take(struct server *server, const struct response *from)
{
	const struct reaction *r = from->reaction;
	struct MHD_Response *response;

	if (r && (r->pad_bytes || r->cut_after >= 0 || r->bytes_per_second))
		return make_stream_take(server, from->body, from->len, r);
	response = MHD_create_response_from_buffer(from->len, from->body, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(from->body);
	return response;
}

static void add_headers(struct MHD_Response *response, const struct response *from)
{
	const struct reaction *r = from->reaction;
	const char *type = r && r->content_type ? r->content_type : "application/json";
	const char *name;
	json_t *value;

	MHD_add_response_header(response, "Content-Type", type);
	if (from->request_id)
		MHD_add_response_header(response, "X-Request-Id", from->request_id);
	if (from->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "POST");
	if (from->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (r && r->location)
		MHD_add_response_header(response, "Location", r->location);
	if (!r)
		return;
	json_object_foreach((json_t *)r->headers, name, value)
	{
		MHD_add_response_header(response, name, json_string_value(value));
	}
}

enum MHD_Result respond_take(struct server *s, struct MHD_Connection *connection,
			     const struct response *from)
{
	struct MHD_Response *response = from->body ? make_take(s, from) : NULL;
	enum MHD_Result rc;

	if (!response)
		return MHD_NO;
	add_headers(response, from);
	rc = MHD_queue_response(connection, (unsigned)from->status, response);
	MHD_destroy_response(response);
	return rc;
}

static int connection_fd(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return info ? info->connect_fd : -1;
}

/*
 * The library shuts a socket down before it closes it, which sends FIN.  Closing
 * behind its back, by putting another socket in the descriptor's place, with
 * no time to linger is what sends RST.
 */
enum MHD_Result respond_reset(struct MHD_Connection *connection)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	int fd = connection_fd(connection);
	int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && other >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		dup3(other, fd, O_CLOEXEC);
	}
	if (other >= 0)
		close(other);
	return MHD_NO;
}

/* The library's sockets do not block. */
static int wait_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, RAW_PATIENCE_MS) > 0;
}

static int send_all(int fd, const char *bytes, size_t n)
{
	while (fd >= 0 && n > 0) {
		ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);

		if (done < 0 && (errno == EINTR || (errno == EAGAIN && wait_writable(fd))))
			continue;
		if (done <= 0)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

enum MHD_Result respond_raw(struct MHD_Connection *connection, const char *bytes, size_t n)
{
	(void)send_all(connection_fd(connection), bytes, n);
	return MHD_NO;
}

enum MHD_Result respond_file(struct MHD_Connection *connection, const char *path)
{
	int fd = connection_fd(connection);
	FILE *in = fopen(path, "re");
	char bytes[65536];
	size_t n;

	if (!in)
		fprintf(stderr, "defsync-receiver: raw_file: '%s': %s\n", path, strerror(errno));
	while (in && (n = fread(bytes, 1, sizeof(bytes), in)) > 0 && send_all(fd, bytes, n) == 0)
		continue;
	if (in)
		fclose(in);
	return MHD_NO;
}
