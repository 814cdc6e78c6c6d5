/* SPDX-License-Identifier: MIT */
/* What the options say, and which of them belong to which method. */

#include <string.h>

#include "mk.h"

static const char *const methods[] = {
    [MK_REDACT] = "redact",	  [MK_KEEP_FIRST] = "keep_first", [MK_KEEP_LAST] = "keep_last",
    [MK_SHA256] = "sha256",	  [MK_HMAC] = "hmac-sha256",	  [MK_NULL] = "null",
    [MK_PSEUDONYM] = "pseudonym",
};

#define BIT(method) (1u << (method))
#define KEEPS (BIT(MK_KEEP_FIRST) | BIT(MK_KEEP_LAST))
#define KEYED (BIT(MK_HMAC) | BIT(MK_PSEUDONYM))

/* An option that would do nothing is a mistake about what is hidden. */
static const struct {
	const char *name;
	unsigned methods;
	const char *words;
} uses[] = {
    {"key", KEYED, "hmac-sha256 and pseudonym"},
    {"n", KEEPS, "keep_first and keep_last"},
    {"text", BIT(MK_REDACT), "redact"},
    {"fill", KEEPS, "keep_first and keep_last"},
    {"prefix", KEYED | BIT(MK_SHA256), "sha256, hmac-sha256 and pseudonym"},
};

static enum mk_method method_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i], name) == 0)
			return (enum mk_method)i;
	}
	return MK_NULL;
}

static int32_t check_uses(const struct mask *m, const struct defsync_options *o)
{
	const struct defsync_host *h = m->host;
	size_t i;

	for (i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (!(uses[i].methods & BIT(m->method)) &&
		    h->option_is_set(h->ctx, o, uses[i].name))
			return defsync_fail(h, DEFSYNC_E_CONFIG,
					    "'%s' has no meaning with method '%s'; it is for %s",
					    uses[i].name, methods[m->method], uses[i].words);
	}
	return DEFSYNC_OK;
}

static int32_t read_columns(struct mask *m, const struct defsync_options *o)
{
	const struct defsync_host *h = m->host;
	uint32_t i, k;

	m->n_columns = h->option_count(h->ctx, o, "columns");
	if (m->n_columns == 0)
		return defsync_fail(h, DEFSYNC_E_CONFIG, "columns: none is named");
	m->columns = pool_alloc(&m->reshape.pool, m->n_columns, sizeof(*m->columns));
	if (!m->columns)
		return reshape_nomem(h);
	for (i = 0; i < m->n_columns; i++) {
		m->columns[i] = h->option_item(h->ctx, o, "columns", i);
		for (k = 0; k < i; k++) {
			if (strcmp(m->columns[k], m->columns[i]) == 0)
				return defsync_fail(h, DEFSYNC_E_CONFIG, "columns: '%s' twice",
						    m->columns[i]);
		}
	}
	return DEFSYNC_OK;
}

static bool is_one_character(const char *s)
{
	size_t i, n = 0;

	for (i = 0; s[i]; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n == 1 && i <= MK_CHARACTER;
}

static int32_t read_texts(struct mask *m, const struct defsync_options *o)
{
	const struct defsync_host *h = m->host;
	const char *prefix = h->option_string(h->ctx, o, "prefix");

	m->text = h->option_string(h->ctx, o, "text");
	m->fill = h->option_string(h->ctx, o, "fill");
	m->prefix = prefix ? prefix : "";
	m->n = (uint32_t)h->option_int(h->ctx, o, "n");
	m->text_len = strlen(m->text);
	m->fill_len = strlen(m->fill);
	m->prefix_len = strlen(m->prefix);
	if (!is_one_character(m->fill))
		return defsync_fail(h, DEFSYNC_E_CONFIG, "fill: '%s' is not one character",
				    m->fill);
	if (m->prefix_len > MK_PREFIX_MAX)
		return defsync_fail(h, DEFSYNC_E_CONFIG, "prefix: longer than %d bytes",
				    MK_PREFIX_MAX);
	return DEFSYNC_OK;
}

static int32_t read_key(struct mask *m, const struct defsync_options *o)
{
	const struct defsync_host *h = m->host;
	bool keyed = KEYED & BIT(m->method);
	const char *key = keyed ? h->option_string(h->ctx, o, "key") : NULL;

	if (!keyed && m->method != MK_SHA256)
		return DEFSYNC_OK;
	if (keyed && !key)
		return defsync_fail(h, DEFSYNC_E_CONFIG, "method '%s' needs a key",
				    methods[m->method]);
	if (key && strlen(key) < MK_KEY_MIN)
		return defsync_fail(h, DEFSYNC_E_CONFIG,
				    "key: fewer than %d bytes; make one with openssl rand -hex 32",
				    MK_KEY_MIN);
	if (!mk_digest_init(&m->digest, key))
		return defsync_fail(h, DEFSYNC_E_PERMANENT, "libcrypto refuses SHA-256");
	return DEFSYNC_OK;
}

int32_t mk_options_read(struct mask *m, const struct defsync_options *o)
{
	const struct defsync_host *h = m->host;
	int32_t rc;

	m->method = method_of(h->option_string(h->ctx, o, "method"));
	m->ignore_missing = strcmp(h->option_string(h->ctx, o, "if_missing"), "ignore") == 0;
	rc = check_uses(m, o);
	if (rc == DEFSYNC_OK)
		rc = read_columns(m, o);
	if (rc == DEFSYNC_OK)
		rc = read_texts(m, o);
	return rc == DEFSYNC_OK ? read_key(m, o) : rc;
}
