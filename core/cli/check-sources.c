/* SPDX-License-Identifier: MIT */
/* defsync check: each source connected, each of its tables described. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/describe.h"
#include "cli/output.h"
#include "sync/cdc.h"
#include "sync/key.h"
#include "sync/names.h"

/* One source while it is connected. */
struct visit {
	struct check *k;
	struct source *source;
	struct log *log;
	int onprem;
};

static const enum check_level levels[] = {
    [DEFSYNC_FINDING_ERROR] = CHECK_ERROR,
    [DEFSYNC_FINDING_WARN] = CHECK_WARN,
    [DEFSYNC_FINDING_NOTE] = CHECK_OK,
};

static void add_findings(struct check *k, const char *where, const struct defsync_table *t)
{
	for (uint32_t i = 0; i < t->n_findings; i++) {
		const struct defsync_finding *f =
		    (const void *)((const char *)t->findings + (size_t)i * t->finding_size);
		int known = f->level >= DEFSYNC_FINDING_ERROR && f->level <= DEFSYNC_FINDING_NOTE;

		check_finding(k, known ? levels[f->level] : CHECK_WARN, where, f->code, f->text,
			      f->hint);
	}
}

/* ---- what the configuration says against what is there ---- */

static const struct defsync_column *find_column(const struct defsync_relation *r, const char *name)
{
	for (uint32_t i = 0; i < r->n_columns; i++)
		if (strcmp(defsync_column_at(r, i)->name, name) == 0)
			return defsync_column_at(r, i);
	return NULL;
}

static void check_excluded(struct check *k, const char *where, const struct config_table *t,
			   const struct defsync_relation *r)
{
	for (size_t i = 0; i < t->n_exclude; i++)
		if (find_column(r, t->exclude[i]) == NULL)
			check_item(k, CHECK_ERROR, ERR_SOURCE, where, "check columns.exclude",
				   "no such column: '%s'", t->exclude[i]);
}

static size_t count_keys(const struct defsync_relation *r)
{
	size_t n = 0;

	for (uint32_t i = 0; i < r->n_columns; i++)
		n += defsync_column_at(r, i)->flags & DEFSYNC_COLUMN_KEY ? 1 : 0;
	return n;
}

/* The cloud's API merges by one column. */
static void check_merge_key(const struct visit *v, const char *where, const struct config_table *t,
			    const struct defsync_relation *r)
{
	size_t n = t->n_key > 0 ? t->n_key : count_keys(r);

	if (t->mode != MODE_MERGE || n == 1 || (n > 1 && v->onprem))
		return;
	check_item(v->k, CHECK_ERROR, ERR_CONFIG, where, "set key to one column",
		   "merge needs one key column, there are %zu", n);
}

/* Do these transforms accept the columns?  What comes out is looked at by `look`. */
static void check_chain(const struct visit *v, const char *where, const char *label,
			const struct config_table *t, const struct config_transform *list, size_t n,
			const struct plugin *const *plugins, const struct defsync_relation *r,
			int (*look)(const struct visit *v, const char *where,
				    const struct config_table *t, const struct defsync_relation *in,
				    const struct defsync_relation *out, struct error *err))
{
	const struct defsync_relation *out;
	const struct host_about about = {
	    .source = t->source->name, .table = t->from, .target = t->to};
	struct error why = ERROR_INIT;
	struct chain *chain = chain_create(v->log, "", &about);
	int rc = chain == NULL ? error_nomem(&why) : 0;

	if (chain != NULL)
		chain_set_label(chain, label);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = chain_add(chain, plugins[i], list[i].options, &why);
	if (rc == 0)
		rc = chain_relation(chain, r, &out, &why);
	if (rc == 0 && look != NULL)
		rc = look(v, where, t, r, out, &why);
	if (rc < 0)
		check_failure(v->k, where, &why);
	chain_destroy(chain);
	error_done(&why);
}

static void note_hashed_key(const struct visit *v, const char *where,
			    const struct defsync_relation *out)
{
	for (uint32_t i = 0; i < out->n_columns; i++) {
		const struct defsync_column *c = defsync_column_at(out, i);

		if (c->flags & DEFSYNC_COLUMN_KEY && c->flags & DEFSYNC_COLUMN_MASKED)
			check_item(v->k, CHECK_OK, ERR_NONE, where, NULL,
				   "the key of the merge is hashed: '%s'; dead letters cannot be "
				   "replayed by it",
				   c->name);
	}
}

/* Names that the API would not take. */
static int check_names(const struct visit *v, const char *where, const struct defsync_relation *out,
		       struct error *err)
{
	struct name_finding *found;
	struct buf text;
	size_t n;
	int rc = 0;

	if (names_check(out, &found, &n) < 0)
		return error_nomem(err);
	buf_init(&text, OUTPUT_MAX);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		buf_reset(&text);
		rc = name_add_text(&found[i], &text) < 0 ? error_nomem(err) : 0;
		if (rc == 0)
			check_item(v->k, name_is_fatal(&found[i]) ? CHECK_ERROR : CHECK_WARN,
				   ERR_SOURCE, where, NAMES_HINT, "%s", text.data);
	}
	buf_done(&text);
	free(found);
	return rc;
}

static int look_at_output(const struct visit *v, const char *where, const struct config_table *t,
			  const struct defsync_relation *in, const struct defsync_relation *out,
			  struct error *err)
{
	if (t->mode == MODE_MERGE && t->n_transforms > 0) {
		if (!key_is_whole(in, out))
			return key_torn("merge", err);
		note_hashed_key(v, where, out);
	}
	if (check_names(v, where, out, err) < 0)
		return -1;
	return t->cdc_columns ? cdc_check(out, err) : 0;
}

static int is_excluded(const struct config_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_exclude; i++) {
		if (strcmp(t->exclude[i], name) == 0)
			return 1;
	}
	return 0;
}

/* Transforms, change columns and what they do to the key; names as they are sent. */
static void check_transforms(const struct visit *v, const char *where,
			     const struct context_table *bound, const struct defsync_relation *all)
{
	const struct config_table *t = bound->table;
	struct defsync_column *columns = calloc((size_t)all->n_columns + 1, sizeof(*columns));
	struct defsync_relation r = *all;

	if (columns == NULL) {
		v->k->failed = 1;
		return;
	}
	r.columns = columns;
	r.column_size = sizeof(*columns);
	r.n_columns = 0;
	for (uint32_t i = 0; i < all->n_columns; i++) {
		if (!is_excluded(t, defsync_column_at(all, i)->name))
			columns[r.n_columns++] = *defsync_column_at(all, i);
	}
	check_chain(v, where, NULL, t, t->transforms, t->n_transforms, bound->transforms, &r,
		    look_at_output);
	if (t->deleted != NULL)
		check_chain(v, where, "deleted_when", t, t->deleted, 1,
			    bound->transforms + t->n_transforms, &r, NULL);
	free(columns);
}

/* ---- one table ---- */

static void add_summary(struct check *k, const char *where, const struct config_table *t,
			const struct defsync_table *table)
{
	char rows[48] = "";

	if (table->row_estimate >= 0)
		(void)snprintf(rows, sizeof(rows), ", about %" PRId64 " rows", table->row_estimate);
	check_item(k, CHECK_OK, ERR_NONE, where, NULL, "to %s, %" PRIu32 " columns%s", t->to,
		   table->relation->n_columns, rows);
}

static void check_deletes(const struct visit *v, const char *where, const struct config_table *t,
			  const struct defsync_relation *r)
{
	const struct plugin *plugin = source_plugin(v->source);
	uint64_t caps = plugin->source.caps | plugin->source.caps_required;

	if (!t->detect_deletes)
		return;
	if (!(caps & DEFSYNC_CAP_KEYS) || !(caps & DEFSYNC_CAP_SNAPSHOT))
		check_item(v->k, CHECK_ERROR, ERR_CONFIG, where, "take the option away",
			   "detect_deletes: plugin '%s' cannot list and look up keys",
			   plugin->name);
	else if (t->n_key == 0 && count_keys(r) == 0)
		check_item(v->k, CHECK_ERROR, ERR_CONFIG, where, "set the table's key",
			   "detect_deletes needs a key, which the table has not");
}

static void check_table(const struct visit *v, const struct context_table *bound)
{
	const struct config_table *t = bound->table;
	const struct defsync_request request = describe_request(t);
	const struct defsync_table *table;
	struct error why = ERROR_INIT;
	struct buf where;

	buf_init(&where, OUTPUT_MAX);
	if (buf_printf(&where, "table %s.%s", t->source->name, t->from) < 0 ||
	    buf_str(&where) == NULL) {
		v->k->failed = 1;
	} else if (source_describe(v->source, &request, &table, &why) < 0) {
		check_failure(v->k, where.data, &why);
	} else {
		add_summary(v->k, where.data, t, table);
		add_findings(v->k, where.data, table);
		check_excluded(v->k, where.data, t, table->relation);
		check_merge_key(v, where.data, t, table->relation);
		check_deletes(v, where.data, t, table->relation);
		check_transforms(v, where.data, bound, table->relation);
	}
	error_done(&why);
	buf_done(&where);
}

/* ---- one source ---- */

static void check_tables(const struct visit *v, const struct context *c,
			 const struct config_source *source)
{
	if (!(source_plugin(v->source)->has & PLUGIN_HAS_DESCRIBE))
		return;
	for (size_t i = 0; i < c->n_tables; i++)
		if (c->tables[i].selected && c->tables[i].table->source == source)
			check_table(v, &c->tables[i]);
}

static void check_source(struct check *k, const struct context *c,
			 const struct context_table *first)
{
	const struct config_source *source = first->table->source;
	struct visit v = {.k = k, .log = c->cli->log, .onprem = c->config->api.onprem};
	struct error why = ERROR_INIT;
	struct buf where;

	buf_init(&where, OUTPUT_MAX);
	if (buf_printf(&where, "source %s", source->name) < 0 || buf_str(&where) == NULL) {
		k->failed = 1;
		return;
	}
	v.source = source_create(first->plugin, source->options, source->name, v.log, &why);
	if (v.source == NULL || source_connect(v.source, &why) < 0) {
		check_failure(k, where.data, &why);
	} else {
		check_item(k, CHECK_OK, ERR_NONE, where.data, NULL, "connected");
		check_tables(&v, c, source);
	}
	source_destroy(v.source);
	error_done(&why);
	buf_done(&where);
}

void check_sources(struct check *k, const struct context *c)
{
	const struct config_source *last = NULL;

	/* Tables of a source follow each other. */
	for (size_t i = 0; i < c->n_tables; i++) {
		const struct context_table *t = &c->tables[i];

		if (!t->selected || t->table->source == last)
			continue;
		last = t->table->source;
		check_source(k, c, t);
	}
}
