/* SPDX-License-Identifier: MIT */
/* Making and freeing a table's run, its first error and what its source reported. */

#include "sync/table-run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/deletes.h"
#include "sync/replay.h"

#define SCRATCH_MAX ((size_t)2 * LIMIT_DEAD_PAYLOAD_BYTES)

static char *join_where(const char *source, const char *table)
{
	struct buf b;

	buf_init(&b, (size_t)4 * LIMIT_NAME_BYTES);
	if (buf_printf(&b, "%s.%s", source, table) < 0) {
		buf_done(&b);
		return NULL;
	}
	return buf_take(&b);
}

static void fill_target(struct table_run *t)
{
	const struct config_table *c = t->config;
	const struct config_push *push = &t->run->config->push;

	t->target = (struct push_target){
	    .table = c->to,
	    .merge = c->mode == MODE_MERGE,
	    .replace = c->mode == MODE_REPLACE, /* until it is known that the load goes on */
	    /* Transforms may rename it: then it is learnt from the first row. */
	    .key = c->n_key > 0 && c->n_transforms == 0 ? c->key : NULL,
	    .n_key = c->n_transforms == 0 ? c->n_key : 0,
	    .wait = push->wait,
	    .tags = t->run->tags,
	    .n_tags = t->run->n_tags,
	};
	t->limits.rows = (size_t)push->batch_rows;
	t->limits.bytes = (size_t)push->batch_bytes;
}

static struct chain *make_chain(const struct table_run *t, const char *label,
				const struct config_transform *list, size_t n,
				const struct plugin *const *plugins, struct error *err)
{
	const struct host_about about = {
	    .source = t->config->source->name,
	    .table = t->config->from,
	    .target = t->config->to,
	    .run_id = t->run->id,
	};
	struct chain *chain = chain_create(t->run->log, t->where, &about);

	if (chain == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	chain_set_label(chain, label);
	for (size_t i = 0; i < n; i++) {
		if (chain_add(chain, plugins[i], list[i].options, err) < 0) {
			chain_destroy(chain);
			return NULL;
		}
	}
	return chain;
}

static int make_chains(struct table_run *t, const struct plugin *const *transforms,
		       struct error *err)
{
	const struct config_table *c = t->config;

	t->chain = make_chain(t, NULL, c->transforms, c->n_transforms, transforms, err);
	if (t->chain == NULL || c->deleted == NULL)
		return t->chain != NULL ? 0 : -1;
	t->deleted =
	    make_chain(t, "deleted_when", c->deleted, 1, transforms + c->n_transforms, err);
	return t->deleted != NULL ? 0 : -1;
}

struct table_run *table_run_create(struct run *run, const struct config_table *config,
				   const struct plugin *plugin,
				   const struct plugin *const *transforms, struct error *err)
{
	struct table_run *t = calloc(1, sizeof(*t));

	if (t == NULL || pthread_mutex_init(&t->lock, NULL) != 0) {
		free(t);
		(void)error_nomem(err);
		return NULL;
	}
	t->run = run;
	t->config = config;
	t->plugin = plugin;
	t->status = "skipped";
	t->sink = run->settings.sink == RUN_PUSH ? &sink_push : &sink_local;
	buf_init(&t->scratch, SCRATCH_MAX);
	buf_init(&t->payload, LIMIT_DEAD_PAYLOAD_BYTES);
	buf_init(&t->key_text, LIMIT_DEAD_PAYLOAD_BYTES);
	buf_init(&t->key_bytes, LIMIT_DEAD_PAYLOAD_BYTES);
	buf_init(&t->ack, LIMIT_CHECKPOINT_BYTES + 1);
	buf_init(&t->checkpoint, LIMIT_CHECKPOINT_BYTES + 1);
	buf_init(&t->notes, 64 * 1024);
	key_init(&t->key);
	key_init(&t->in_key);
	prefix_init(&t->prefix);
	t->where = join_where(config->source->name, config->from);
	if (t->where == NULL) {
		(void)error_nomem(err);
		table_run_destroy(t);
		return NULL;
	}
	fill_target(t);
	if (make_chains(t, transforms, err) < 0) {
		table_run_destroy(t);
		return NULL;
	}
	return t;
}

int table_run_open(struct table_run *t, struct error *err)
{
	t->source =
	    source_create(t->plugin, t->config->source->options, t->where, t->run->log, err);
	return t->source != NULL ? 0 : -1;
}

void table_run_close(struct table_run *t)
{
	source_destroy(t->source);
	t->source = NULL;
}

void table_run_destroy(struct table_run *t)
{
	if (t == NULL)
		return;
	encoder_destroy(t->encoder);
	encoder_destroy(t->lenient);
	chain_destroy(t->chain);
	chain_destroy(t->deleted);
	cdc_destroy(t->cdc);
	gate_done(&t->gate);
	replay_destroy(t->replay);
	deletes_destroy(t->deletes);
	table_run_close(t);
	key_done(&t->key);
	key_done(&t->in_key);
	batch_destroy(t->local);
	buf_done(&t->scratch);
	buf_done(&t->payload);
	buf_done(&t->key_text);
	buf_done(&t->key_bytes);
	buf_done(&t->ack);
	buf_done(&t->checkpoint);
	buf_done(&t->notes);
	for (size_t i = 0; t->key_names != NULL && t->key_names[i] != NULL; i++)
		free(t->key_names[i]);
	free(t->key_names);
	free(t->columns);
	free(t->where);
	if (t->has_stored)
		store_table_done(&t->stored);
	error_done(&t->error);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

void table_run_fail(struct table_run *t, struct error *err)
{
	pthread_mutex_lock(&t->lock);
	error_move(&t->error, err);
	pthread_mutex_unlock(&t->lock);
}

/* ---- Facts ---- */

static void add_note(void *ctx, const char *name, uint64_t n)
{
	struct table_run *t = ctx;

	if (n > 0)
		(void)buf_printf(&t->notes, "%s%s %llu", t->notes.len > 0 ? ", " : "", name,
				 (unsigned long long)n);
}

static void keep_fact(char *out, size_t size, const char *value)
{
	if (value != NULL)
		(void)snprintf(out, size, "%s", value);
}

void table_run_keep_facts(struct table_run *t)
{
	struct host *host = source_host(t->source);

	if (t->facts_kept)
		return;
	t->facts_kept = 1;
	keep_fact(t->ceiling, sizeof(t->ceiling), host_fact(host, DEFSYNC_REPORT_CEILING));
	keep_fact(t->read_phase, sizeof(t->read_phase), host_fact(host, DEFSYNC_REPORT_PHASE));
}

void table_run_collect_facts(struct table_run *t)
{
	if (t->source == NULL)
		return;
	table_run_keep_facts(t);
	if (t->phase[0] == '\0')
		memcpy(t->phase, t->read_phase, sizeof(t->phase));
	host_counters(source_host(t->source), add_note, t);
	deletes_counts(t->deletes, add_note, t);
	add_note(t, "superseded", t->superseded);
	if (t->encoder != NULL) {
		add_note(t, "non_finite", encoder_counts(t->encoder)->non_finite);
		add_note(t, "out_of_range", encoder_counts(t->encoder)->out_of_range);
	}
}
