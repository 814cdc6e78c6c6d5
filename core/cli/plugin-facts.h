/* SPDX-License-Identifier: MIT */
/* All that a loaded plugin says about itself, for defsync plugins NAME. */

#ifndef CLI_PLUGIN_FACTS_H
#define CLI_PLUGIN_FACTS_H

#include <jansson.h>

#include "base/buf.h"
#include "plugin/loader.h"

int plugin_facts_text(const struct plugin *p, struct buf *out);
json_t *plugin_facts_json(const struct plugin *p); /* NULL without memory */

#endif
