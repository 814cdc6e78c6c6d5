/* SPDX-License-Identifier: MIT */
/* A source that requires a capability nobody knows. */

#include "fake-base.h"

static const struct defsync_source source = {
    FAKE_HEAD,
    .name = "fake_caps",
    FAKE_CALLS,
    .next = base_next,
    .caps_required = UINT64_C(1) << 40,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
