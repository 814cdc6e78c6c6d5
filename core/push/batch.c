/* SPDX-License-Identifier: MIT */
/* Batches: the body of a request and what has to be known about its rows. */

#include "push/batch.h"

#include <stdlib.h>

#include "push/batch-internal.h"
#include "push/part.h"
#include "row/encoder.h"

/* A body may for a moment hold the row that does not fit any more. */
#define BODY_MAX (2 * (size_t)LIMIT_BATCH_BYTES + 65536)
#define NOTES_MAX ((size_t)LIMIT_DEAD_PAYLOAD_BYTES + (size_t)8 * 1024 * 1024)
#define KEY_NAMES_MAX ((size_t)LIMIT_COLUMNS * (LIMIT_NAME_BYTES + 1))
/* Stretches without sent rows are cut too, so that the checkpoint gets on. */
#define STRETCH_ROWS 200000
#define STRETCH_NOTES ((size_t)4 * 1024 * 1024)
#define STRETCH_KEYS ((size_t)1024 * 1024)
#define KEYS_KNOWN_MAX (4 * STRETCH_KEYS)

struct batch *batch_create(void)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	buf_init(&b->body, BODY_MAX);
	buf_init(&b->notes, NOTES_MAX);
	buf_init(&b->checkpoint, LIMIT_CHECKPOINT_BYTES + 1);
	buf_init(&b->key_bytes, BODY_MAX);
	buf_init(&b->key_names, KEY_NAMES_MAX);
	buf_init(&b->packed, 2 * BODY_MAX);
	buf_init(&b->keys_known, KEYS_KNOWN_MAX);
	return b;
}

void batch_destroy(struct batch *b)
{
	if (b == NULL)
		return;
	buf_done(&b->body);
	buf_done(&b->notes);
	buf_done(&b->checkpoint);
	buf_done(&b->key_bytes);
	buf_done(&b->key_names);
	buf_done(&b->packed);
	buf_done(&b->keys_known);
	part_destroy(b->part);
	free(b->rows);
	free(b->dead);
	free(b->hashes);
	free(b->letters);
	free(b->keys);
	free(b->slots);
	free(b);
}

static void batch_clear(struct batch *b)
{
	buf_reset(&b->body);
	buf_reset(&b->notes);
	buf_reset(&b->checkpoint);
	b->next = NULL;
	b->lane = NULL;
	buf_reset(&b->key_bytes);
	buf_reset(&b->key_names);
	buf_reset(&b->packed);
	buf_reset(&b->keys_known);
	b->n_rows = b->n_dead = b->n_hashes = b->n_keys = b->n_key_names = b->n_dropped = 0;
	b->n_letters = 0;
	b->letter = 0;
	if (b->cap_slots > 0)
		memset(b->slots, 0, b->cap_slots * sizeof(*b->slots));
	b->phase[0] = '\0';
	b->sweep = 0;
	b->cdc_us = 0;
	b->shape = 0;
	memset(&b->counts, 0, sizeof(b->counts));
	b->held = 0;
	b->started = 0;
	part_destroy(b->part);
	b->part = NULL;
	b->sent_rows = b->sent_bytes = 0;
	b->api_request_id[0] = '\0';
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

int batch_add_envelope(struct buf *out, const struct push_target *t, int replace)
{
	const char *mode = t->merge ? "merge" : replace ? "replace" : "append";

	if (buf_add_str(out, "{\"config\":{\"table\":") < 0 ||
	    json_add_string(out, t->table, strlen(t->table)) < 0 ||
	    buf_printf(out, ",\"mode\":\"%s\"", mode) < 0)
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
	if (batch_add_envelope(&b->body, target, 0) < 0)
		return error_nomem(err);
	b->prefix_len = b->body.len;
	return 0;
}

/* Doubles an array of `size` byte elements when it is full. */
int batch_make_room(void **array, size_t n, size_t *cap, size_t size)
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
	if (batch_make_room((void **)&b->rows, b->n_rows, &b->cap_rows, sizeof(*b->rows)) < 0)
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

/* Rows that come out of one row of the source see the same count of what was read. */
static void add_row(struct batch *b, size_t offset)
{
	b->rows[b->n_rows++] = (struct batch_row){
	    .offset = (uint32_t)offset,
	    .len = (uint32_t)(b->body.len - offset),
	    .group = (uint32_t)b->counts.read,
	};
}

int batch_row_done(struct batch *b, size_t offset, const struct batch_limits *limits)
{
	/* 2: the closing ]} */
	if (b->n_rows > 0 && (b->n_rows >= limits->rows || b->body.len + 2 > limits->bytes))
		return 0;
	add_row(b, offset);
	return 1;
}

int batch_move_row(struct batch *from, size_t offset, struct batch *to)
{
	size_t at;

	if (batch_begin_row(to, &at) < 0 ||
	    buf_add(&to->body, from->body.data + offset, from->body.len - offset) < 0)
		return -1;
	add_row(to, at);
	to->letter = from->letter;
	batch_cancel_row(from, offset);
	return 0;
}

int batch_is_full(const struct batch *b, const struct batch_limits *limits)
{
	return b->n_rows >= limits->rows || b->body.len + 2 >= limits->bytes ||
	       b->counts.read >= STRETCH_ROWS || b->notes.len >= STRETCH_NOTES ||
	       b->keys_known.len >= STRETCH_KEYS;
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

	if (batch_make_room((void **)&b->dead, b->n_dead, &b->cap_dead, sizeof(*b->dead)) < 0)
		return -1;
	d = &b->dead[b->n_dead];
	d->reason = fault->reason;
	d->status = 0;
	d->letter = b->letter;
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
	if (batch_make_room((void **)&b->hashes, b->n_hashes, &b->cap_hashes, sizeof(*b->hashes)) <
	    0)
		return -1;
	memcpy(b->hashes[b->n_hashes++], hash, ROW_HASH_BYTES);
	return 0;
}

int batch_note_key(struct batch *b, char change, const char *key, size_t len)
{
	struct buf *out = &b->keys_known;

	if (buf_reserve(out, len + 2) < 0)
		return -1;
	return buf_add_char(out, change) < 0 || buf_add(out, key, len) < 0
		   ? -1
		   : buf_add_char(out, '\0');
}

int batch_note_letter(struct batch *b)
{
	if (batch_make_room((void **)&b->letters, b->n_letters, &b->cap_letters,
			    sizeof(*b->letters)) < 0)
		return -1;
	b->letters[b->n_letters++] =
	    (struct batch_letter){.id = b->letter, .group = (uint32_t)b->counts.read};
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

int batch_add_key_name(struct batch *b, const char *name)
{
	if (buf_add(&b->key_names, name, strlen(name) + 1) < 0)
		return -1;
	b->n_key_names++;
	return 0;
}

int batch_close(struct batch *b, struct error *err)
{
	if (b->n_dropped > 0)
		batch_compact(b);
	return buf_add_str(&b->body, "]}") < 0 ? error_nomem(err) : 0;
}

size_t batch_memory(const struct batch *b)
{
	return b->body.len + b->packed.len + b->notes.len + b->n_rows * sizeof(*b->rows) +
	       b->n_hashes * ROW_HASH_BYTES + b->keys_known.len + b->key_bytes.len +
	       b->n_keys * sizeof(*b->keys);
}

int batch_is_empty(const struct batch *b)
{
	return b->n_rows == 0 && b->n_dead == 0 && b->checkpoint.len == 0 && b->counts.read == 0;
}
