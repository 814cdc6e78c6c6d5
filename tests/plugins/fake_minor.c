/* SPDX-License-Identifier: MIT */
/* A transform that was built for another minor. */

#include <defsync/transform.h>

static int32_t minor_create(const struct defsync_host *host, const struct defsync_options *options,
			    uint32_t flags, void **ret_instance)
{
	(void)host;
	(void)options;
	(void)flags;
	*ret_instance = NULL;
	return DEFSYNC_OK;
}

static void minor_destroy(void *instance)
{
	(void)instance;
}

static int32_t minor_relation(void *instance, const struct defsync_relation *in, uint32_t flags,
			      const struct defsync_relation **ret_out)
{
	(void)instance;
	(void)flags;
	*ret_out = in;
	return DEFSYNC_OK;
}

static int32_t minor_apply(void *instance, const struct defsync_row *row, uint32_t flags,
			   defsync_emit emit, void *emit_ctx)
{
	(void)instance;
	(void)row;
	(void)flags;
	(void)emit;
	(void)emit_ctx;
	return DEFSYNC_PASS;
}

static const struct defsync_transform transform = {
    .struct_size = sizeof(struct defsync_transform),
    .abi_minor = DEFSYNC_ABI_MINOR + 1,
    .option_size = sizeof(struct defsync_option),
    .name = "fake_minor",
    .version = "1",
    .summary = "Of another minor",
    .home = "",
    .create = minor_create,
    .destroy = minor_destroy,
    .relation = minor_relation,
    .apply = minor_apply,
};

DEFSYNC_EXPORT const struct defsync_transform *defsync_transform_v1(void)
{
	return &transform;
}
