/* SPDX-License-Identifier: MIT */
/* Batches: the body of a request and what has to be known about its rows. */

#include "push/batch.h"

#include <stdlib.h>

#include "base/random.h"
#include "row/encoder.h"

/* A body may for a moment hold the row that does not fit any more. */
#define BODY_MAX (2 * (size_t)LIMIT_BATCH_BYTES + 65536)
#define NOTES_MAX ((size_t)LIMIT_DEAD_PAYLOAD_BYTES + (size_t)8 * 1024 * 1024)
/* Stretches without sent rows are cut too, so that the checkpoint gets on. */
#define STRETCH_ROWS 200000
#define STRETCH_NOTES ((size_t)4 * 1024 * 1024)

struct batch *batch_create(void)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	buf_init(&b->body, BODY_MAX);
	buf_init(&b->notes, NOTES_MAX);
	buf_init(&b->checkpoint, LIMIT_CHECKPOINT_BYTES + 1);
	return b;
}

void batch_destroy(struct batch *b)
{
	if (b == NULL)
		return;
	buf_done(&b->body);
	buf_done(&b->notes);
	buf_done(&b->checkpoint);
	free(b->rows);
	free(b->dead);
	free(b->hashes);
	free(b->keys);
	free(b);
}

static void batch_clear(struct batch *b)
{
	buf_reset(&b->body);
	buf_reset(&b->notes);
	buf_reset(&b->checkpoint);
	b->next = NULL;
	b->lane = NULL;
	b->n_rows = b->n_dead = b->n_hashes = b->n_keys = 0;
	if (b->cap_keys > 0)
		memset(b->keys, 0, b->cap_keys * sizeof(*b->keys));
	b->phase[0] = '\0';
	b->sweep = 0;
	memset(&b->counts, 0, sizeof(b->counts));
	b->request_id[0] = '\0';
	b->held = 0;
	b->started = 0;
	b->attempts = 0;
	b->first_failure_us = b->not_before_us = 0;
	b->outcome = BATCH_OPEN;
}

static int add_names(struct buf *out, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && buf_add_char(out, ',') < 0)
			return -1;
		if (json_add_string(out, names[i], strlen(names[i])) < 0)
			return -1;
	}
	return 0;
}

/* "name=value" items as members of an object. */
static int add_tags(struct buf *out, const char *const *tags, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *eq = strchr(tags[i], '=');
		size_t name_len = eq != NULL ? (size_t)(eq - tags[i]) : strlen(tags[i]);
		const char *value = eq != NULL ? eq + 1 : "";

		if (i > 0 && buf_add_char(out, ',') < 0)
			return -1;
		if (json_add_string(out, tags[i], name_len) < 0 || buf_add_char(out, ':') < 0 ||
		    json_add_string(out, value, strlen(value)) < 0)
			return -1;
	}
	return 0;
}

static int add_envelope(struct buf *out, const struct push_target *t)
{
	if (buf_add_str(out, "{\"config\":{\"table\":") < 0 ||
	    json_add_string(out, t->table, strlen(t->table)) < 0 ||
	    buf_add_str(out, t->merge ? ",\"mode\":\"merge\"" : ",\"mode\":\"append\"") < 0)
		return -1;
	if (t->merge && (buf_add_str(out, ",\"primary_key\":[") < 0 ||
			 add_names(out, t->key, t->n_key) < 0 || buf_add_char(out, ']') < 0))
		return -1;
	if (buf_add_str(out, t->wait ? ",\"wait\":true" : ",\"wait\":false") < 0)
		return -1;
	if (t->n_tags > 0 && (buf_add_str(out, ",\"tags\":{") < 0 ||
			      add_tags(out, t->tags, t->n_tags) < 0 || buf_add_char(out, '}') < 0))
		return -1;
	return buf_add_str(out, "},\"data\":[");
}

int batch_open(struct batch *b, const struct push_target *target, struct error *err)
{
	batch_clear(b);
	if (add_envelope(&b->body, target) < 0)
		return error_nomem(err);
	b->prefix_len = b->body.len;
	return 0;
}

/* Doubles an array of `size` byte elements when it is full. */
static int make_room(void **array, size_t n, size_t *cap, size_t size)
{
	size_t more;
	void *p;

	if (n < *cap)
		return 0;
	more = *cap > 0 ? *cap * 2 : 64;
	p = reallocarray(*array, more, size);
	if (p == NULL)
		return -1;
	*array = p;
	*cap = more;
	return 0;
}

int batch_begin_row(struct batch *b, size_t *ret_offset)
{
	if (make_room((void **)&b->rows, b->n_rows, &b->cap_rows, sizeof(*b->rows)) < 0)
		return -1;
	if (b->n_rows > 0 && buf_add_char(&b->body, ',') < 0)
		return -1;
	*ret_offset = b->body.len;
	return 0;
}

void batch_cancel_row(struct batch *b, size_t offset)
{
	b->body.len = b->n_rows > 0 ? offset - 1 : offset;
}

int batch_row_done(struct batch *b, size_t offset, const struct batch_limits *limits)
{
	/* 2: the closing ]} */
	if (b->n_rows > 0 && (b->n_rows >= limits->rows || b->body.len + 2 > limits->bytes))
		return 0;
	b->rows[b->n_rows].offset = (uint32_t)offset;
	b->rows[b->n_rows].len = (uint32_t)(b->body.len - offset);
	b->n_rows++;
	return 1;
}

int batch_move_row(struct batch *from, size_t offset, struct batch *to)
{
	size_t at;

	if (batch_begin_row(to, &at) < 0 ||
	    buf_add(&to->body, from->body.data + offset, from->body.len - offset) < 0)
		return -1;
	to->rows[0].offset = (uint32_t)at;
	to->rows[0].len = (uint32_t)(to->body.len - at);
	to->n_rows = 1;
	batch_cancel_row(from, offset);
	return 0;
}

int batch_is_full(const struct batch *b, const struct batch_limits *limits)
{
	return b->n_rows >= limits->rows || b->body.len + 2 >= limits->bytes ||
	       b->counts.read >= STRETCH_ROWS || b->notes.len >= STRETCH_NOTES;
}

/* Appends text and NUL; the offset. */
static int note_text(struct batch *b, const char *p, size_t n, uint32_t *ret_offset)
{
	*ret_offset = (uint32_t)b->notes.len;
	if (buf_add(&b->notes, p, n) < 0)
		return -1;
	return buf_add_char(&b->notes, '\0');
}

int batch_note_dead(struct batch *b, const struct row_fault *fault, const char *key,
		    const char *position, size_t position_len, const char *payload,
		    size_t payload_len)
{
	struct batch_dead *d;
	size_t before = b->notes.len;

	if (make_room((void **)&b->dead, b->n_dead, &b->cap_dead, sizeof(*b->dead)) < 0)
		return -1;
	d = &b->dead[b->n_dead];
	d->reason = fault->reason;
	d->status = 0;
	d->payload_len = (uint32_t)payload_len;
	if (note_text(b, key, strlen(key), &d->key) < 0 ||
	    note_text(b, position, position_len, &d->position) < 0 ||
	    note_text(b, fault->text, strlen(fault->text), &d->message) < 0 ||
	    note_text(b, payload, payload_len, &d->payload) < 0) {
		b->notes.len = before;
		return -1;
	}
	b->n_dead++;
	return 0;
}

int batch_note_hash(struct batch *b, const unsigned char hash[ROW_HASH_BYTES])
{
	if (make_room((void **)&b->hashes, b->n_hashes, &b->cap_hashes, sizeof(*b->hashes)) < 0)
		return -1;
	memcpy(b->hashes[b->n_hashes++], hash, ROW_HASH_BYTES);
	return 0;
}

int batch_note_checkpoint(struct batch *b, const char *checkpoint, size_t len)
{
	buf_reset(&b->checkpoint);
	return buf_add(&b->checkpoint, checkpoint, len);
}

void batch_set_phase(struct batch *b, const char *phase)
{
	size_t n = strnlen(phase, sizeof(b->phase) - 1);

	memcpy(b->phase, phase, n);
	b->phase[n] = '\0';
}

static void key_insert(uint64_t *keys, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (keys[i] != 0)
		i = (i + 1) & (cap - 1);
	keys[i] = hash;
}

static int key_grow(struct batch *b)
{
	size_t cap = b->cap_keys > 0 ? b->cap_keys * 2 : 1024;
	uint64_t *keys = calloc(cap, sizeof(*keys));

	if (keys == NULL)
		return -1;
	for (size_t i = 0; i < b->cap_keys; i++) {
		if (b->keys[i] != 0)
			key_insert(keys, cap, b->keys[i]);
	}
	free(b->keys);
	b->keys = keys;
	b->cap_keys = cap;
	return 0;
}

int batch_add_key(struct batch *b, uint64_t key_hash)
{
	uint64_t hash = key_hash != 0 ? key_hash : 1; /* 0 marks a free place */

	if (b->n_keys * 2 >= b->cap_keys && key_grow(b) < 0)
		return -1;
	for (size_t i = (size_t)hash & (b->cap_keys - 1); b->keys[i] != 0;
	     i = (i + 1) & (b->cap_keys - 1)) {
		if (b->keys[i] == hash)
			return 1;
	}
	key_insert(b->keys, b->cap_keys, hash);
	b->n_keys++;
	return 0;
}

int batch_close(struct batch *b, struct error *err)
{
	if (buf_add_str(&b->body, "]}") < 0)
		return error_nomem(err);
	if (random_uuid(b->request_id) < 0)
		return error_set(err, ERR_INTERNAL, "push: no random numbers from the system");
	return 0;
}

size_t batch_memory(const struct batch *b)
{
	return b->body.len + b->notes.len + b->n_rows * sizeof(*b->rows) +
	       b->n_hashes * ROW_HASH_BYTES;
}

int batch_is_empty(const struct batch *b)
{
	return b->n_rows == 0 && b->n_dead == 0 && b->checkpoint.len == 0 && b->counts.read == 0;
}
