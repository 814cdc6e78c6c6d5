/* SPDX-License-Identifier: MIT */
/* From the options and the DSN to one configuration: an option wins over the DSN's part. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "my.h"

static const char *const tls_names[] = {
    [MY_TLS_OFF] = "disabled",
    [MY_TLS_REQUIRED] = "required",
    [MY_TLS_CA] = "verify_ca",
    [MY_TLS_IDENTITY] = "verify_identity",
};

bool my_tls_from_name(const char *name, enum my_tls *ret)
{
	size_t i;

	for (i = 0; i < sizeof(tls_names) / sizeof(tls_names[0]); i++) {
		if (strcasecmp(tls_names[i], name) == 0) {
			*ret = (enum my_tls)i;
			return true;
		}
	}
	return false;
}

const char *my_tls_name(enum my_tls tls)
{
	return tls_names[tls];
}

bool my_host_is_loopback(const char *host)
{
	unsigned dots = 0;
	const char *p;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0)
		return true;
	/* Only a literal: a name such as 127.example.org is someone else's. */
	for (p = host; *p; p++) {
		if (*p == '.')
			dots++;
		else if (*p < '0' || *p > '9')
			return false;
	}
	return dots == 3 && strncmp(host, "127.", 4) == 0;
}

static const char *pick(struct my_source *s, const struct defsync_options *options,
			const char *name, const char *of_dsn)
{
	const struct defsync_host *host = my_host(s);
	const char *value = host->option_string(host->ctx, options, name);

	if (!value)
		value = of_dsn;
	return value && *value ? value : NULL;
}

static int32_t read_dsn(struct my_source *s, const struct defsync_options *options)
{
	const struct defsync_host *host = my_host(s);
	const char *text = host->option_string(host->ctx, options, "dsn");
	const char *reason = NULL;

	/* As POSTGRES_DSN is for the postgres source. */
	if (!text && !host->option_is_set(host->ctx, options, "host") &&
	    !host->option_is_set(host->ctx, options, "socket"))
		text = getenv("MYSQL_DSN");
	if (!text)
		return 0;
	if (!my_dsn_parse(text, &s->dsn, &reason))
		return defsync_fail(host, DEFSYNC_E_CONFIG, "'dsn' %s", reason);
	if (s->dsn.password)
		host->secret(host->ctx, s->dsn.password, strlen(s->dsn.password));
	return 0;
}

static int32_t read_place(struct my_source *s, const struct defsync_options *options)
{
	const struct defsync_host *host = my_host(s);
	struct my_config *c = &s->config;

	c->socket = pick(s, options, "socket", s->dsn.socket);
	c->host = pick(s, options, "host", s->dsn.host);
	c->port = s->dsn.port ? s->dsn.port : 3306;
	if (host->option_is_set(host->ctx, options, "port"))
		c->port = (unsigned)host->option_int(host->ctx, options, "port");
	if (c->socket)
		c->host = NULL;
	else if (!c->host)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "no server is configured; set 'dsn', 'host' or 'socket'");
	c->local = c->socket || my_host_is_loopback(c->host);
	return 0;
}

static int32_t read_login(struct my_source *s, const struct defsync_options *options)
{
	const struct defsync_host *host = my_host(s);
	struct my_config *c = &s->config;

	c->database = pick(s, options, "database", s->dsn.database);
	c->user = pick(s, options, "user", s->dsn.user);
	c->password = pick(s, options, "password", s->dsn.password);
	c->password_file = pick(s, options, "password_file", NULL);
	if (c->password && c->password_file)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "'password' and 'password_file' are both set; keep one");
	if (!c->user)
		return defsync_fail(host, DEFSYNC_E_CONFIG,
				    "'user' is missing; name the user of the server");
	return 0;
}

static int32_t check_tls(struct my_source *s)
{
	const struct my_config *c = &s->config;

	if ((c->ssl_cert == NULL) != (c->ssl_key == NULL))
		return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
				    "'ssl_cert' and 'ssl_key' belong together; set both");
	if (c->tls == MY_TLS_OFF && (c->ssl_ca || c->ssl_cert))
		return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
				    "'ssl_mode' is disabled, but '%s' is set; remove one of them",
				    c->ssl_ca ? "ssl_ca" : "ssl_cert");
	if (c->tls == MY_TLS_CA && !c->ssl_ca)
		return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
				    "'ssl_mode' verify_ca needs 'ssl_ca', the authority's "
				    "certificate");
	if (c->tls == MY_TLS_CA && !my_has_verify_ca(mysql_get_client_version()))
		return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
				    "'ssl_mode' verify_ca is not known to the client library %s, "
				    "which would verify nothing; use verify_identity",
				    mysql_get_client_info());
	if (c->tls > MY_TLS_OFF && c->socket)
		return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
				    "'ssl_mode' %s is of no use over 'socket'; remove it",
				    my_tls_name(c->tls));
	return 0;
}

static int32_t read_tls(struct my_source *s, const struct defsync_options *options)
{
	struct my_config *c = &s->config;
	const char *mode = pick(s, options, "ssl_mode", s->dsn.ssl_mode);

	c->ssl_ca = pick(s, options, "ssl_ca", s->dsn.ssl_ca);
	c->ssl_cert = pick(s, options, "ssl_cert", s->dsn.ssl_cert);
	c->ssl_key = pick(s, options, "ssl_key", s->dsn.ssl_key);
	if (!mode)
		c->tls = c->socket || (c->local && !c->ssl_ca && !c->ssl_cert) ? MY_TLS_OFF
									       : MY_TLS_IDENTITY;
	else if (!my_tls_from_name(mode, &c->tls))
		return defsync_fail(my_host(s), DEFSYNC_E_CONFIG,
				    "'ssl_mode' is one of verify_identity, verify_ca, required "
				    "and disabled");
	return check_tls(s);
}

int32_t my_options_read(struct my_source *s, const struct defsync_options *options)
{
	const struct defsync_host *host = my_host(s);
	int32_t rc = read_dsn(s, options);

	if (rc == 0)
		rc = read_place(s, options);
	if (rc == 0)
		rc = read_login(s, options);
	if (rc == 0)
		rc = read_tls(s, options);
	s->config.connect_ms = host->option_int(host->ctx, options, "connect_timeout");
	s->config.read_ms = host->option_int(host->ctx, options, "read_timeout");
	s->reader.max_snapshot_ms = host->option_int(host->ctx, options, "max_snapshot");
	s->reader.page_rows = host->option_int(host->ctx, options, "page_rows");
	return rc;
}
