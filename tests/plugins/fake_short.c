/* SPDX-License-Identifier: MIT */
/* A source whose struct is shorter than that of ABI 1.0. */

#include "fake-base.h"

static const struct defsync_source source = {
    .struct_size = 16,
    .abi_minor = DEFSYNC_ABI_MINOR,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .version = "1",
    .summary = "Too short",
    .home = "",
    .name = "fake_short",
    FAKE_CALLS,
    .next = base_next,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
