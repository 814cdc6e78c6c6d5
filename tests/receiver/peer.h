/* SPDX-License-Identifier: MIT */
/* The client at the other end of a connection. */

#ifndef RECEIVER_PEER_H
#define RECEIVER_PEER_H

#include <microhttpd.h>

/* For MHD_OPTION_NOTIFY_CONNECTION: what is known of a connection. */
void peer_notify(void *ctx, struct MHD_Connection *connection, void **state,
		 enum MHD_ConnectionNotificationCode code);

/* 1 at the first call for this connection, then 0. */
int peer_is_new(struct MHD_Connection *connection);

/* Was this program built with what peer_is_trusted needs? */
int peer_can_check(void);
/* It has shown a certificate of the authority that the daemon trusts. */
int peer_is_trusted(struct MHD_Connection *connection);
/* The fatal alert of a server that wants one; the connection is to be closed then. */
void peer_refuse(struct MHD_Connection *connection);

#endif
