/* SPDX-License-Identifier: MIT */
/* The key columns of a table's rows. */

#include "sync/key.h"

#include <stdlib.h>
#include <string.h>

void key_init(struct row_key *k)
{
	memset(k, 0, sizeof(*k));
}

void key_done(struct row_key *k)
{
	free(k->index);
	free(k->columns);
	free(k->cells);
	key_init(k);
}

static int find_column(const struct defsync_relation *relation, const char *name)
{
	for (uint32_t i = 0; i < relation->n_columns; i++) {
		if (strcmp(defsync_column_at(relation, i)->name, name) == 0)
			return (int)i;
	}
	return -1;
}

static int find_named(struct row_key *k, const struct defsync_relation *relation,
		      const char *const *names, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		int at = find_column(relation, names[i]);

		if (at < 0)
			return error_set(err, ERR_SOURCE,
					 "key: no such column: '%s'; check the table's key",
					 names[i]);
		k->index[k->n++] = (uint32_t)at;
	}
	return 0;
}

static void find_flagged(struct row_key *k, const struct defsync_relation *relation)
{
	for (uint32_t i = 0; i < relation->n_columns; i++) {
		if (defsync_column_at(relation, i)->flags & DEFSYNC_COLUMN_KEY)
			k->index[k->n++] = i;
	}
}

/* The relation of the key columns alone, for key_json. */
static void project(struct row_key *k, const struct defsync_relation *relation)
{
	for (size_t i = 0; i < k->n; i++)
		k->columns[i] = *defsync_column_at(relation, k->index[i]);
	k->relation = (struct defsync_relation){
	    .struct_size = sizeof(k->relation),
	    .column_size = sizeof(*k->columns),
	    .schema = relation->schema,
	    .name = relation->name,
	    .columns = k->columns,
	    .n_columns = (uint32_t)k->n,
	};
	k->of = relation;
}

int key_relation(struct row_key *k, const struct defsync_relation *relation,
		 const char *const *names, size_t n, struct error *err)
{
	size_t most = n > relation->n_columns ? n : relation->n_columns;

	key_done(k);
	k->index = calloc(most + 1, sizeof(*k->index));
	k->columns = calloc(most + 1, sizeof(*k->columns));
	k->cells = calloc(most + 1, sizeof(*k->cells));
	if (k->index == NULL || k->columns == NULL || k->cells == NULL)
		return error_nomem(err);
	if (n == 0)
		find_flagged(k, relation);
	else if (find_named(k, relation, names, n, err) < 0)
		return -1;
	project(k, relation);
	return 0;
}

static size_t count_flagged(const struct defsync_relation *r)
{
	size_t n = 0;

	for (uint32_t i = 0; i < r->n_columns; i++)
		n += (defsync_column_at(r, i)->flags & DEFSYNC_COLUMN_KEY) != 0;
	return n;
}

int key_is_whole(const struct defsync_relation *in, const struct defsync_relation *out)
{
	return count_flagged(in) == count_flagged(out);
}

int key_torn(const char *what, struct error *err)
{
	return error_set(err, ERR_CONFIG,
			 "%s needs the whole key and the transforms hide or change it; leave its "
			 "columns as they are, by whatever names, or mask them by sha256, "
			 "hmac-sha256 or pseudonym, which keep rows apart",
			 what);
}

const char *key_null_column(const struct row_key *k, const struct defsync_row *row)
{
	for (size_t i = 0; i < k->n; i++) {
		if (defsync_cell_at(row, k->index[i])->type == DEFSYNC_NULL)
			return k->columns[i].name;
	}
	return NULL;
}

static int has_data(uint32_t type)
{
	return type == DEFSYNC_DECIMAL || type == DEFSYNC_TEXT || type == DEFSYNC_BYTES ||
	       type == DEFSYNC_JSON || type == DEFSYNC_UUID;
}

/* Type, and length where it varies: no two keys run into the same bytes. */
static int add_cell(struct buf *out, const struct defsync_cell *c)
{
	if (buf_add(out, &c->type, sizeof(c->type)) < 0)
		return -1;
	if (!has_data(c->type))
		return buf_add(out, &c->v.u64, sizeof(c->v.u64));
	if (buf_add(out, &c->v.data.len, sizeof(c->v.data.len)) < 0)
		return -1;
	return buf_add(out, c->v.data.ptr, c->v.data.len);
}

int key_bytes(const struct row_key *k, const struct defsync_row *row, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < k->n; i++) {
		if (add_cell(out, defsync_cell_at(row, k->index[i])) < 0)
			return -1;
	}
	return 0;
}

/* FNV-1a: keys are short. */
uint64_t key_hash(const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < n; i++)
		h = (h ^ at[i]) * UINT64_C(1099511628211);
	/* A table of places uses the low bits: FNV's are the weak ones. */
	return h ^ (h >> 32);
}

int key_json(struct row_key *k, const struct defsync_row *row, struct encoder *lenient,
	     struct buf *out)
{
	struct row_fault fault;
	struct defsync_row only = {
	    .struct_size = sizeof(only),
	    .op = row->op,
	    .relation = &k->relation,
	    .cells = k->cells,
	    .n_cells = (uint32_t)k->n,
	    .cell_size = sizeof(*k->cells),
	};

	if (k->n == 0 || k->of != row->relation)
		return 0;
	for (size_t i = 0; i < k->n; i++)
		k->cells[i] = *defsync_cell_at(row, k->index[i]);
	/* It may have been of another relation since. */
	encoder_forget(lenient);
	if (encoder_relation(lenient, &k->relation, NULL) < 0)
		return -1;
	return encoder_row(lenient, &only, out, &fault);
}
