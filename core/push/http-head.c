/* SPDX-License-Identifier: MIT */
/* The head of a reply. */

#include "push/http-head.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"

void http_head_reset(struct http_head *h)
{
	*h = (struct http_head){.is_json = 1};
}

/* The value of a header when the line is `name`'s; else NULL. */
static const char *header_value(const char *line, size_t n, const char *name, size_t *ret_len)
{
	size_t at = strlen(name);

	if (n <= at || line[at] != ':' || strncasecmp(line, name, at) != 0)
		return NULL;
	at++;
	while (at < n && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (n > at && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' '))
		n--;
	*ret_len = n - at;
	return line + at;
}

static int is_json_type(const char *v, size_t n)
{
	static const char name[] = "application/json";
	size_t len = sizeof(name) - 1;

	return n >= len && strncasecmp(v, name, len) == 0 &&
	       (n == len || v[len] == ';' || v[len] == ' ');
}

/* A value that does not fit is not looked at. */
static void keep(char *out, size_t size, const char *v, size_t n)
{
	if (n >= size)
		return;
	memcpy(out, v, n);
	out[n] = '\0';
}

/* RFC 9112, 6.3: a message with lengths that differ is refused. */
static int take_length(struct http_head *h, const char *v, size_t n)
{
	int first = h->length[0] == '\0';

	h->unclear = n == 0 || n >= sizeof(h->length) ||
		     (!first && (strlen(h->length) != n || memcmp(h->length, v, n) != 0));
	if (h->unclear)
		return -1;
	keep(h->length, sizeof(h->length), v, n);
	return 0;
}

/* 100 and 103 come before the head that counts. */
static void begin(struct http_head *h)
{
	size_t bytes = h->bytes;

	http_head_reset(h);
	h->bytes = bytes;
}

int http_head_line(struct http_head *h, const char *line, size_t n)
{
	const char *v;
	size_t len;

	h->bytes += n;
	if (h->bytes > LIMIT_REPLY_HEADER_BYTES)
		return -1;
	if (n >= 5 && memcmp(line, "HTTP/", 5) == 0)
		begin(h);
	else if (n > 0 && (line[0] == '\r' || line[0] == '\n'))
		h->done = 1;
	else if ((v = header_value(line, n, "content-type", &len)) != NULL)
		h->is_json = is_json_type(v, len);
	else if ((v = header_value(line, n, "retry-after", &len)) != NULL)
		keep(h->retry_after, sizeof(h->retry_after), v, len);
	else if ((v = header_value(line, n, "content-length", &len)) != NULL)
		return take_length(h, v, len);
	return 0;
}
