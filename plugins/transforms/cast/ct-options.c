/* SPDX-License-Identifier: MIT */
/* What the options say. */

#include <string.h>

#include "ct.h"

static const char *string_of(const struct cast *c, const struct defsync_options *o,
			     const char *name)
{
	return c->host->option_string(c->host->ctx, o, name);
}

static bool is_set(const struct cast *c, const struct defsync_options *o, const char *name)
{
	return c->host->option_int(c->host->ctx, o, name) != 0;
}

/* "name=type" */
static int32_t read_wish(struct cast *c, const char *item, struct ct_wish *ret)
{
	const char *equals = strrchr(item, '=');
	char *name;

	if (!equals || !ct_type_from_name(equals + 1, &ret->type))
		return defsync_fail(c->host, DEFSYNC_E_CONFIG,
				    "columns: unknown type in '%s'; use bool, int, uint, double, "
				    "decimal, text, bytes, date, time, timestamp, "
				    "timestamp_local, json, uuid or same",
				    item);
	name = pool_alloc(&c->reshape.pool, (size_t)(equals - item) + 1, 1);
	if (!name)
		return reshape_nomem(c->host);
	memcpy(name, item, (size_t)(equals - item));
	ret->name = name;
	return DEFSYNC_OK;
}

static int32_t read_columns(struct cast *c, const struct defsync_options *o)
{
	const struct defsync_host *h = c->host;
	uint32_t i, k;
	int32_t rc = DEFSYNC_OK;

	c->n_wishes = h->option_count(h->ctx, o, "columns");
	if (c->n_wishes == 0)
		return defsync_fail(h, DEFSYNC_E_CONFIG, "columns: none is named");
	c->wishes = pool_alloc(&c->reshape.pool, c->n_wishes, sizeof(*c->wishes));
	if (!c->wishes)
		return reshape_nomem(h);
	for (i = 0; i < c->n_wishes && rc == DEFSYNC_OK; i++) {
		rc = read_wish(c, h->option_item(h->ctx, o, "columns", i), &c->wishes[i]);
		for (k = 0; k < i && rc == DEFSYNC_OK; k++) {
			if (strcmp(c->wishes[k].name, c->wishes[i].name) == 0)
				rc = defsync_fail(h, DEFSYNC_E_CONFIG, "columns: '%s' twice",
						  c->wishes[i].name);
		}
	}
	return rc;
}

static int32_t read_null_if(struct cast *c, const struct defsync_options *o)
{
	const struct defsync_host *h = c->host;
	uint32_t i;

	c->n_null_if = h->option_count(h->ctx, o, "null_if");
	c->null_if = pool_alloc(&c->reshape.pool, c->n_null_if, sizeof(*c->null_if));
	if (!c->null_if)
		return reshape_nomem(h);
	for (i = 0; i < c->n_null_if; i++) {
		c->null_if[i].ptr = h->option_item(h->ctx, o, "null_if", i);
		c->null_if[i].len = strlen(c->null_if[i].ptr);
	}
	return DEFSYNC_OK;
}

static int32_t read_format(struct cast *c, const struct defsync_options *o)
{
	const char *text = string_of(c, o, "format");
	const char *why = text ? ct_format_compile(text, &c->format) : NULL;

	if (why)
		return defsync_fail(c->host, DEFSYNC_E_CONFIG, "format: '%s' %s", text, why);
	return DEFSYNC_OK;
}

static int32_t read_offset(struct cast *c, const struct defsync_options *o)
{
	const char *text = string_of(c, o, "utc_offset");
	struct ct_format zone;
	struct iso t;

	if (ct_format_compile("%z", &zone) || ct_format_read(&zone, text, strlen(text), &t))
		return defsync_fail(c->host, DEFSYNC_E_CONFIG,
				    "utc_offset: '%s' is not as +02:00 or -05:30", text);
	c->offset = t.offset;
	return DEFSYNC_OK;
}

static void read_unit(struct cast *c, const struct defsync_options *o)
{
	const char *text = string_of(c, o, "unix");

	if (!text)
		return;
	c->shift = strcmp(text, "s") == 0 ? 6 : strcmp(text, "ms") == 0 ? 3 : 0;
	c->unit = c->shift == 6 ? CT_SECOND : c->shift == 3 ? 1000 : 1;
}

static void read_bytes(struct cast *c, const struct defsync_options *o)
{
	const char *text = string_of(c, o, "bytes");

	c->bytes = strcmp(text, "hex") == 0    ? CT_HEX
		   : strcmp(text, "utf8") == 0 ? CT_UTF8
					       : CT_BASE64;
}

int32_t ct_options_read(struct cast *c, const struct defsync_options *o)
{
	int32_t rc = read_columns(c, o);

	c->trim = is_set(c, o, "trim");
	c->empty_as_null = is_set(c, o, "empty_as_null");
	c->lossy = is_set(c, o, "lossy");
	c->null_on_error = strcmp(string_of(c, o, "on_error"), "make_null") == 0;
	read_unit(c, o);
	read_bytes(c, o);
	if (rc == DEFSYNC_OK)
		rc = read_null_if(c, o);
	if (rc == DEFSYNC_OK)
		rc = read_format(c, o);
	return rc == DEFSYNC_OK ? read_offset(c, o) : rc;
}
