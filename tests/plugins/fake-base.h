/* SPDX-License-Identifier: MIT */
/*
 * A source that does nothing: the callbacks that a fake does not care about.
 * Each fake adds a name and next.
 */

#ifndef TESTS_FAKE_BASE_H
#define TESTS_FAKE_BASE_H

#include <defsync/source.h>

static int32_t DEFSYNC_UNUSED base_create(const struct defsync_host *host,
					  const struct defsync_options *options, uint32_t flags,
					  void **ret_instance)
{
	(void)options;
	(void)flags;
	*ret_instance = (void *)(uintptr_t)host;
	return DEFSYNC_OK;
}

static void DEFSYNC_UNUSED base_destroy(void *instance)
{
	(void)instance;
}

static int32_t DEFSYNC_UNUSED base_connect(void *instance, uint32_t flags)
{
	(void)instance;
	(void)flags;
	return DEFSYNC_OK;
}

static void DEFSYNC_UNUSED base_disconnect(void *instance)
{
	(void)instance;
}

static int32_t DEFSYNC_UNUSED base_extract(void *instance, const struct defsync_request *request,
					   uint32_t flags, void **ret_cursor)
{
	(void)request;
	(void)flags;
	*ret_cursor = instance;
	return DEFSYNC_OK;
}

static int32_t DEFSYNC_UNUSED base_next(void *instance, void *cursor, uint32_t flags,
					const struct defsync_row **ret_row)
{
	(void)instance;
	(void)cursor;
	(void)flags;
	(void)ret_row;
	return DEFSYNC_END;
}

static void DEFSYNC_UNUSED base_end(void *instance, void *cursor)
{
	(void)instance;
	(void)cursor;
}

#define FAKE_HEAD                                                                                  \
	.struct_size = sizeof(struct defsync_source), .abi_minor = DEFSYNC_ABI_MINOR,              \
	.thread_model = DEFSYNC_THREADS_PARALLEL, .option_size = sizeof(struct defsync_option),    \
	.version = "1", .summary = "A fake for tests", .home = ""

#define FAKE_CALLS                                                                                 \
	.create = base_create, .destroy = base_destroy, .connect = base_connect,                   \
	.disconnect = base_disconnect, .extract = base_extract, .end = base_end

#endif
