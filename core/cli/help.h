/* SPDX-License-Identifier: MIT */
/* Help texts, made from the tables, on stdout.  The exit code, or -1 with err. */

#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

int help_overview(struct error *err);
int help_group(const char *group, struct error *err);
int help_command(const struct command *c, struct error *err);
/* Every key of the configuration, from its option tables. */
int help_config(struct error *err);

#endif
