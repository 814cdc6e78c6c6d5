/* SPDX-License-Identifier: MIT */
/* What a checkpoint remembers of the files, see cv-state.h. */

#include "cv-state.h"

#include <stdlib.h>
#include <string.h>

/* ---- Fingerprints ----------------------------------------------------------------- */

uint64_t cv_hash(uint64_t seed, const void *ptr, size_t len)
{
	const unsigned char *p = ptr;
	uint64_t h = seed ^ (len * UINT64_C(0x9e3779b97f4a7c15));
	size_t i;

	for (i = 0; i < len; i += 8) {
		unsigned char word[8] = {0};
		uint64_t w = 0;
		int k;

		memcpy(word, p + i, len - i < 8 ? len - i : 8);
		for (k = 7; k >= 0; k--)
			w = w << 8 | word[k];
		h = (h ^ w) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 29;
}

uint64_t cv_file_id(const struct cv_file *f, const char *head, size_t len)
{
	uint64_t h = cv_hash(0, f->name, strlen(f->name));

	h = cv_hash(h, &f->size, sizeof(f->size));
	h = cv_hash(h, &f->mtime, sizeof(f->mtime));
	return cv_hash(h, head, len);
}

/* ---- Known files -------------------------------------------------------------------- */

#define GROWING_BYTES 36
#define COMPLETE_BYTES 8

size_t cv_known_max(enum cv_layout layout)
{
	return CV_KNOWN_BYTES / (layout == CV_LAYOUT_APPEND ? GROWING_BYTES : COMPLETE_BYTES);
}

struct cv_known *cv_known_add(struct cv_state *st, const struct cv_known *k)
{
	if (st->n == st->room) {
		size_t room = st->room ? st->room * 2 : 16;
		struct cv_known *list = realloc(st->known, room * sizeof(*list));

		if (!list)
			return NULL;
		st->known = list;
		st->room = room;
	}
	st->known[st->n] = *k;
	return &st->known[st->n++];
}

void cv_known_remove(struct cv_state *st, size_t i)
{
	memmove(&st->known[i], &st->known[i + 1], (st->n - i - 1) * sizeof(*st->known));
	st->n--;
}

void cv_state_done(struct cv_state *st)
{
	free(st->known);
	st->known = NULL;
	st->n = st->room = 0;
}

/* ---- The floor ----------------------------------------------------------------------- */

bool cv_below(const struct cv_floor *f, const struct cv_file *file)
{
	return f->set && cv_file_compare(file, &f->at) <= 0;
}

void cv_floor_count(struct cv_floor *f, const struct cv_file *file)
{
	f->count++;
	f->sum += cv_file_id(file, NULL, 0);
}

/* ---- Phases ---------------------------------------------------------------------------- */

static const char *const phases[] = {
    [CV_PHASE_INCREMENTAL] = "incremental",
    [CV_PHASE_SNAPSHOT] = "snapshot",
    [CV_PHASE_DONE] = "done",
};

const char *cv_phase_name(enum cv_phase phase)
{
	return phases[phase];
}

/* ---- Bytes of the list --------------------------------------------------------------------- */

struct bytes {
	unsigned char data[CV_KNOWN_BYTES + 2 * GROWING_BYTES];
	size_t n, at;
};

static void put(struct bytes *b, uint64_t v, int n)
{
	for (; n > 0; n--, v >>= 8)
		b->data[b->n++] = (unsigned char)v;
}

static uint64_t take(struct bytes *b, int n)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < n; i++)
		v |= (uint64_t)b->data[b->at++] << (8 * i);
	return v;
}

#define WHOLE (UINT32_C(1) << 23)

static void put_known(struct bytes *b, enum cv_layout layout, const struct cv_known *k)
{
	put(b, k->id, 8);
	if (layout != CV_LAYOUT_APPEND)
		return;
	put(b, (uint64_t)k->size, 6);
	put(b, (uint64_t)k->done, 6);
	put(b, (uint64_t)k->line, 5);
	put(b, k->bytes | (k->whole ? WHOLE : 0), 3);
	put(b, k->tail, 4);
	put(b, k->inode, 4);
}

static struct cv_known take_known(struct bytes *b, enum cv_layout layout)
{
	struct cv_known k = {.id = take(b, 8), .file = CV_NOWHERE};

	if (layout != CV_LAYOUT_APPEND)
		return k;
	k.size = (int64_t)take(b, 6);
	k.done = (int64_t)take(b, 6);
	k.line = (int64_t)take(b, 5);
	k.bytes = (uint32_t)take(b, 3);
	k.tail = (uint32_t)take(b, 4);
	k.inode = (uint32_t)take(b, 4);
	k.whole = (k.bytes & WHOLE) != 0;
	k.bytes &= WHOLE - 1;
	return k;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void write_letters(struct checkpoint_writer *w, const struct bytes *b)
{
	size_t i;
	int k;

	for (i = 0; i < b->n; i += 3) {
		uint32_t v = (uint32_t)b->data[i] << 16;
		int n = b->n - i >= 3 ? 4 : (int)(b->n - i) + 1;

		if (n > 2)
			v |= (uint32_t)b->data[i + 1] << 8;
		if (n > 3)
			v |= b->data[i + 2];
		for (k = 0; k < n; k++)
			checkpoint_raw(w, &letters[v >> (18 - 6 * k) & 63], 1);
	}
}

static bool read_letters(const char *p, struct bytes *b)
{
	uint32_t v = 0;
	int bits = 0;

	for (; *p; p++) {
		const char *at = strchr(letters, *p);

		if (!at)
			return false;
		v = v << 6 | (uint32_t)(at - letters);
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (b->n == sizeof(b->data))
			return false;
		b->data[b->n++] = (unsigned char)(v >> bits);
	}
	return true;
}

/* ---- Writing --------------------------------------------------------------------------------- */

const char *cv_table_key(struct pool *pool, const char *table)
{
	if (strlen(table) <= 64)
		return pool_strdup(pool, table);
	return pool_printf(pool, "%.16s-%016llx", table,
			   (unsigned long long)cv_hash(0, table, strlen(table)));
}

static void write_ints(struct checkpoint_writer *w, const int64_t *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i)
			checkpoint_raw(w, ",", 1);
		checkpoint_int(w, list[i]);
	}
}

static void write_floor(struct checkpoint_writer *w, const struct cv_floor *f)
{
	const int64_t list[] = {f->at.mtime, f->ctime, f->count, (int64_t)f->sum};

	checkpoint_name(w, "floor");
	write_ints(w, list, 4);
	checkpoint_raw(w, ",", 1);
	checkpoint_bytes(w, f->at.name, strlen(f->at.name));
}

static void write_known(struct checkpoint_writer *w, enum cv_layout layout,
			const struct cv_state *st, size_t except)
{
	struct bytes b = {.n = 0};
	size_t i;

	for (i = 0; i < st->n; i++) {
		if (i != except && b.n + GROWING_BYTES <= sizeof(b.data))
			put_known(&b, layout, &st->known[i]);
	}
	if (b.n == 0)
		return;
	checkpoint_name(w, "known");
	write_letters(w, &b);
}

void cv_state_write(struct checkpoint_writer *w, char buf[CHECKPOINT_MAX], const char *table,
		    const struct cv_format *f, const struct cv_state *st, size_t except,
		    const struct cv_known *at)
{
	checkpoint_begin(w, buf, "csv1");
	checkpoint_field(w, "table", table);
	checkpoint_field(w, "layout", cv_layout_name(f->layout));
	checkpoint_field(w, "encoding", cv_encoding_name(f->encoding));
	checkpoint_field(w, "phase", cv_phase_name(st->phase));
	if (st->floor.set)
		write_floor(w, &st->floor);
	if (st->seen) {
		checkpoint_name(w, "seen");
		checkpoint_int(w, st->seen);
	}
	write_known(w, f->layout, st, except);
	if (at) {
		const int64_t list[] = {(int64_t)at->id, at->bytes,    at->inode,
					at->size,	 at->sync_raw, at->sync_base};

		checkpoint_name(w, "file");
		write_ints(w, list, 6);
	}
	checkpoint_keep(w);
}

void cv_place_write(struct checkpoint_writer *w, int64_t offset, int64_t line, uint32_t tail)
{
	checkpoint_name(w, "at");
	checkpoint_int(w, offset);
	checkpoint_raw(w, ",", 1);
	checkpoint_int(w, line);
	if (!tail)
		return;
	checkpoint_raw(w, ",", 1);
	checkpoint_int(w, tail);
}

/* ---- Reading ----------------------------------------------------------------------------------- */

/* min to max numbers with commas between; *ret_rest: behind a comma after max, or NULL. */
static bool read_ints(const char *p, int64_t *list, size_t min, size_t max, const char **ret_rest)
{
	size_t i;

	for (i = 0; i < max; i++) {
		size_t n = strcspn(p, ",");

		if (!checkpoint_parse_int(p, n, &list[i]))
			return false;
		p += n;
		if (*p == '\0')
			break;
		p++;
	}
	*ret_rest = i == max ? p : NULL;
	return (i == max ? i : i + 1) >= min;
}

static bool read_floor(const char *value, struct pool *pool, struct cv_floor *f)
{
	int64_t list[4];
	const char *rest;
	char *name;
	size_t len;

	if (!read_ints(value, list, 4, 4, &rest) || !rest)
		return false;
	name = pool_alloc(pool, strlen(rest) + 1, 1);
	if (!name || !checkpoint_decode(rest, strlen(rest), name, &len))
		return false;
	*f = (struct cv_floor){
	    .set = true,
	    .at = {.name = name, .mtime = list[0]},
	    .ctime = list[1],
	    .count = list[2],
	    .sum = (uint64_t)list[3],
	};
	return true;
}

static bool read_known(const char *value, enum cv_layout layout, struct cv_state *st)
{
	size_t each = layout == CV_LAYOUT_APPEND ? GROWING_BYTES : COMPLETE_BYTES;
	struct bytes b = {.n = 0};

	if (!read_letters(value, &b) || b.n % each != 0)
		return false;
	while (b.at < b.n) {
		const struct cv_known k = take_known(&b, layout);

		if (!cv_known_add(st, &k))
			return false;
	}
	return true;
}

static bool read_place(const char *file, const char *at, struct cv_state *st)
{
	int64_t list[6], place[3] = {0};
	struct cv_known k = {.file = CV_NOWHERE};
	const char *rest;

	if (!read_ints(file, list, 6, 6, &rest) || rest || !read_ints(at, place, 2, 3, &rest) ||
	    rest)
		return false;
	k.id = (uint64_t)list[0];
	k.bytes = (uint32_t)list[1];
	k.inode = (uint32_t)list[2];
	k.size = list[3];
	k.sync_raw = list[4];
	k.sync_base = list[5];
	k.done = place[0];
	k.line = place[1];
	k.tail = (uint32_t)place[2];
	return k.size >= 0 && k.sync_raw >= 0 && k.sync_base >= 0 && k.done >= 0 && place[2] >= 0 &&
	       place[2] <= k.done && cv_known_add(st, &k);
}

bool cv_state_read(const struct checkpoint_reader *r, struct pool *pool, const struct cv_format *f,
		   struct cv_state *st, size_t *ret_at)
{
	const char *phase = checkpoint_get(r, "phase"), *floor = checkpoint_get(r, "floor");
	const char *known = checkpoint_get(r, "known"), *file = checkpoint_get(r, "file");
	const char *at = checkpoint_get(r, "at"), *seen = checkpoint_get(r, "seen");
	size_t i = 0;

	*ret_at = CV_NOWHERE;
	while (phase && i < sizeof(phases) / sizeof(phases[0]) && strcmp(phase, phases[i]) != 0)
		i++;
	if (!phase || i == sizeof(phases) / sizeof(phases[0]) || (file == NULL) != (at == NULL))
		return false;
	st->phase = (enum cv_phase)i;
	if (floor && !read_floor(floor, pool, &st->floor))
		return false;
	if (seen && !checkpoint_parse_int(seen, strlen(seen), &st->seen))
		return false;
	if (known && !read_known(known, f->layout, st))
		return false;
	if (file && !read_place(file, at, st))
		return false;
	if (file)
		*ret_at = st->n - 1;
	return true;
}
