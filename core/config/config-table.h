/* SPDX-License-Identifier: MIT */
/* One entry of a source's `tables`.  For the config-x.c files only. */

#ifndef CONFIG_CONFIG_TABLE_H
#define CONFIG_CONFIG_TABLE_H

#include "config/build.h"

/* Fills the table from its node, to which the defaults are applied already. */
void config_build_table(struct build *b, struct config_table *table);

#endif
