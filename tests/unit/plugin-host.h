/* SPDX-License-Identifier: MIT */
/*
 * A host for tests that drive a plugin's functions directly: option values from
 * a list, and what the plugin said kept for assertions.
 */

#ifndef UNIT_PLUGIN_HOST_H
#define UNIT_PLUGIN_HOST_H

#include <defsync/source.h>

/* Value of one option: "name", text; lists and maps have one entry an item. */
struct plugin_host_option {
	const char *name;
	const char *value;
};

struct plugin_host {
	struct defsync_host services;
	const struct plugin_host_option *options; /* ends with name NULL; of source and tables */
	int fails;				  /* in this call */
	int32_t error_class;
	char *text; /* of the first fail of this call */
	char *phase, *ceiling, *ceiling_value;
	uint64_t null_watermark;
	int warnings;
	char *logged;	       /* all that was said, a line each; NULL: nothing */
	int64_t clock_step_us; /* added to the monotonic clock at each look */
	int64_t clock_us;
	int cancelled;
	void (*waiting)(void *arg); /* called by host->wait, when set */
	void *waiting_arg;
};

void plugin_host_init(struct plugin_host *h, const struct plugin_host_option *options);
void plugin_host_done(struct plugin_host *h);
/* What was logged. */
void plugin_host_forget(struct plugin_host *h);
/* Before each call into the plugin. */
void plugin_host_begin(struct plugin_host *h);

#endif
