/* SPDX-License-Identifier: MIT */
/* A source without the required callback next. */

#include "fake-base.h"

static const struct defsync_source source = {
    FAKE_HEAD,
    .name = "fake_missing",
    FAKE_CALLS,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
