/* SPDX-License-Identifier: MIT */
/* The cast transform: options, life of an instance, and the table of its functions. */

#include <stdlib.h>

#include "ct.h"

static const struct defsync_option options[] = {
    {
	.name = "columns",
	.type = DEFSYNC_OPTION_MAP,
	.flags = DEFSYNC_OPTION_REQUIRED,
	.help = "column: type, or same to leave the type as it is",
    },
    {
	.name = "null_if",
	.type = DEFSYNC_OPTION_LIST,
	.help = "texts that mean no value",
    },
    {
	.name = "trim",
	.type = DEFSYNC_OPTION_BOOL,
	.default_text = "false",
	.help = "take blanks around texts off first",
    },
    {
	.name = "empty_as_null",
	.type = DEFSYNC_OPTION_BOOL,
	.default_text = "false",
	.help = "empty texts mean no value",
    },
    {
	.name = "format",
	.type = DEFSYNC_OPTION_STRING,
	.help = "dates and times as texts, %d.%m.%Y %H:%M:%S; ISO 8601 when not set",
    },
    {
	.name = "utc_offset",
	.type = DEFSYNC_OPTION_STRING,
	.default_text = "+00:00",
	.help = "of clocks that say no zone: texts, dates and timestamp_local",
    },
    {
	.name = "unix",
	.type = DEFSYNC_OPTION_ENUM,
	.values = "s|ms|us",
	.help = "unit of numbers that are timestamps, since 1970",
    },
    {
	.name = "bytes",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "base64",
	.values = "base64|hex|utf8",
	.help = "how texts hold bytes",
    },
    {
	.name = "lossy",
	.type = DEFSYNC_OPTION_BOOL,
	.default_text = "false",
	.help = "cut and round what the new type cannot hold",
    },
    {
	.name = "on_error",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "dead_letter",
	.values = "dead_letter|make_null",
	.help = "what becomes of values that cannot be converted",
    },
};

/* The texts of columns are not the pool's. */
static void free_texts(const struct reshape *r)
{
	const struct reshape_plan *p;
	uint32_t i;

	for (p = r->plans; p; p = p->next) {
		struct ct_plan *detail = p->detail;

		for (i = 0; i < detail->n; i++)
			text_done(&detail->columns[i].out);
	}
}

static void ct_destroy(void *instance)
{
	struct cast *c = instance;

	if (!c)
		return;
	free_texts(&c->reshape);
	text_done(&c->scratch);
	reshape_done(&c->reshape);
	free(c);
}

static int32_t ct_create(const struct defsync_host *host, const struct defsync_options *o,
			 uint32_t flags, void **ret_instance)
{
	struct cast *c;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	c = calloc(1, sizeof(*c));
	if (!c)
		return reshape_nomem(host);
	c->host = host;
	reshape_init(&c->reshape, host);
	text_init(&c->scratch, CT_TEXT_MAX);
	rc = ct_options_read(c, o);
	if (rc < 0) {
		ct_destroy(c);
		return rc;
	}
	*ret_instance = c;
	return DEFSYNC_OK;
}

static const struct defsync_transform transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .option_size = sizeof(struct defsync_option),
    .n_options = sizeof(options) / sizeof(options[0]),
    .options = options,
    .name = "cast",
    .version = DEFSYNC_VERSION,
    .summary = "gives columns other types, exactly or not at all",
    .home = "",
    .create = ct_create,
    .destroy = ct_destroy,
    .relation = ct_relation,
    .apply = ct_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &transform;
}
