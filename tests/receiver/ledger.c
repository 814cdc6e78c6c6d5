/* SPDX-License-Identifier: MIT */
/* The ledger: one JSON line per accepted batch, on the disk before the answer. */

#define _GNU_SOURCE

#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ledger {
	int fd;
	int with_rows;
	int64_t last_seq;
};

/* The last `n` bytes, or all when there are fewer; NUL-terminated. */
static char *read_tail(int fd, off_t size, size_t *n)
{
	char *tail;

	if ((off_t)*n > size)
		*n = (size_t)size;
	tail = calloc(1, *n + 1);
	if (tail && pread(fd, tail, *n, size - (off_t)*n) == (ssize_t)*n)
		return tail;
	free(tail);
	return NULL;
}

/* Where the last whole line ends, and what it is: NULL when there is none. */
static int find_end(int fd, off_t *ret_end, char **ret_line)
{
	off_t size = lseek(fd, 0, SEEK_END);
	size_t n = 4096;

	*ret_line = NULL;
	*ret_end = 0;
	for (;; n *= 2) {
		char *tail = size < 0 ? NULL : read_tail(fd, size, &n);
		char *end = tail ? memrchr(tail, '\n', n) : NULL;
		char *before = end ? memrchr(tail, '\n', (size_t)(end - tail)) : NULL;

		if (!tail)
			return -1;
		if (before || (off_t)n == size) {
			if (end) {
				*ret_end = size - (off_t)n + (end - tail) + 1;
				*end = '\0';
				*ret_line = strdup(before ? before + 1 : tail);
			}
			free(tail);
			return 0;
		}
		free(tail);
	}
}

static int resume(struct ledger *ledger)
{
	char *line;
	off_t end;
	json_t *last;

	if (find_end(ledger->fd, &end, &line) < 0)
		return -1;
	last = line ? json_loads(line, 0, NULL) : NULL;
	ledger->last_seq = json_integer_value(json_object_get(last, "seq"));
	json_decref(last);
	free(line);
	return ftruncate(ledger->fd, end);
}

struct ledger *ledger_open(const char *path, int with_rows, char **ret_error)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return NULL;
	ledger->with_rows = with_rows;
	ledger->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (ledger->fd < 0 || resume(ledger) < 0) {
		*ret_error = strdup(strerror(errno));
		ledger_close(ledger);
		return NULL;
	}
	return ledger;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	if (ledger->fd >= 0)
		close(ledger->fd);
	free(ledger);
}

int64_t ledger_last_seq(const struct ledger *ledger)
{
	return ledger->last_seq;
}

static void print_sha256(FILE *out, struct slice body)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!EVP_Digest(body.at, body.len, digest, &n, EVP_sha256(), NULL))
		n = 0;
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%02x", digest[i]);
}

/* Line feeds are legal between the parts of a row, but not inside of its strings. */
static void print_row(FILE *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		putc(text.at[i] == '\n' || text.at[i] == '\r' ? ' ' : text.at[i], out);
}

static void print_rows(FILE *out, const struct ledger_batch *batch)
{
	const struct stream_request *r = batch->request;

	for (size_t i = 0; i < r->n_rows; i++) {
		if (batch->refused && batch->refused[i])
			continue;
		fprintf(out, "{\"seq\":%lld,\"row\":%zu,\"table\":", (long long)batch->seq, i);
		json_dumpf(json_object_get(r->config, "table"), out, JSON_ENCODE_ANY);
		fputs(",\"data\":", out);
		print_row(out, r->rows[i].text);
		fputs("}\n", out);
	}
}

static void print_batch(FILE *out, const struct ledger_batch *batch)
{
	const struct stream_request *r = batch->request;

	/* The request id has no character that JSON would want escaped. */
	fprintf(out, "{\"seq\":%lld,\"request_id\":\"%s\",\"table\":", (long long)batch->seq,
		batch->request_id);
	json_dumpf(json_object_get(r->config, "table"), out, JSON_ENCODE_ANY);
	fprintf(out, ",\"mode\":\"%s\",\"rows\":%zu,\"bytes\":%zu,\"sha256\":\"",
		request_mode_name(r->mode), batch->rows, batch->body.len);
	print_sha256(out, batch->body);
	fprintf(out, "\",\"at\":\"%s\"}\n", batch->at);
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int ledger_append(struct ledger *ledger, const struct ledger_batch *batch)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	int rc = -1;

	if (!out)
		return -1;
	if (ledger->with_rows)
		print_rows(out, batch);
	print_batch(out, batch);
	if (fclose(out) == 0)
		rc = write_all(ledger->fd, text, n);
	free(text);
	if (rc == 0)
		rc = fsync(ledger->fd);
	return rc;
}
