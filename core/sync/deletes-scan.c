/* SPDX-License-Identifier: MIT */
/* detect_deletes: what the source has: the shape of its rows, and all its keys. */

#include <stdlib.h>
#include <string.h>

#include "base/failpoint.h"
#include "sync/deletes.h"

#define LEARN_BYTES ((size_t)2 * 1024 * 1024) /* of changes in one transaction */
#define PAGE_KEYS 8192			      /* read from the store at a time */

/* ---- Columns -------------------------------------------------------------------------- */

static int find_column(const struct defsync_column *columns, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(columns[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static const struct defsync_column *column_of(const struct defsync_relation *r, const char *name)
{
	for (uint32_t i = 0; i < r->n_columns; i++) {
		if (strcmp(defsync_column_at(r, i)->name, name) == 0)
			return defsync_column_at(r, i);
	}
	return NULL;
}

/* The configured columns of the key, or those that the source flags. */
static int copy_key(struct deletes *d, const struct defsync_relation *r, struct error *err)
{
	const struct config_table *c = d->t->config;
	size_t most = c->n_key > 0 ? c->n_key : r->n_columns;

	d->columns = arena_array(&d->arena, most + 1, sizeof(*d->columns));
	if (d->columns == NULL)
		return error_nomem(err);
	for (size_t i = 0; i < most; i++) {
		const struct defsync_column *flagged =
		    c->n_key == 0 ? defsync_column_at(r, (uint32_t)i) : NULL;

		if (flagged != NULL && !(flagged->flags & DEFSYNC_COLUMN_KEY))
			continue;
		d->columns[d->n_columns] =
		    arena_strdup(&d->arena, flagged != NULL ? flagged->name : c->key[i]);
		if (d->columns[d->n_columns++] == NULL)
			return error_nomem(err);
	}
	if (d->n_columns > 0 && d->n_columns <= LETTER_KEY_MAX)
		return 0;
	return error_set(
	    err, ERR_CONFIG,
	    "%s: detect_deletes needs a key, of at most %d columns; set the table's key",
	    d->t->where, LETTER_KEY_MAX);
}

/* As an array of names: what the known keys are about. */
static int write_key(struct deletes *d)
{
	int rc = buf_add_char(&d->columns_text, '[');

	for (size_t i = 0; i < d->n_columns; i++) {
		if (i > 0)
			rc |= buf_add_char(&d->columns_text, ',');
		rc |= json_add_string(&d->columns_text, d->columns[i], strlen(d->columns[i]));
	}
	return rc | buf_add_char(&d->columns_text, ']');
}

static int copy_column(struct deletes *d, const struct defsync_column *from, uint32_t at,
		       struct error *err)
{
	struct defsync_column *to = &d->row_columns[at];

	*to = *from;
	to->name = arena_strdup(&d->arena, from->name);
	to->native_type =
	    arena_strdup(&d->arena, from->native_type != NULL ? from->native_type : "");
	return to->name != NULL && to->native_type != NULL ? 0 : error_nomem(err);
}

/* Names that an earlier describe gave do not outlive the next one. */
static int copy_names(struct deletes *d, const struct defsync_request *q, const char ***ret,
		      struct error *err)
{
	*ret = arena_array(&d->arena, (size_t)q->n_columns + 1, sizeof(**ret));
	if (*ret == NULL)
		return error_nomem(err);
	for (uint32_t i = 0; i < q->n_columns; i++) {
		(*ret)[i] = arena_strdup(&d->arena, q->columns[i]);
		if ((*ret)[i] == NULL)
			return error_nomem(err);
	}
	return 0;
}

/* Of these names, or all. */
static int copy_columns(struct deletes *d, const char *const *names, uint32_t n_names,
			const struct defsync_relation *r, struct error *err)
{
	uint32_t n = n_names > 0 ? n_names : r->n_columns;

	d->row_columns = arena_array(&d->arena, (size_t)n + 1, sizeof(*d->row_columns));
	d->cells = arena_array(&d->arena, (size_t)n + 1, sizeof(*d->cells));
	if (d->row_columns == NULL || d->cells == NULL)
		return error_nomem(err);
	for (uint32_t i = 0; i < n; i++) {
		const struct defsync_column *c =
		    n_names > 0 ? column_of(r, names[i]) : defsync_column_at(r, i);

		if (c == NULL)
			return error_set(err, ERR_SOURCE,
					 "%s: no such column: '%s'; check columns.include",
					 d->t->where, names[i]);
		if (copy_column(d, c, i, err) < 0)
			return -1;
	}
	d->relation = (struct defsync_relation){
	    .struct_size = sizeof(d->relation),
	    .column_size = sizeof(*d->row_columns),
	    .schema = arena_strdup(&d->arena, r->schema != NULL ? r->schema : ""),
	    .name = arena_strdup(&d->arena, r->name),
	    .columns = d->row_columns,
	    .n_columns = n,
	};
	return d->relation.schema != NULL && d->relation.name != NULL ? 0 : error_nomem(err);
}

/* Keys are kept as JSON: of these types only the text is left, so texts they are. */
static uint32_t kept_type(uint32_t type)
{
	switch (type) {
	case DEFSYNC_BYTES:
	case DEFSYNC_DATE:
	case DEFSYNC_TIME:
	case DEFSYNC_TIMESTAMP:
	case DEFSYNC_TIMESTAMP_LOCAL:
	case DEFSYNC_JSON:
		return DEFSYNC_TEXT;
	default:
		return type;
	}
}

static int place_key(struct deletes *d, struct error *err)
{
	d->places = arena_array(&d->arena, d->n_columns, sizeof(*d->places));
	if (d->places == NULL)
		return error_nomem(err);
	for (size_t i = 0; i < d->n_columns; i++) {
		int at = find_column(d->row_columns, d->relation.n_columns, d->columns[i]);

		if (at < 0)
			return error_set(err, ERR_CONFIG,
					 "%s: detect_deletes: '%s' of the key is not among the "
					 "columns; do not leave it out",
					 d->t->where, d->columns[i]);
		d->places[i] = (uint32_t)at;
		d->row_columns[at].type = kept_type(d->row_columns[at].type);
	}
	return 0;
}

int deletes_describe(struct deletes *d, const struct defsync_request *q, struct error *err)
{
	const struct defsync_table *table;
	const char **names;

	if (copy_names(d, q, &names, err) < 0)
		return -1;
	d->request = (struct defsync_request){
	    .struct_size = sizeof(d->request),
	    .mode = DEFSYNC_READ_SNAPSHOT,
	    .table = q->table,
	    .keys = q->keys,
	    .n_keys = q->n_keys,
	    .filter = q->filter,
	    .lookback = q->lookback,
	    .null_watermark = q->null_watermark,
	    .checkpoint = "",
	    .options = q->options,
	    .cell_size = sizeof(struct defsync_cell),
	};
	if (source_describe(d->t->source, &d->request, &table, err) < 0 ||
	    copy_key(d, table->relation, err) < 0 ||
	    copy_columns(d, names, q->n_columns, table->relation, err) < 0 || place_key(d, err) < 0)
		return -1;
	d->request.columns = d->columns;
	d->request.n_columns = (uint32_t)d->n_columns;
	return write_key(d) < 0 ? error_nomem(err) : 0;
}

/* ---- The source's keys --------------------------------------------------------------------- */

static int list_row(struct deletes *d, const struct defsync_row *row, key_sink sink,
		    struct error *err)
{
	int rc;

	if (row == NULL || row->op == DEFSYNC_OP_CHECKPOINT)
		return 0;
	rc = deletes_key(d, &d->listed_key, row, err);
	if (rc <= 0)
		return rc;
	d->seen++;
	return sink(d, err);
}

static int list_rows(struct deletes *d, key_sink sink, struct error *err)
{
	for (;;) {
		const struct defsync_row *row = NULL;
		int rc = source_next(d->t->source, &row, err);

		if (rc == DEFSYNC_END)
			return 0;
		if (rc < 0 && rc != DEFSYNC_E_BAD_ROW)
			return -1;
		/* A bad row is there, too; where its key cannot be read it is looked up. */
		if (list_row(d, row, sink, err) < 0 || deletes_look(d, err) < 0)
			return -1;
		(void)failpoint("deletes_list");
	}
}

int deletes_list(struct deletes *d, key_sink sink, struct error *err)
{
	int rc;

	key_done(&d->listed_key);
	d->seen = 0;
	if (source_extract(d->t->source, &d->request, err) < 0)
		return -1;
	rc = list_rows(d, sink, err);
	source_end(d->t->source);
	return rc;
}

/* ---- The first pass ---------------------------------------------------------------------- */

int deletes_learnt(struct deletes *d, struct error *err)
{
	int rc = store_keys_change(d->t->run->store, d->t->stored.id, d->changes.data,
				   d->changes.len, err);

	buf_reset(&d->changes);
	return rc;
}

int deletes_learn(struct deletes *d, char change, const char *text, struct error *err)
{
	if (buf_add_char(&d->changes, change) < 0 ||
	    buf_add(&d->changes, text, strlen(text) + 1) < 0)
		return error_nomem(err);
	return d->changes.len >= LEARN_BYTES ? deletes_learnt(d, err) : 0;
}

static int seed_key(struct deletes *d, struct error *err)
{
	return deletes_learn(d, STORE_KEY_KNOWN, d->text.data, err);
}

int deletes_seed(struct deletes *d, struct error *err)
{
	return deletes_list(d, seed_key, err) < 0 ? -1 : deletes_learnt(d, err);
}

/* ---- A later pass --------------------------------------------------------------------------- */

static int compare_key(struct deletes *d, struct error *err)
{
	unsigned char hash[ROW_HASH_BYTES];

	if (row_hash_text(d->text.data, d->text.len, hash) < 0)
		return error_nomem(err);
	key_set_add(&d->set, hash);
	return 0;
}

struct page {
	struct key_set *set;
	unsigned char last[ROW_HASH_BYTES];
};

static int take_known(void *ctx, const unsigned char *hash, const char *key)
{
	struct page *p = ctx;

	(void)key;
	key_set_take(p->set, hash);
	memcpy(p->last, hash, sizeof(p->last));
	return 0;
}

/* In pages, since other tables wait for the store meanwhile. */
static int take_all_known(struct deletes *d, struct error *err)
{
	unsigned char low[ROW_HASH_BYTES] = {0}, high[ROW_HASH_BYTES];
	struct page page = {.set = &d->set};
	int64_t n;

	memset(high, 0xff, sizeof(high));
	do {
		n = store_keys_each(d->t->run->store, d->t->stored.id, low, high, PAGE_KEYS,
				    take_known, &page, err);
		if (n < 0 || deletes_look(d, err) < 0)
			return -1;
		memcpy(low, page.last, sizeof(low));
	} while (n == PAGE_KEYS && key_hash_next(low));
	return 0;
}

int deletes_compare(struct deletes *d, struct error *err)
{
	if (key_set_init(&d->set, d->known) < 0)
		return error_nomem(err);
	return deletes_list(d, compare_key, err) < 0 ? -1 : take_all_known(d, err);
}
