/* SPDX-License-Identifier: MIT */
/* An instance of a source that reads through reader.h, and small services. */

#include "common/reader-internal.h"

void reader_init(struct reader_source *s, const struct defsync_host *host,
		 const struct reader_dialect *dialect)
{
	s->host = host;
	s->dialect = dialect;
	atomic_init(&s->cancelled, 0);
}

int32_t reader_connected(struct reader_source *s, const char *identity)
{
	/* Beside the relations, which live as long. */
	s->identity = pool_strdup(&s->relations, identity);
	return s->identity ? 0 : reader_fail_nomem(s);
}

void reader_disconnected(struct reader_source *s)
{
	pool_done(&s->described);
	pool_done(&s->relations);
	s->last_relation = NULL;
	s->identity = NULL;
	atomic_store(&s->cancelled, 0);
}

int32_t reader_fail_nomem(struct reader_source *s)
{
	return defsync_fail(s->host, DEFSYNC_E_NOMEM, "out of memory");
}

bool reader_is_cancelled(const struct reader_source *s)
{
	return atomic_load_explicit(&s->cancelled, memory_order_relaxed) != 0;
}

const char *reader_option(const struct reader_source *s, const struct defsync_request *r,
			  const char *name)
{
	const char *value =
	    r->options ? s->host->option_string(s->host->ctx, r->options, name) : NULL;

	return value ? value : "";
}
