/* SPDX-License-Identifier: MIT */
/* The head of a reply, line by line as libcurl hands it over.  Pure; hostile input. */

#ifndef PUSH_HTTP_HEAD_H
#define PUSH_HTTP_HEAD_H

#include <stddef.h>

struct http_head {
	size_t bytes; /* of all heads of this exchange: 1xx may come without end */
	int done;     /* the empty line at its end came */
	int is_json;  /* content type says so, or there is none */
	int unclear;  /* two lengths that differ: where the reply ends is anybody's guess */
	char retry_after[64], length[32]; /* values or "" */
};

void http_head_reset(struct http_head *h);

/* One line with its line end; -1 when the reply is not to be read on. */
int http_head_line(struct http_head *h, const char *line, size_t n);

#endif
