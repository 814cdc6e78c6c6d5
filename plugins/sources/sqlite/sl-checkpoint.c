/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints of this source:
 *
 *	sqlite1;file=INODE;table=T;mark=W;key=K,K;phase=P[;settled=V][;initial=V][;at=V,V];sum=S
 *
 * A value is its class and its exact contents: i17, r3ff8000000000000 (the bits of
 * 1.5), tabc, b00ff.  All but `at` is the same for every row of a cursor.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/checkpoint.h"
#include "sl.h"

#define FORMAT "sqlite1"

static const char *const phase_names[] = {
    [SL_PHASE_LOAD] = "load",
    [SL_PHASE_INCREMENTAL] = "incremental",
    [SL_PHASE_SNAPSHOT] = "snapshot",
    [SL_PHASE_DONE] = "done",
};

const char *sl_phase_name(enum sl_phase phase)
{
	return phase_names[phase];
}

void sl_position_done(struct sl_position *p)
{
	int i;

	sl_value_done(&p->mark);
	sl_value_done(&p->initial);
	for (i = 0; i < SL_KEYS_MAX + 1; i++)
		sl_value_done(&p->values[i]);
	*p = (struct sl_position){0};
}

/* ---- Writing ---------------------------------------------------------------- */

static void write_real(struct checkpoint_writer *w, double v)
{
	unsigned char bytes[8];
	uint64_t bits;
	int i;

	memcpy(&bits, &v, sizeof(bits));
	for (i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(bits >> (56 - 8 * i));
	checkpoint_raw(w, "r", 1);
	checkpoint_hex(w, bytes, sizeof(bytes));
}

static void write_value(struct checkpoint_writer *w, const struct sl_value *v)
{
	switch (v->cls) {
	case SQLITE_INTEGER:
		checkpoint_raw(w, "i", 1);
		checkpoint_int(w, v->i64);
		break;
	case SQLITE_FLOAT:
		write_real(w, v->f64);
		break;
	case SQLITE_TEXT:
		checkpoint_raw(w, "t", 1);
		checkpoint_bytes(w, v->ptr, v->len);
		break;
	case SQLITE_BLOB:
		checkpoint_raw(w, "b", 1);
		checkpoint_hex(w, v->ptr, v->len);
		break;
	default:
		/* NULL is no position. */
		w->full = true;
	}
}

void sl_checkpoint_values(struct checkpoint_writer *w, const struct sl_value *const *values, int n)
{
	int i;

	checkpoint_raw(w, ";at=", 4);
	for (i = 0; i < n; i++) {
		if (i)
			checkpoint_raw(w, ",", 1);
		write_value(w, values[i]);
	}
}

static void write_keys(struct checkpoint_writer *w, const struct sl_plan *p)
{
	int i;

	for (i = 0; i < p->n_keys; i++) {
		const char *name = sl_plan_name(p, p->keys[i]);

		if (i)
			checkpoint_raw(w, ",", 1);
		checkpoint_bytes(w, name, strlen(name));
	}
}

bool sl_checkpoint_prefix(struct checkpoint_writer *w, char *buf, const struct sl_source *s,
			  const struct sl_plan *p, const struct sl_position *at)
{
	char inode[24];

	(void)snprintf(inode, sizeof(inode), "%llu", (unsigned long long)s->inode);
	checkpoint_begin(w, buf, FORMAT);
	checkpoint_field(w, "file", inode);
	checkpoint_field(w, "table", p->table.name);
	checkpoint_field(w, "mark", p->watermark < 0 ? "" : sl_plan_name(p, p->watermark));
	checkpoint_name(w, "key");
	write_keys(w, p);
	checkpoint_field(w, "phase", phase_names[at->phase]);
	if (at->from == SL_FROM_PAST) {
		checkpoint_name(w, "settled");
		write_value(w, &at->mark);
	}
	if (at->phase == SL_PHASE_LOAD && at->initial.cls) {
		checkpoint_name(w, "initial");
		write_value(w, &at->initial);
	}
	checkpoint_keep(w);
	return !w->full;
}

/* ---- Reading ------------------------------------------------------------------ */

static bool read_real(const char *p, size_t len, struct sl_value *v)
{
	unsigned char bytes[8];
	uint64_t bits = 0;
	size_t n;
	int i;

	if (len != 16 || !checkpoint_unhex(p, len, bytes, &n))
		return false;
	for (i = 0; i < 8; i++)
		bits = bits << 8 | bytes[i];
	v->cls = SQLITE_FLOAT;
	memcpy(&v->f64, &bits, sizeof(v->f64));
	return true;
}

static bool read_bytes(char cls, const char *p, size_t len, struct sl_value *v)
{
	bool ok;

	v->ptr = calloc(1, len + 1);
	if (!v->ptr)
		return false;
	v->cls = cls == 't' ? SQLITE_TEXT : SQLITE_BLOB;
	ok = cls == 't' ? checkpoint_decode(p, len, v->ptr, &v->len)
			: checkpoint_unhex(p, len, (unsigned char *)v->ptr, &v->len);
	return ok;
}

static bool read_value(const char *p, size_t len, struct sl_value *v)
{
	if (len < 1)
		return false;
	switch (p[0]) {
	case 'i':
		v->cls = SQLITE_INTEGER;
		return checkpoint_parse_int(p + 1, len - 1, &v->i64);
	case 'r':
		return read_real(p + 1, len - 1, v);
	case 't':
	case 'b':
		return read_bytes(p[0], p + 1, len - 1, v);
	default:
		return false;
	}
}

static bool read_values(const char *p, struct sl_position *ret)
{
	for (;;) {
		size_t len = strcspn(p, ",");

		if (ret->n_values == SL_KEYS_MAX + 1 ||
		    !read_value(p, len, &ret->values[ret->n_values]))
			return false;
		ret->n_values++;
		if (!p[len])
			return true;
		p += len + 1;
	}
}

static bool read_phase(const char *name, enum sl_phase *ret)
{
	size_t i;

	for (i = 0; name && i < sizeof(phase_names) / sizeof(phase_names[0]); i++) {
		if (strcmp(phase_names[i], name) == 0) {
			*ret = (enum sl_phase)i;
			return true;
		}
	}
	return false;
}

/* Is what the fields say possible for this plan? */
static bool consistent(const struct sl_plan *p, const struct sl_position *at)
{
	bool snapshot = at->phase == SL_PHASE_SNAPSHOT || at->phase == SL_PHASE_DONE;

	if (snapshot != (p->watermark < 0))
		return false;
	switch (at->phase) {
	case SL_PHASE_LOAD:
		return at->n_values == p->n_keys;
	case SL_PHASE_INCREMENTAL:
		return !at->initial.cls &&
		       (at->from == SL_FROM_BEHIND ? at->n_values == p->n_mark && !at->mark.cls
						   : at->n_values == 0);
	case SL_PHASE_SNAPSHOT:
		return at->n_values == p->n_keys && !at->mark.cls && !at->initial.cls;
	case SL_PHASE_DONE:
		return at->n_values == 0 && !at->mark.cls && !at->initial.cls;
	}
	return false;
}

static bool read_position(const struct checkpoint_reader *r, const struct sl_plan *p,
			  struct sl_position *ret)
{
	const char *settled = checkpoint_get(r, "settled");
	const char *initial = checkpoint_get(r, "initial");
	const char *at = checkpoint_get(r, "at");

	if (!read_phase(checkpoint_get(r, "phase"), &ret->phase))
		return false;
	if (settled) {
		ret->from = SL_FROM_PAST;
		if (!read_value(settled, strlen(settled), &ret->mark))
			return false;
	}
	if (initial && !read_value(initial, strlen(initial), &ret->initial))
		return false;
	if (at && !read_values(at, ret))
		return false;
	if (at && ret->phase == SL_PHASE_INCREMENTAL)
		ret->from = SL_FROM_BEHIND;
	return consistent(p, ret);
}

static int32_t fail_stale(struct sl_source *s, const char *what, const char *was, const char *is)
{
	return defsync_fail(
	    s->host, DEFSYNC_E_STALE_CHECKPOINT,
	    "checkpoint: is of another %s: '%s', now '%s'; load the table anew after "
	    "'defsync state reset'",
	    what, was, is);
}

/* One part of the identity; `is` in its encoded form. */
static int32_t compare_part(struct sl_source *s, const struct checkpoint_reader *r,
			    const char *name, const char *what, const char *is)
{
	const char *was = checkpoint_get(r, name);

	return was && strcmp(was, is) == 0 ? 0 : fail_stale(s, what, was ? was : "", is);
}

/* The same parts as a checkpoint made now would have. */
static int32_t compare_identity(struct sl_source *s, const struct sl_plan *p,
				const struct checkpoint_reader *r)
{
	static const char *const parts[][2] = {
	    {"file", "file (inode)"},
	    {"table", "table"},
	    {"mark", "watermark column"},
	    {"key", "key"},
	};
	const struct sl_position none = {.phase = SL_PHASE_DONE};
	struct checkpoint_reader now;
	struct checkpoint_writer w;
	char *buf = malloc(CHECKPOINT_MAX);
	int32_t rc = 0;
	size_t i, len = 0;

	if (buf && sl_checkpoint_prefix(&w, buf, s, p, &none))
		len = checkpoint_end(&w);
	if (len == 0 || checkpoint_parse(&now, buf, len, FORMAT) != CHECKPOINT_OK) {
		free(buf);
		return sl_fail_nomem(s);
	}
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]) && rc == 0; i++)
		rc =
		    compare_part(s, r, parts[i][0], parts[i][1], checkpoint_get(&now, parts[i][0]));
	checkpoint_reader_done(&now);
	free(buf);
	return rc;
}

int32_t sl_checkpoint_read(struct sl_source *s, const struct sl_plan *p, struct sl_position *ret)
{
	const struct defsync_request *q = p->request;
	struct sl_position at = {0};
	struct checkpoint_reader r;
	int32_t rc;

	switch (checkpoint_parse(&r, q->checkpoint, q->checkpoint_len, FORMAT)) {
	case CHECKPOINT_OK:
		break;
	case CHECKPOINT_NOMEM:
		return sl_fail_nomem(s);
	case CHECKPOINT_FOREIGN:
		return defsync_fail(
		    s->host, DEFSYNC_E_STALE_CHECKPOINT,
		    "checkpoint: was not made by this version of the sqlite source; "
		    "load the table anew after 'defsync state reset'");
	default:
		return defsync_fail(
		    s->host, DEFSYNC_E_STALE_CHECKPOINT,
		    "checkpoint: is damaged; load the table anew after 'defsync state "
		    "reset'");
	}
	rc = compare_identity(s, p, &r);
	if (rc == 0 && !read_position(&r, p, &at))
		rc = defsync_fail(s->host, DEFSYNC_E_STALE_CHECKPOINT,
				  "checkpoint: its position does not fit '%s'; load the table anew "
				  "after 'defsync state reset'",
				  p->table.name);
	checkpoint_reader_done(&r);
	if (rc == 0)
		*ret = at;
	else
		sl_position_done(&at);
	return rc;
}
