/* SPDX-License-Identifier: MIT */
/* A host for tests of plugins, see plugin-host.h. */

#include "plugin-host.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void on_log(void *ctx, uint32_t level, const char *text)
{
	struct plugin_host *h = ctx;

	size_t before = h->logged ? strlen(h->logged) : 0, len = strlen(text);
	char *all = realloc(h->logged, before + len + 2);

	h->warnings += level == DEFSYNC_LOG_WARN;
	if (!all)
		return;
	memcpy(all + before, text, len);
	memcpy(all + before + len, "\n", 2);
	h->logged = all;
}

void plugin_host_forget(struct plugin_host *h)
{
	free(h->logged);
	h->logged = NULL;
	h->warnings = 0;
}

static int32_t on_log_enabled(void *ctx, uint32_t level)
{
	(void)ctx;
	(void)level;
	return 1;
}

static void on_fail(void *ctx, int32_t error_class, int64_t vendor_code, const char *sqlstate,
		    const char *text)
{
	struct plugin_host *h = ctx;

	(void)vendor_code;
	(void)sqlstate;
	if (h->fails++ == 0) {
		h->error_class = error_class;
		free(h->text);
		h->text = strdup(text);
	}
}

static int32_t on_cancelled(void *ctx)
{
	return ((struct plugin_host *)ctx)->cancelled;
}

static int32_t on_wait(void *ctx, int64_t ms)
{
	const struct timespec t = {ms / 1000, (ms % 1000) * 1000000};

	struct plugin_host *h = ctx;

	if (h->waiting)
		h->waiting(h->waiting_arg);
	nanosleep(&t, NULL);
	return DEFSYNC_OK;
}

static int64_t clock_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t on_now_mono(void *ctx)
{
	struct plugin_host *h = ctx;

	h->clock_us += h->clock_step_us;
	return clock_us(CLOCK_MONOTONIC) + h->clock_us;
}

static int64_t on_now_wall(void *ctx)
{
	(void)ctx;
	return clock_us(CLOCK_REALTIME);
}

static const char *find_item(void *ctx, const char *name, uint32_t i)
{
	const struct plugin_host_option *o = ((struct plugin_host *)ctx)->options;

	for (; o && o->name; o++) {
		if (strcmp(o->name, name) == 0 && i-- == 0)
			return o->value;
	}
	return NULL;
}

static int32_t on_option_is_set(void *ctx, const struct defsync_options *options, const char *name)
{
	(void)options;
	return find_item(ctx, name, 0) != NULL;
}

static const char *on_option_string(void *ctx, const struct defsync_options *options,
				    const char *name)
{
	(void)options;
	return find_item(ctx, name, 0);
}

static int64_t on_option_int(void *ctx, const struct defsync_options *options, const char *name)
{
	const char *value = on_option_string(ctx, options, name);

	return value ? strtoll(value, NULL, 10) : 0;
}

static double on_option_double(void *ctx, const struct defsync_options *options, const char *name)
{
	const char *value = on_option_string(ctx, options, name);

	return value ? strtod(value, NULL) : 0;
}

static uint32_t on_option_count(void *ctx, const struct defsync_options *options, const char *name)
{
	uint32_t n = 0;

	(void)options;
	while (find_item(ctx, name, n))
		n++;
	return n;
}

static const char *on_option_item(void *ctx, const struct defsync_options *options,
				  const char *name, uint32_t i)
{
	(void)options;
	return find_item(ctx, name, i);
}

static void on_secret(void *ctx, const char *ptr, size_t len)
{
	(void)ctx;
	(void)ptr;
	(void)len;
}

static void on_report(void *ctx, const char *name, const char *value)
{
	struct plugin_host *h = ctx;
	char **slot = strcmp(name, DEFSYNC_REPORT_PHASE) == 0	  ? &h->phase
		      : strcmp(name, DEFSYNC_REPORT_CEILING) == 0 ? &h->ceiling
								  : &h->ceiling_value;

	free(*slot);
	*slot = strdup(value);
}

static void on_count(void *ctx, const char *name, uint64_t n)
{
	if (strcmp(name, "null_watermark") == 0)
		((struct plugin_host *)ctx)->null_watermark += n;
}

void plugin_host_init(struct plugin_host *h, const struct plugin_host_option *options)
{
	*h = (struct plugin_host){
	    .options = options,
	    .services = {.struct_size = sizeof(h->services),
			 .abi_minor = DEFSYNC_ABI_MINOR,
			 .ctx = h,
			 .log = on_log,
			 .log_enabled = on_log_enabled,
			 .fail = on_fail,
			 .cancelled = on_cancelled,
			 .wait = on_wait,
			 .now_mono_us = on_now_mono,
			 .now_wall_us = on_now_wall,
			 .option_is_set = on_option_is_set,
			 .option_string = on_option_string,
			 .option_int = on_option_int,
			 .option_double = on_option_double,
			 .option_count = on_option_count,
			 .option_item = on_option_item,
			 .secret = on_secret,
			 .report = on_report,
			 .count = on_count},
	};
}

void plugin_host_done(struct plugin_host *h)
{
	plugin_host_forget(h);
	free(h->text);
	free(h->phase);
	free(h->ceiling);
	free(h->ceiling_value);
}

void plugin_host_begin(struct plugin_host *h)
{
	h->fails = 0;
	h->error_class = 0;
	free(h->text);
	h->text = NULL;
}
