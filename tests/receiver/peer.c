/* SPDX-License-Identifier: MIT */
/* The client at the other end of a connection. */

#include <config.h>

#include "peer.h"

#include <stdlib.h>

#ifdef HAVE_GNUTLS
#include <gnutls/gnutls.h>
#endif

struct peer {
	int seen;
};

void peer_notify(void *ctx, struct MHD_Connection *connection, void **state,
		 enum MHD_ConnectionNotificationCode code)
{
	(void)ctx;
	(void)connection;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*state = calloc(1, sizeof(struct peer));
		return;
	}
	free(*state);
	*state = NULL;
}

/* A connection has one thread, so there is nobody to share this with. */
int peer_is_new(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *peer = info ? info->socket_context : NULL;

	if (!peer || peer->seen)
		return 0;
	peer->seen = 1;
	return 1;
}

#ifdef HAVE_GNUTLS

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	return info ? info->tls_session : NULL;
}

int peer_can_check(void)
{
	return 1;
}

/* The library asks for a certificate and looks at none. */
int peer_is_trusted(struct MHD_Connection *connection)
{
	gnutls_session_t session = session_of(connection);
	unsigned status = 0;

	return session && gnutls_certificate_verify_peers2(session, &status) == 0 && status == 0;
}

/* In TLS 1.3 the client believes by now that it is connected. */
void peer_refuse(struct MHD_Connection *connection)
{
	gnutls_session_t session = session_of(connection);
	unsigned n = 0;
	int shown = session && gnutls_certificate_get_peers(session, &n) && n > 0;

	if (session)
		(void)gnutls_alert_send(session, GNUTLS_AL_FATAL,
					shown ? GNUTLS_A_UNKNOWN_CA
					      : GNUTLS_A_CERTIFICATE_REQUIRED);
}

#else

int peer_can_check(void)
{
	return 0;
}

int peer_is_trusted(struct MHD_Connection *connection)
{
	(void)connection;
	return 0;
}

void peer_refuse(struct MHD_Connection *connection)
{
	(void)connection;
}

#endif
