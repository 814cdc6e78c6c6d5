/* SPDX-License-Identifier: MIT */
/* One request and its answer; the callbacks that the HTTP library calls. */

#ifndef RECEIVER_EXCHANGE_H
#define RECEIVER_EXCHANGE_H

#include <microhttpd.h>

/* `ctx` is the struct server. */
enum MHD_Result exchange_handle(void *ctx, struct MHD_Connection *connection, const char *url,
				const char *method, const char *version, const char *upload,
				size_t *upload_size, void **state);
void exchange_completed(void *ctx, struct MHD_Connection *connection, void **state,
			enum MHD_RequestTerminationCode why);

#endif
