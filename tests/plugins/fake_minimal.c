/* SPDX-License-Identifier: MIT */
/* A source without one optional callback that allows one instance only. */

#include "fake-base.h"

static const struct defsync_source source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .thread_model = DEFSYNC_THREADS_ONE_INSTANCE,
    .option_size = sizeof(struct defsync_option),
    .version = "1",
    .summary = "The least that a source can be",
    .home = "",
    .name = "fake_minimal",
    FAKE_CALLS,
    .next = base_next,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
