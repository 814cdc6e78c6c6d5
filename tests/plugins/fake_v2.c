/* SPDX-License-Identifier: MIT */
/* A source of a major that does not exist yet. */

#include "fake-base.h"

static const struct defsync_source source = {
    FAKE_HEAD,
    .name = "fake_v2",
    FAKE_CALLS,
    .next = base_next,
};

/* Not in the header of ABI 1. */
DEFSYNC_EXPORT const struct defsync_source *defsync_source_v2(void);

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v2(void)
{
	return &source;
}
