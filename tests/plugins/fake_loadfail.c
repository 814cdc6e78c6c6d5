/* SPDX-License-Identifier: MIT */
/* A source whose load fails. */

#include "fake-base.h"

static int32_t loadfail_load(const struct defsync_host *host, uint32_t flags)
{
	(void)flags;
	return defsync_fail(host, DEFSYNC_E_PERMANENT, "library is too old: 'libfake'");
}

static const struct defsync_source source = {
    FAKE_HEAD, .name = "fake_loadfail", FAKE_CALLS, .next = base_next, .load = loadfail_load,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
