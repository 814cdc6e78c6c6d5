/* SPDX-License-Identifier: MIT */
/* Sends answers, also the ones that no well-behaved server sends. */

#ifndef RECEIVER_RESPOND_H
#define RECEIVER_RESPOND_H

#include <microhttpd.h>

#include "server.h"

struct response {
	int status;
	char *body; /* taken over; NULL: out of memory */
	size_t len;
	const char *request_id;
	const struct reaction *reaction; /* NULL: nothing special */
};

/* What the handler returns: MHD_NO when the connection is to be closed. */
enum MHD_Result respond_take(struct server *s, struct MHD_Connection *connection,
			     const struct response *response);
/* RST instead of an answer. */
enum MHD_Result respond_reset(struct MHD_Connection *connection);
/* These bytes and the end of the connection; not through TLS. */
enum MHD_Result respond_raw(struct MHD_Connection *connection, const char *bytes, size_t n);
/* The same with the bytes of a file. */
enum MHD_Result respond_file(struct MHD_Connection *connection, const char *path);

#endif
