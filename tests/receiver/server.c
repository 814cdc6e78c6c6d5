/* SPDX-License-Identifier: MIT */
/* The HTTP server around the intake: its life. */

#include "server.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "action.h"
#include "exchange.h"
#include "peer.h"

/* Of a connection: headers, and the chunk in which a body is read. */
#define CONNECTION_BYTES ((size_t)256 * 1024)
#define IDLE_SECONDS 300U

struct scenario_list {
	struct scenario *scenario;
	struct scenario_list *older;
};

static void log_library(void *ctx, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void log_library(void *ctx, const char *format, va_list args)
{
	const struct server *s = ctx;

	if (s->quiet)
		return;
	fputs("defsync-receiver: http: ", stderr);
	vfprintf(stderr, format, args);
}

static struct addrinfo *resolve(const struct server *s, char **ret_error)
{
	const struct addrinfo hints = {
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	    .ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	int rc = getaddrinfo(s->host, s->port, &hints, &found);

	if (rc == 0)
		return found;
	scenario_error(ret_error, "listen: %s: '%s:%s'", gai_strerror(rc), s->host, s->port);
	return NULL;
}

static struct MHD_Daemon *start_daemon(struct server *s, const struct addrinfo *address)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
			 MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	const struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)s->tls_cert},
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)s->tls_key},
	    {MHD_OPTION_END, 0, NULL},
	};
	const struct MHD_OptionItem trust[] = {
	    {MHD_OPTION_HTTPS_MEM_TRUST, 0, (void *)s->tls_client_ca},
	    {MHD_OPTION_END, 0, NULL},
	};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	if (s->tls_cert)
		flags |= MHD_USE_TLS;
	if (address->ai_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	/* The logger first: options are applied in order and may complain. */
	return MHD_start_daemon(
	    flags, 0, NULL, NULL, exchange_handle, s, MHD_OPTION_EXTERNAL_LOGGER, log_library, s,
	    MHD_OPTION_SOCK_ADDR, address->ai_addr, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed,
	    s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
	    IDLE_SECONDS, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_NOTIFY_CONNECTION,
	    peer_notify, NULL, MHD_OPTION_ARRAY, s->tls_cert ? tls : none, MHD_OPTION_ARRAY,
	    s->tls_client_ca ? trust : none, MHD_OPTION_END);
}

void server_init(struct server *s)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->stop, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

int server_start(struct server *s, char **ret_error)
{
	struct addrinfo *address;

	if (s->tls_cert && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
		return scenario_error(ret_error, "this libmicrohttpd was built without TLS");
	if (s->tls_client_ca && !peer_can_check())
		return scenario_error(ret_error,
				      "built without GnuTLS, which --tls-client-ca needs");
	address = resolve(s, ret_error);
	if (!address)
		return -1;
	errno = 0;
	s->daemon = start_daemon(s, address);
	freeaddrinfo(address);
	if (s->daemon)
		return 0;
	return scenario_error(ret_error, "listen: '%s:%s': %s", s->host, s->port,
			      errno ? strerror(errno) : "the certificate or key is refused");
}

unsigned server_port(const struct server *s)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info ? info->port : 0;
}

int server_set_scenario_take(struct server *s, struct scenario *scenario)
{
	struct scenario_list *entry = calloc(1, sizeof(*entry));

	if (!entry) {
		scenario_destroy(scenario);
		return -1;
	}
	entry->scenario = scenario;
	pthread_mutex_lock(&s->lock);
	entry->older = s->scenarios;
	s->scenarios = entry;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

struct scenario *server_scenario(struct server *s)
{
	struct scenario *scenario;

	pthread_mutex_lock(&s->lock);
	scenario = s->scenarios ? s->scenarios->scenario : NULL;
	pthread_mutex_unlock(&s->lock);
	return scenario;
}

void server_stop(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = 1;
	pthread_cond_broadcast(&s->stop);
	pthread_mutex_unlock(&s->lock);
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	s->daemon = NULL;
	while (s->scenarios) {
		struct scenario_list *entry = s->scenarios;

		s->scenarios = entry->older;
		scenario_destroy(entry->scenario);
		free(entry);
	}
	pthread_cond_destroy(&s->stop);
	pthread_mutex_destroy(&s->lock);
}

void server_pause(struct server *s, unsigned ms)
{
	struct timespec until;

	if (ms == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&s->lock);
	while (!s->stopping && pthread_cond_timedwait(&s->stop, &s->lock, &until) != ETIMEDOUT)
		continue;
	pthread_mutex_unlock(&s->lock);
}
