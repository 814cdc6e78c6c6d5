/* SPDX-License-Identifier: MIT */
/* One table as it is, see describe.h. */

#include "cli/describe.h"

struct defsync_request describe_request(const struct config_table *t)
{
	return (struct defsync_request){
	    .struct_size = sizeof(struct defsync_request),
	    .mode = t->read_mode,
	    .table = t->from,
	    .columns = t->include,
	    .n_columns = (uint32_t)t->n_include,
	    .keys = t->key,
	    .n_keys = (uint32_t)t->n_key,
	    .watermark = t->watermark,
	    .filter = t->where,
	    .initial = t->initial,
	    .lookback = t->lookback,
	    .null_watermark = t->null_watermark,
	    .checkpoint = "",
	    .options = t->options,
	};
}

static int make_chain(struct described *d, const struct context_table *t, struct log *log,
		      struct error *err)
{
	const struct config_table *c = t->table;
	const struct host_about about = {
	    .source = c->source->name, .table = c->from, .target = c->to};

	d->chain = chain_create(log, c->from, &about);
	if (d->chain == NULL)
		return error_nomem(err);
	for (size_t i = 0; i < c->n_transforms; i++) {
		if (chain_add(d->chain, t->transforms[i], c->transforms[i].options, err) < 0)
			return -1;
	}
	return chain_relation(d->chain, d->in, &d->out, err);
}

int described_open(struct described *d, const struct context_table *t, struct log *log,
		   struct error *err)
{
	const struct config_source *source = t->table->source;
	const struct defsync_request request = describe_request(t->table);
	const struct defsync_table *table;

	*d = (struct described){0};
	d->source = source_create(t->plugin, source->options, source->name, log, err);
	if (d->source == NULL || source_connect(d->source, err) < 0 ||
	    source_describe(d->source, &request, &table, err) < 0)
		return -1;
	d->in = table->relation;
	return make_chain(d, t, log, err);
}

void described_done(struct described *d)
{
	chain_destroy(d->chain);
	source_destroy(d->source);
	*d = (struct described){0};
}
