/* SPDX-License-Identifier: MIT */
/* A source whose option table has a default that does not parse. */

#include "fake-base.h"

static const struct defsync_option options[] = {
    {.name = "count", .type = DEFSYNC_OPTION_INT, .default_text = "many", .help = "How many"},
};

static const struct defsync_source source = {
    FAKE_HEAD,	       .name = "fake_badoptions", FAKE_CALLS,
    .next = base_next, .options = options,	  .n_options = 1,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &source;
}
