/* SPDX-License-Identifier: MIT */
/* The actions of a scenario, read from JSON. */

#ifndef RECEIVER_ACTION_H
#define RECEIVER_ACTION_H

#include "scenario.h"

/* Borrows the texts of `value`.  0, or -1 with *ret_error. */
int action_parse(const json_t *value, struct action *ret_action, char **ret_error);

/* It takes the batch in, so the body must have come. */
int action_needs_body(const struct action *action);

/* Always -1. */
int scenario_error(char **ret_error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
