/* SPDX-License-Identifier: MIT */
/* Pages of dead letters. */

#include "sync/letters.h"

#include <stdlib.h>
#include <string.h>

/* One letter may always be on a page, whatever its size. */
#define PAGE_LETTERS 1000
#define PAGE_BYTES ((size_t)4 * 1024 * 1024)
#define TEXT_MAX (PAGE_BYTES + (size_t)2 * LIMIT_DEAD_PAYLOAD_BYTES)

static int note_last(void *ctx, const struct dead_letter *d)
{
	struct letters *l = ctx;

	l->last_id = d->id;
	return 0;
}

int letters_open(struct letters *l, struct store *store, const struct dead_filter *filter,
		 const char *target, int with_payload, struct error *err)
{
	*l = (struct letters){
	    .store = store,
	    .filter = *filter,
	    .target = target,
	    .with_payload = with_payload,
	};
	buf_init(&l->text, TEXT_MAX);
	return store_dead_each(store, &l->filter, 0, note_last, l, err) < 0 ? -1 : 0;
}

void letters_done(struct letters *l)
{
	free(l->items);
	buf_done(&l->text);
	*l = (struct letters){0};
}

static int add_text(struct letters *l, const char *p, size_t n, size_t *ret_offset)
{
	*ret_offset = l->text.len;
	return buf_add(&l->text, p, n) < 0 || buf_add_char(&l->text, '\0') < 0 ? -1 : 0;
}

static int grow(struct letters *l)
{
	size_t cap = l->cap > 0 ? l->cap * 2 : 64;
	struct letter *more = reallocarray(l->items, cap, sizeof(*more));

	if (more == NULL)
		return -1;
	l->items = more;
	l->cap = cap;
	return 0;
}

static int add(struct letters *l, const struct dead_letter *d)
{
	/* A row that no request can hold is not carried about. */
	size_t n = l->with_payload && d->payload_len <= LIMIT_BATCH_BYTES ? d->payload_len : 0;
	struct letter out = {
	    .id = d->id,
	    .reason = row_reason_find(d->reason),
	    .merge = strcmp(d->mode, "merge") == 0,
	    .payload_len = d->payload_len,
	};

	if ((l->n == l->cap && grow(l) < 0) || add_text(l, d->key, strlen(d->key), &out.key) < 0 ||
	    add_text(l, d->position, strlen(d->position), &out.position) < 0 ||
	    add_text(l, n > 0 ? d->payload : "", n, &out.payload) < 0)
		return -1;
	l->items[l->n++] = out;
	return 0;
}

/* Stops at the end of the page, or of those that were there at the beginning. */
static int take(void *ctx, const struct dead_letter *d)
{
	struct letters *l = ctx;

	if (d->id > l->last_id || l->n >= PAGE_LETTERS || l->text.len >= PAGE_BYTES)
		return 1;
	l->filter.after_id = d->id;
	if (strcmp(d->target, l->target) != 0)
		return 0;
	l->nomem = add(l, d) < 0;
	return l->nomem;
}

int letters_next(struct letters *l, struct error *err)
{
	l->n = 0;
	buf_reset(&l->text);
	if (store_dead_each(l->store, &l->filter, l->with_payload, take, l, err) < 0)
		return -1;
	if (l->nomem)
		return error_nomem(err);
	return l->n > 0;
}

const struct letter *letters_same_key(const struct letters *l, size_t i)
{
	const char *key = letters_text(l, l->items[i].key);

	if (key[0] == '\0')
		return NULL;
	for (size_t k = 0; k < i; k++) {
		if (strcmp(letters_text(l, l->items[k].key), key) == 0)
			return &l->items[k];
	}
	return NULL;
}
