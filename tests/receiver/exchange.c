/* SPDX-License-Identifier: MIT */
/* One request and its answer. */

#include "exchange.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "head.h"
#include "inflate.h"
#include "peer.h"
#include "reply.h"
#include "respond.h"

struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	uint64_t number; /* of the requests for the stream's path; 0: another path */
	char *request_id;
	int gzip;
	/* Up to one byte more than allowed: too much is refused, not kept. */
	char *body;
	size_t n;
	size_t cap;
	int no_memory;
	int stranger;		/* no certificate although one is needed */
	struct refusal refusal; /* status 0: none */
};

/* What is known of a batch while it is being answered. */
struct batch {
	struct stream_request request;
	struct slice body;
	char *decoded;
	struct taken taken;
	const struct action *action;
};

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void count_running(struct server *s)
{
	uint_fast64_t running = atomic_fetch_add(&s->running, 1) + 1;
	uint_fast64_t peak = atomic_load(&s->peak);

	while (running > peak && !atomic_compare_exchange_weak(&s->peak, &peak, running))
		continue;
}

static struct exchange *begin(struct server *s, struct MHD_Connection *connection, const char *url,
			      const char *method)
{
	const struct head head = {
	    .path = url,
	    .method = method,
	    .authorization = header(connection, "Authorization"),
	    .content_type = header(connection, "Content-Type"),
	    .content_encoding = header(connection, "Content-Encoding"),
	};
	const struct head_rules rules = {.path = s->path, .key = s->key, .gzip = s->gzip};
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->server = s;
	x->connection = connection;
	x->request_id = head_request_id(header(connection, "X-Request-Id"));
	if (!x->request_id) {
		free(x);
		return NULL;
	}
	x->stranger = s->tls_client_ca && !peer_is_trusted(connection);
	if (x->stranger) {
		refuse(&x->refusal, 403, NULL, "no certificate");
		return x;
	}
	head_check(&head, &rules, &x->gzip, &x->refusal);
	if (strcmp(url, s->path) == 0) {
		atomic_fetch_add(&s->connections, (uint_fast64_t)peer_is_new(connection));
		x->number = atomic_fetch_add(&s->requests, 1) + 1;
		count_running(s);
	}
	return x;
}

void exchange_completed(void *ctx, struct MHD_Connection *connection, void **state,
			enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *state;

	(void)ctx;
	(void)connection;
	(void)why;
	if (!x)
		return;
	if (x->number)
		atomic_fetch_sub(&x->server->running, 1);
	refusal_done(&x->refusal);
	free(x->request_id);
	free(x->body);
	free(x);
	*state = NULL;
}

static void append(struct exchange *x, const char *bytes, size_t n)
{
	size_t limit = x->server->intake->contract.body_bytes + 1;

	/* Read to its end, so that the client hears the answer, but for nothing. */
	if (x->refusal.status || x->no_memory)
		return;
	if (n > limit - x->n)
		n = limit - x->n;
	if (x->n + n > x->cap) {
		size_t cap = x->cap ? x->cap * 2 : 65536;
		char *body;

		while (cap < x->n + n)
			cap *= 2;
		body = realloc(x->body, cap);
		if (!body) {
			x->no_memory = 1;
			return;
		}
		x->body = body;
		x->cap = cap;
	}
	memcpy(x->body + x->n, bytes, n);
	x->n += n;
}

static void log_answer(const struct exchange *x, int status, const struct batch *b)
{
	if (x->server->quiet || !x->number)
		return;
	fprintf(stderr, "defsync-receiver: %llu: %d %s %s rows=%zu taken=%zu bytes=%zu %s\n",
		(unsigned long long)x->number, status,
		b && b->request.table ? b->request.table : "-",
		b && b->request.table ? request_mode_name(b->request.mode) : "-",
		b ? b->request.n_rows : 0, b ? b->taken.rows : 0, x->n, x->request_id);
}

static enum MHD_Result answer_take(const struct exchange *x, const struct batch *b, int status,
				   char *body, const struct reaction *reaction)
{
	const struct response response = {
	    .status = status,
	    .body = body,
	    .len = body ? strlen(body) : 0,
	    .request_id = x->request_id,
	    .reaction = reaction,
	};

	log_answer(x, status, b);
	return respond_take(x->server, x->connection, &response);
}

/* What is sent for a scenario's body, which may hold any bytes. */
static char *scripted_body(const struct reaction *r, size_t *ret_len)
{
	char *body;

	if (!r->body) {
		body = reply_detail("refused by the scenario");
		*ret_len = body ? strlen(body) : 0;
		return body;
	}
	body = malloc(r->body_len + 1);
	if (body)
		memcpy(body, r->body, r->body_len);
	*ret_len = r->body_len;
	return body;
}

static int is_no_response(const struct reaction *r)
{
	return r->reset || r->raw || r->raw_file;
}

static enum MHD_Result respond_otherwise(const struct exchange *x, const struct reaction *r)
{
	if (r->reset)
		return respond_reset(x->connection);
	return r->raw_file ? respond_file(x->connection, r->raw_file)
			   : respond_raw(x->connection, r->raw, r->raw_len);
}

/* The scenario's answer; `body` (taken over) and `status` are the normal ones, if any. */
static enum MHD_Result react_take(const struct exchange *x, const struct batch *b,
				  const struct reaction *r, int status, char *body)
{
	struct response response = {
	    .status = r->status	    ? r->status
		      : r->location ? 307
		      : status	    ? status
				    : 200,
	    .body = body,
	    .len = body ? strlen(body) : 0,
	    .request_id = x->request_id,
	    .reaction = r,
	};

	server_pause(x->server, r->delay_ms);
	log_answer(x, is_no_response(r) ? 0 : response.status, b);
	if (is_no_response(r)) {
		free(body);
		return respond_otherwise(x, r);
	}
	if (r->body || !body || r->status >= 300) {
		free(body);
		response.body = scripted_body(r, &response.len);
	}
	if (response.status == MHD_HTTP_NO_CONTENT)
		response.len = 0;
	return respond_take(x->server, x->connection, &response);
}

/* A server that cannot keep its word ends, without an answer that claims otherwise. */
static void fail(const struct exchange *x)
{
	fprintf(stderr, "defsync-receiver: %s\n", x->refusal.text ? x->refusal.text : "failed");
	atomic_store(&x->server->failed, 1);
	kill(getpid(), SIGTERM);
}

static int decode(struct exchange *x, struct batch *b)
{
	const struct contract *c = &x->server->intake->contract;
	size_t n = 0;

	b->body = (struct slice){.at = x->body ? x->body : "", .len = x->n};
	if (x->no_memory)
		return refuse(&x->refusal, 503, NULL, "out of memory");
	if (x->n > c->body_bytes)
		return refuse(&x->refusal, 413, NULL, "the body is larger than %zu bytes",
			      c->body_bytes);
	if (!x->gzip)
		return 0;
	switch (inflate_gzip(b->body.at, b->body.len, c->body_bytes, &b->decoded, &n)) {
	case INFLATED:
		b->body = (struct slice){.at = b->decoded, .len = n};
		return 0;
	case INFLATED_TOO_LARGE:
		return refuse(&x->refusal, 413, NULL, "the decoded body is larger than %zu bytes",
			      c->body_bytes);
	case INFLATED_BROKEN:
		return refuse(&x->refusal, 400, NULL, "the body is not valid gzip");
	default:
		return refuse(&x->refusal, 503, NULL, "out of memory");
	}
}

static enum MHD_Result take_batch(struct exchange *x, struct batch *b)
{
	const struct reaction *reaction = b->action ? &b->action->answer : NULL;
	char *reply;
	int rc = x->refusal.status ? -1
				   : intake_take(x->server->intake, &b->request, b->body,
						 x->request_id, b->action, &b->taken, &x->refusal);

	if (rc == -2)
		fail(x);
	if (rc < 0)
		return answer_take(x, b, x->refusal.status, reply_refused(&x->refusal), NULL);
	reply = reply_taken(&b->request, &b->taken, x->request_id, b->action);
	taken_done(&b->taken);
	return reaction ? react_take(x, b, reaction, MHD_HTTP_OK, reply)
			: answer_take(x, b, MHD_HTTP_OK, reply, NULL);
}

static const struct action *find_action(struct exchange *x, const struct batch *b)
{
	const struct scenario_event event = {
	    .request = x->number,
	    .table = b ? b->request.table : NULL,
	    .body = b ? b->body : (struct slice){.at = "", .len = 0},
	    .early = b == NULL,
	};

	return scenario_match(server_scenario(x->server), &event);
}

static enum MHD_Result answer_batch(struct exchange *x)
{
	struct batch b = {0};
	enum MHD_Result rc;

	if (decode(x, &b) == 0)
		request_parse(b.body, &x->server->intake->contract, &b.request, &x->refusal);
	b.action = find_action(x, &b);
	if (b.action)
		server_pause(x->server, b.action->delay_ms);
	if (b.action && !b.action->accept)
		rc = react_take(x, &b, &b.action->answer, 0, NULL);
	else
		rc = take_batch(x, &b);
	request_done(&b.request);
	free(b.decoded);
	return rc;
}

static enum MHD_Result answer_stats(const struct exchange *x)
{
	struct server *s = x->server;
	struct intake *in = s->intake;
	json_t *stats;
	char *text;

	pthread_mutex_lock(&in->lock);
	stats = json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I}", "requests", (json_int_t)atomic_load(&s->requests),
	    "connections", (json_int_t)atomic_load(&s->connections), "accepted",
	    (json_int_t)in->batches, "rows", (json_int_t)in->rows, "bytes", (json_int_t)in->bytes,
	    "peak_concurrency", (json_int_t)atomic_load(&s->peak));
	pthread_mutex_unlock(&in->lock);
	text = stats ? json_dumps(stats, JSON_COMPACT) : NULL;
	json_decref(stats);
	return answer_take(x, NULL, MHD_HTTP_OK, text, NULL);
}

/* Before the body: an early rule answers now, everything else waits for the end. */
static enum MHD_Result answer_early(struct exchange *x)
{
	const struct action *action = x->refusal.status ? NULL : find_action(x, NULL);

	if (!action)
		return MHD_YES;
	server_pause(x->server, action->delay_ms);
	return react_take(x, NULL, &action->answer, 0, NULL);
}

enum MHD_Result exchange_handle(void *ctx, struct MHD_Connection *connection, const char *url,
				const char *method, const char *version, const char *upload,
				size_t *upload_size, void **state)
{
	struct exchange *x = *state;

	(void)version;
	if (!x) {
		x = begin(ctx, connection, url, method);
		*state = x;
		return x ? answer_early(x) : MHD_NO;
	}
	if (*upload_size > 0) {
		append(x, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (x->stranger) {
		peer_refuse(connection);
		return MHD_NO;
	}
	if (strcmp(url, "/_receiver/stats") == 0 && strcmp(method, "GET") == 0)
		return answer_stats(x);
	if (x->refusal.status)
		return answer_take(x, NULL, x->refusal.status, reply_refused(&x->refusal), NULL);
	return answer_batch(x);
}
