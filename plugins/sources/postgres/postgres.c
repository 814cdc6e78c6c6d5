/* SPDX-License-Identifier: MIT */
/* The postgres source: options, life of an instance, and the table of its functions. */

#include <defsync/source.h>

static const struct defsync_source postgres_source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .name = "postgres",
    .version = DEFSYNC_VERSION,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &postgres_source;
}
