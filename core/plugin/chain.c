/* SPDX-License-Identifier: MIT */
/* The transform chain: its stages and what they make of relations. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "plugin/stage.h"

/* ---- Life ----------------------------------------------------------------------- */

struct chain *chain_create(struct log *log, const char *where, const struct host_about *about)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->where = strdup(where);
	if (!c->where) {
		free(c);
		return NULL;
	}
	c->log = log;
	c->about = *about;
	arena_init(&c->arena, LIMIT_EMIT_BYTES);
	return c;
}

static void stage_done(struct stage *st)
{
	if (st->host)
		host_begin_call(st->host);
	if (st->instance)
		st->plugin->transform.destroy(st->instance);
	shapes_done(&st->shapes);
	free(st->mappings);
	host_destroy(st->host);
}

void chain_destroy(struct chain *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_stages; i++)
		stage_done(&c->stages[i]);
	free(c->stages);
	arena_done(&c->arena);
	free(c->rows[0].list);
	free(c->rows[1].list);
	veils_free(c->veils);
	free(c->where);
	free(c);
}

void chain_set_label(struct chain *c, const char *label)
{
	c->label = label;
}

int chain_is_empty(const struct chain *c)
{
	return c->n_stages == 0;
}

/* ---- Results ----------------------------------------------------------------------- */

int stage_prefixed(const struct chain *c, const struct stage *st, struct error *err)
{
	if (c->label)
		error_prefix(err, "%s", c->label);
	else
		error_prefix(err, "transform '%s'", st->plugin->name);
	if (c->where[0] != '\0')
		error_prefix(err, "%s", c->where);
	return -1;
}

/* What a transform finds wrong is in the configuration: it knows nothing else. */
int stage_result(const struct chain *c, struct stage *st, const char *call, int32_t rc,
		 struct error *err)
{
	const char *undeclared = host_undeclared(st->host);

	if (undeclared) {
		error_set(err, ERR_INTERNAL,
			  "%s: asked for an option that it does not declare: '%s'", call,
			  undeclared);
		return stage_prefixed(c, st, err);
	}
	if (rc == DEFSYNC_OK)
		return 0;
	if (rc > 0) {
		error_set(err, ERR_INTERNAL, "%s returned %" PRId32 ", which it may not", call, rc);
		return stage_prefixed(c, st, err);
	}
	host_failure(st->host, rc, call, err);
	if (rc == DEFSYNC_E_CONFIG)
		err->class = ERR_CONFIG;
	return stage_prefixed(c, st, err);
}

/* ---- Stages ------------------------------------------------------------------------- */

static int stage_init(struct chain *c, struct stage *st, const struct plugin *plugin,
		      const struct defsync_options *options, struct error *err)
{
	void *instance = NULL;
	int32_t rc;

	st->plugin = plugin;
	st->shapes.n_from = LIMIT_COLUMNS; /* what it is of has been checked */
	st->host = host_create(c->log, c->where);
	if (!st->host)
		return error_nomem(err);
	host_set_about(st->host, &c->about);
	host_declare(st->host, &plugin->options, NULL);
	host_begin_call(st->host);
	rc = plugin->transform.create(host_services(st->host), options, 0, &instance);
	if (rc == DEFSYNC_OK)
		st->instance = instance;
	return stage_result(c, st, "create", rc, err);
}

int chain_add(struct chain *c, const struct plugin *plugin, const struct defsync_options *options,
	      struct error *err)
{
	struct stage *grown = reallocarray(c->stages, c->n_stages + 1, sizeof(*grown));
	struct error own = ERROR_INIT;
	struct stage *st;
	int rc;

	if (!grown)
		return error_nomem(err);
	c->stages = grown;
	st = &grown[c->n_stages];
	memset(st, 0, sizeof(*st));
	rc = stage_init(c, st, plugin, options, &own);
	if (rc < 0)
		stage_done(st);
	else
		c->n_stages++;
	error_move(err, &own);
	return rc;
}

uint32_t stage_origin(const struct defsync_relation *in, const struct defsync_relation *out,
		      uint32_t k)
{
	const struct defsync_column *c = defsync_column_at(out, k);

	/* Whoever masks a column may forget to say that its cells are others. */
	if (c->from == 0 ||
	    c->flags & ~defsync_column_at(in, c->from - 1)->flags & DEFSYNC_COLUMN_MASKED)
		return 0;
	return c->from;
}

/* Does a key column of `in` end here, or is hidden? */
static int hides_key(const struct defsync_relation *in, const struct defsync_relation *out)
{
	for (uint32_t i = 0; in != out && i < in->n_columns; i++) {
		uint32_t k = 0;

		if (!(defsync_column_at(in, i)->flags & DEFSYNC_COLUMN_KEY))
			continue;
		while (k < out->n_columns && stage_origin(in, out, k) != i + 1)
			k++;
		if (k == out->n_columns)
			return 1;
	}
	return 0;
}

static int remember(struct stage *st, const struct defsync_relation *in,
		    const struct defsync_relation *out)
{
	if (st->n_mappings == st->cap_mappings) {
		size_t cap = st->cap_mappings ? 2 * st->cap_mappings : 4;
		struct mapping *grown = reallocarray(st->mappings, cap, sizeof(*grown));

		if (!grown)
			return -1;
		st->mappings = grown;
		st->cap_mappings = cap;
	}
	st->last = st->n_mappings++;
	st->mappings[st->last] = (struct mapping){in, out, hides_key(in, out)};
	return 0;
}

static const struct mapping *ask_relation(struct chain *c, struct stage *st,
					  const struct defsync_relation *in, struct error *err)
{
	const struct defsync_relation *out = NULL;
	int32_t rc;

	host_begin_call(st->host);
	rc = st->plugin->transform.relation(st->instance, in, 0, &out);
	if (stage_result(c, st, "relation", rc, err) < 0)
		return NULL;
	if (out != in && relation_check(out, in->n_columns, err) < 0) {
		error_prefix(err, "relation");
		stage_prefixed(c, st, err);
		return NULL;
	}
	if (remember(st, in, out) < 0) {
		error_nomem(err);
		return NULL;
	}
	return &st->mappings[st->last];
}

const struct mapping *stage_relation(struct chain *c, struct stage *st,
				     const struct defsync_relation *in, struct error *err)
{
	if (st->n_mappings > 0 && st->mappings[st->last].in == in)
		return &st->mappings[st->last];
	for (size_t i = 0; i < st->n_mappings; i++) {
		if (st->mappings[i].in == in) {
			st->last = i;
			return &st->mappings[i];
		}
	}
	return ask_relation(c, st, in, err);
}

int chain_relation(struct chain *c, const struct defsync_relation *in,
		   const struct defsync_relation **ret_out, struct error *err)
{
	const struct defsync_relation *at = in;
	struct error own = ERROR_INIT;

	for (size_t i = 0; i < c->n_stages; i++) {
		const struct mapping *m = stage_relation(c, &c->stages[i], at, &own);

		if (!m) {
			error_move(err, &own);
			return -1;
		}
		at = m->out;
	}
	*ret_out = at;
	return 0;
}
