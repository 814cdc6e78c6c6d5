/* SPDX-License-Identifier: MIT */
/* A source that calls itself otherwise than its file. */

#include "fake-base.h"

static const struct defsync_source source = {
    FAKE_HEAD,
    .name = "other_name",
    FAKE_CALLS,
    .next = base_next,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
