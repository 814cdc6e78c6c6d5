/* SPDX-License-Identifier: MIT */
/* The mask transform: options, life of an instance, and the table of its functions. */

#include <stdlib.h>

#include <openssl/crypto.h>

#include "mk.h"

static const struct defsync_option options[] = {
    {
	.name = "columns",
	.type = DEFSYNC_OPTION_LIST,
	.flags = DEFSYNC_OPTION_REQUIRED,
	.help = "columns to mask",
    },
    {
	.name = "method",
	.type = DEFSYNC_OPTION_ENUM,
	.flags = DEFSYNC_OPTION_REQUIRED,
	.values = "redact|keep_first|keep_last|sha256|hmac-sha256|null|pseudonym",
	.help = "what takes the place of a value; null has to stand in quotes",
    },
    {
	.name = "key",
	.type = DEFSYNC_OPTION_SECRET,
	.help = "key of hmac-sha256 and pseudonym, 16 bytes at least",
    },
    {
	.name = "n",
	.type = DEFSYNC_OPTION_INT,
	.default_text = "4",
	.max = MK_N_MAX,
	.help = "characters that keep_first and keep_last keep",
    },
    {
	.name = "text",
	.type = DEFSYNC_OPTION_STRING,
	.default_text = "***",
	.help = "what redact puts in the place of each value",
    },
    {
	.name = "fill",
	.type = DEFSYNC_OPTION_STRING,
	.default_text = "*",
	.help = "character that keep_first and keep_last put four times in the place of the rest",
    },
    {
	.name = "prefix",
	.type = DEFSYNC_OPTION_STRING,
	.help = "text in front of hashes and pseudonyms",
    },
    {
	.name = "if_missing",
	.type = DEFSYNC_OPTION_ENUM,
	.default_text = "error",
	.values = "error|ignore",
	.help = "what to do about a column that is not there",
    },
};

static void mk_destroy(void *instance)
{
	struct mask *m = instance;

	if (!m)
		return;
	mk_digest_done(&m->digest);
	if (m->scratch.ptr)
		OPENSSL_cleanse(m->scratch.ptr, m->scratch.cap);
	text_done(&m->scratch);
	reshape_done(&m->reshape);
	free(m);
}

static int32_t mk_create(const struct defsync_host *host, const struct defsync_options *o,
			 uint32_t flags, void **ret_instance)
{
	struct mask *m;
	int32_t rc;

	if (flags)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags");
	m = calloc(1, sizeof(*m));
	if (!m)
		return reshape_nomem(host);
	m->host = host;
	reshape_init(&m->reshape, host);
	text_init(&m->scratch, MK_TEXT_MAX);
	rc = mk_options_read(m, o);
	if (rc < 0) {
		mk_destroy(m);
		return rc;
	}
	*ret_instance = m;
	return DEFSYNC_OK;
}

static const struct defsync_transform transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .option_size = sizeof(struct defsync_option),
    .n_options = sizeof(options) / sizeof(options[0]),
    .options = options,
    .name = "mask",
    .version = DEFSYNC_VERSION,
    .summary = "hides the values of columns: redacts, shortens, hashes or removes them",
    .home = "",
    .create = mk_create,
    .destroy = mk_destroy,
    .relation = mk_relation,
    .apply = mk_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &transform;
}
