/* SPDX-License-Identifier: MIT */
/*
 * mysql://user:password@host:port/database?ssl_mode=...  Pure.  Reasons name the part
 * that is wrong and never its text: what stands where a port should be may be the rest
 * of a password with an unescaped slash.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "my.h"

#define DSN_MAX 8192

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent escapes taken out, malloc'd; NULL when it is none or there is no memory. */
static char *unescape(const char *ptr, size_t len)
{
	char *out = malloc(len + 1);
	size_t i, n = 0;

	for (i = 0; out && i < len; i++) {
		int high, low;

		if (ptr[i] != '%') {
			out[n++] = ptr[i];
			continue;
		}
		high = i + 2 < len ? hex_digit((unsigned char)ptr[i + 1]) : -1;
		low = high >= 0 ? hex_digit((unsigned char)ptr[i + 2]) : -1;
		/* %00 would end the text early. */
		if (low < 0 || high * 16 + low == 0) {
			free(out);
			return NULL;
		}
		out[n++] = (char)(high * 16 + low);
		i += 2;
	}
	if (out)
		out[n] = '\0';
	return out;
}

static const char bad_escape[] =
    "has a '%' that is no percent escape; write '%' itself as %25 and other special characters "
    "as %XX";

static bool take(char **slot, const char *ptr, size_t len, const char **ret_reason)
{
	char *value = unescape(ptr, len);

	if (!value) {
		*ret_reason = bad_escape;
		return false;
	}
	free(*slot);
	*slot = value;
	return true;
}

static bool parse_port(const char *ptr, size_t len, struct my_dsn *d, const char **ret_reason)
{
	unsigned long port = 0;
	size_t i;

	for (i = 0; i < len && port <= 65535; i++) {
		if (ptr[i] < '0' || ptr[i] > '9')
			break;
		port = port * 10 + (unsigned long)(ptr[i] - '0');
	}
	if (i < len || port == 0 || port > 65535) {
		*ret_reason = "has a port that is no number from 1 to 65535; in a password write "
			      "'/' as %2F, '@' as %40, ':' as %3A, '?' as %3F and '#' as %23";
		return false;
	}
	d->port = (unsigned)port;
	return true;
}

/* host, host:port, [::1]:port */
static bool parse_host(const char *ptr, const char *end, struct my_dsn *d, const char **ret_reason)
{
	const char *host_end, *after;

	if (ptr < end && *ptr == '[') {
		host_end = memchr(ptr, ']', (size_t)(end - ptr));
		if (!host_end) {
			*ret_reason = "has an address without its closing ']'";
			return false;
		}
		ptr++;
		after = host_end + 1;
	} else {
		host_end = memchr(ptr, ':', (size_t)(end - ptr));
		if (!host_end)
			host_end = end;
		after = host_end;
	}
	if (host_end > ptr && !take(&d->host, ptr, (size_t)(host_end - ptr), ret_reason))
		return false;
	if (after == end)
		return true;
	if (*after != ':') {
		*ret_reason = "has something behind the address that is no port";
		return false;
	}
	return parse_port(after + 1, (size_t)(end - after - 1), d, ret_reason);
}

static bool parse_authority(const char *ptr, const char *end, struct my_dsn *d,
			    const char **ret_reason)
{
	const char *at = NULL, *colon, *p;

	for (p = ptr; p < end; p++)
		at = *p == '@' ? p : at;
	if (!at)
		return parse_host(ptr, end, d, ret_reason);
	colon = memchr(ptr, ':', (size_t)(at - ptr));
	if (!take(&d->user, ptr, (size_t)((colon ? colon : at) - ptr), ret_reason))
		return false;
	if (colon && !take(&d->password, colon + 1, (size_t)(at - colon - 1), ret_reason))
		return false;
	return parse_host(at + 1, end, d, ret_reason);
}

static char **find_slot(struct my_dsn *d, const char *name, size_t len)
{
	const struct {
		const char *name;
		char **slot;
	} slots[] = {
	    {"ssl_mode", &d->ssl_mode}, {"ssl-mode", &d->ssl_mode}, {"ssl_ca", &d->ssl_ca},
	    {"ssl-ca", &d->ssl_ca},	{"ssl_cert", &d->ssl_cert}, {"ssl-cert", &d->ssl_cert},
	    {"ssl_key", &d->ssl_key},	{"ssl-key", &d->ssl_key},   {"socket", &d->socket},
	};
	size_t i;

	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (strlen(slots[i].name) == len && strncasecmp(slots[i].name, name, len) == 0)
			return slots[i].slot;
	}
	return NULL;
}

static bool parse_parameter(const char *ptr, size_t len, struct my_dsn *d, const char **ret_reason)
{
	const char *eq = memchr(ptr, '=', len);
	char **slot = eq ? find_slot(d, ptr, (size_t)(eq - ptr)) : NULL;

	if (!slot) {
		*ret_reason = "has an unknown parameter behind '?'; it may have ssl_mode, ssl_ca, "
			      "ssl_cert, ssl_key and socket";
		return false;
	}
	return take(slot, eq + 1, len - (size_t)(eq + 1 - ptr), ret_reason);
}

static bool parse_query(const char *ptr, struct my_dsn *d, const char **ret_reason)
{
	while (*ptr) {
		size_t len = strcspn(ptr, "&");

		if (len && !parse_parameter(ptr, len, d, ret_reason))
			return false;
		ptr += len + (ptr[len] == '&');
	}
	return true;
}

static bool parse(const char *text, struct my_dsn *d, const char **ret_reason)
{
	static const char *const schemes[] = {"mysql://", "mariadb://"};
	const char *end, *path_end;
	size_t i, skip = 0;

	for (i = 0; i < 2; i++) {
		if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
			skip = strlen(schemes[i]);
	}
	if (!skip || strlen(text) > DSN_MAX) {
		*ret_reason = "is no URI mysql://user:password@host:port/database";
		return false;
	}
	text += skip;
	end = text + strcspn(text, "/?#");
	if (strchr(end, '#')) {
		*ret_reason = "has a '#', which is written as %23";
		return false;
	}
	if (!parse_authority(text, end, d, ret_reason))
		return false;
	path_end = end + strcspn(end, "?");
	if (*end == '/') {
		if (memchr(end + 1, '/', (size_t)(path_end - end - 1))) {
			*ret_reason = "has more than one '/' behind the host; in a name or "
				      "password write it as %2F";
			return false;
		}
		if (path_end > end + 1 &&
		    !take(&d->database, end + 1, (size_t)(path_end - end - 1), ret_reason))
			return false;
	}
	return *path_end != '?' || parse_query(path_end + 1, d, ret_reason);
}

bool my_dsn_parse(const char *text, struct my_dsn *ret, const char **ret_reason)
{
	struct my_dsn d = {0};

	if (!parse(text, &d, ret_reason)) {
		my_dsn_done(&d);
		return false;
	}
	*ret = d;
	return true;
}

void my_dsn_done(struct my_dsn *dsn)
{
	if (dsn->password)
		explicit_bzero(dsn->password, strlen(dsn->password));
	free(dsn->user);
	free(dsn->password);
	free(dsn->host);
	free(dsn->database);
	free(dsn->socket);
	free(dsn->ssl_mode);
	free(dsn->ssl_ca);
	free(dsn->ssl_cert);
	free(dsn->ssl_key);
	*dsn = (struct my_dsn){0};
}
