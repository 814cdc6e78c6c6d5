/* SPDX-License-Identifier: MIT */
/* Single rows of a batch: keys that come twice, rows that are refused, their keys as JSON. */

#include <stdlib.h>

#include "push/batch-internal.h"
#include "row/encoder.h"
#include "row/json-members.h"

/* ---- Groups ---- */

/* The row's group counts as pushed here: it counts as something else from now on. */
static void recount(struct batch *b, size_t i, uint64_t *to)
{
	uint32_t group = b->rows[i].group;

	while (i + 1 < b->n_rows && b->rows[i + 1].group == group)
		i++;
	if (!(b->rows[i].flags & BATCH_ROW_COUNTED))
		return;
	b->rows[i].flags &= ~BATCH_ROW_COUNTED;
	b->counts.pushed--;
	(*to)++;
}

void batch_row_counted(struct batch *b)
{
	struct batch_row *last = b->n_rows > 0 ? &b->rows[b->n_rows - 1] : NULL;

	if (last != NULL && last->group == (uint32_t)b->counts.read)
		last->flags |= BATCH_ROW_COUNTED;
}

/* ---- Merge: the last one wins ---- */

static void put_slot(uint32_t *slots, size_t cap, uint64_t hash, uint32_t value)
{
	size_t i = (size_t)hash & (cap - 1);

	while (slots[i] != 0)
		i = (i + 1) & (cap - 1);
	slots[i] = value;
}

static int grow_slots(struct batch *b)
{
	size_t cap = b->cap_slots > 0 ? b->cap_slots * 2 : 1024;
	uint32_t *slots = calloc(cap, sizeof(*slots));

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < b->n_keys; i++)
		put_slot(slots, cap, b->keys[i].hash, (uint32_t)i + 1);
	free(b->slots);
	b->slots = slots;
	b->cap_slots = cap;
	return 0;
}

static struct batch_key *find_key(const struct batch *b, uint64_t hash, const void *key, size_t len)
{
	if (b->cap_slots == 0)
		return NULL;
	for (size_t i = (size_t)hash & (b->cap_slots - 1); b->slots[i] != 0;
	     i = (i + 1) & (b->cap_slots - 1)) {
		struct batch_key *k = &b->keys[b->slots[i] - 1];

		if (k->hash == hash && k->len == len &&
		    memcmp(b->key_bytes.data + k->at, key, len) == 0)
			return k;
	}
	return NULL;
}

static int add_key(struct batch *b, uint64_t hash, const void *key, size_t len)
{
	if (batch_make_room((void **)&b->keys, b->n_keys, &b->cap_keys, sizeof(*b->keys)) < 0 ||
	    (b->n_keys * 2 >= b->cap_slots && grow_slots(b) < 0))
		return -1;
	b->keys[b->n_keys] = (struct batch_key){
	    .hash = hash,
	    .at = (uint32_t)b->key_bytes.len,
	    .len = (uint32_t)len,
	    .row = (uint32_t)b->n_rows - 1,
	};
	if (buf_add(&b->key_bytes, key, len) < 0)
		return -1;
	b->n_keys++;
	put_slot(b->slots, b->cap_slots, hash, (uint32_t)b->n_keys);
	return 0;
}

static int group_is_dropped(const struct batch *b, size_t i)
{
	uint32_t group = b->rows[i].group;

	while (i > 0 && b->rows[i - 1].group == group)
		i--;
	for (; i < b->n_rows && b->rows[i].group == group; i++) {
		if (!(b->rows[i].flags & BATCH_ROW_DROPPED))
			return 0;
	}
	return 1;
}

int batch_row_key(struct batch *b, uint64_t hash, const void *key, size_t len)
{
	struct batch_key *k = find_key(b, hash, key, len);
	uint32_t before;

	if (k == NULL)
		return add_key(b, hash, key, len);
	before = k->row;
	k->row = (uint32_t)b->n_rows - 1;
	b->rows[before].flags |= BATCH_ROW_DROPPED;
	b->n_dropped++;
	if (group_is_dropped(b, before))
		recount(b, before, &b->counts.filtered);
	return 0;
}

void batch_compact(struct batch *b)
{
	size_t at = b->prefix_len;
	size_t n = 0;

	for (size_t i = 0; i < b->n_rows; i++) {
		struct batch_row row = b->rows[i];

		if (row.flags & BATCH_ROW_DROPPED) {
			/* What is left of its group still counts. */
			if (n > 0 && b->rows[n - 1].group == row.group)
				b->rows[n - 1].flags |= row.flags & BATCH_ROW_COUNTED;
			continue;
		}
		if (n > 0)
			b->body.data[at++] = ',';
		memmove(b->body.data + at, b->body.data + row.offset, row.len);
		row.offset = (uint32_t)at;
		at += row.len;
		b->rows[n++] = row;
	}
	b->body.len = at;
	b->n_rows = n;
	b->n_dropped = 0;
}

/* ---- Keys as JSON ---- */

static int is_name(const struct json_member *m, const struct buf *name)
{
	/* With the quotes that `name` has. */
	return m->name_len + 2 == name->len && memcmp(m->name, name->data + 1, m->name_len) == 0;
}

/* ,"id":17 as it stands in the row, if it is there. */
static int add_member(const struct batch *b, const struct batch_row *row, const struct buf *name,
		      struct buf *out)
{
	const char *at = b->body.data + row->offset;
	const char *end = at + row->len;
	struct json_member m;

	while (json_next_member(&at, end, &m)) {
		if (!is_name(&m, name))
			continue;
		if ((out->data[out->len - 1] != '{' && buf_add_char(out, ',') < 0) ||
		    buf_add(out, name->data, name->len) < 0 || buf_add_char(out, ':') < 0)
			return -1;
		return buf_add(out, m.value, m.value_len);
	}
	return 0;
}

int batch_key_json(const struct batch *b, size_t i, struct buf *out)
{
	const char *at = b->key_names.data;
	struct buf name;
	int rc;

	if (b->n_key_names == 0)
		return 0;
	buf_init(&name, (size_t)8 * LIMIT_NAME_BYTES);
	rc = buf_add_char(out, '{');
	for (size_t k = 0; rc == 0 && k < b->n_key_names; k++) {
		buf_reset(&name);
		rc = json_add_string(&name, at, strlen(at));
		if (rc == 0)
			rc = add_member(b, &b->rows[i], &name, out);
		at += strlen(at) + 1;
	}
	buf_done(&name);
	return rc == 0 ? buf_add_char(out, '}') : -1;
}

/* ---- Rows that are refused ---- */

/* Letters and groups both rise. */
static int64_t letter_of(const struct batch *b, uint32_t group)
{
	size_t low = 0, high = b->n_letters;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->letters[middle].group < group)
			low = middle + 1;
		else
			high = middle;
	}
	return low < b->n_letters && b->letters[low].group == group ? b->letters[low].id : 0;
}

int batch_convict(struct batch *b, size_t i, const struct row_fault *fault, int status)
{
	const struct batch_row *row = &b->rows[i];
	struct buf key;
	int rc;

	buf_init(&key, LIMIT_BATCH_BYTES);
	rc = batch_key_json(b, i, &key);
	b->letter = letter_of(b, row->group);
	if (rc == 0)
		rc = batch_note_dead(b, fault, buf_str(&key), "", 0, b->body.data + row->offset,
				     row->len);
	if (rc == 0) {
		b->dead[b->n_dead - 1].status = status;
		recount(b, i, &b->counts.dead);
	}
	buf_done(&key);
	return rc;
}
