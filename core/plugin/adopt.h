/* SPDX-License-Identifier: MIT */
/* The checks of a plugin's entry struct; the two plugin_adopt_x are in loader.h. */

#ifndef PLUGIN_ADOPT_H
#define PLUGIN_ADOPT_H

#include "plugin/loader.h"

/* [a-z][a-z0-9_]*, at most 64 bytes. */
int plugin_name_is_valid(const char *name);

#endif
