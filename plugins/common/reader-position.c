/* SPDX-License-Identifier: MIT */
/*
 * Values as checkpoints have them: a letter of the type and the exact contents.
 *
 *	i-17  u17  o1            INT64, UINT64, BOOL
 *	d2024-01-31              DATE
 *	t2024-01-31T10:00:00.5   TIMESTAMP; l: TIMESTAMP_LOCAL; c: TIME
 *	n12.50  sabc  b00ff      DECIMAL, TEXT (percent-encoded), BYTES
 *	g00112233-...            UUID
 */

#include <stdlib.h>
#include <string.h>

#include "common/reader-internal.h"

static const char letters[] = {
    [DEFSYNC_BOOL] = 'o',      [DEFSYNC_INT64] = 'i',
    [DEFSYNC_UINT64] = 'u',    [DEFSYNC_DECIMAL] = 'n',
    [DEFSYNC_TEXT] = 's',      [DEFSYNC_BYTES] = 'b',
    [DEFSYNC_DATE] = 'd',      [DEFSYNC_TIME] = 'c',
    [DEFSYNC_TIMESTAMP] = 't', [DEFSYNC_TIMESTAMP_LOCAL] = 'l',
    [DEFSYNC_UUID] = 'g',
};

static const char *const phase_names[] = {
    [READER_PHASE_LOAD] = "load",
    [READER_PHASE_INCREMENTAL] = "incremental",
    [READER_PHASE_SNAPSHOT] = "snapshot",
    [READER_PHASE_DONE] = "done",
};

const char *reader_phase_name(enum reader_phase phase)
{
	return phase_names[phase];
}

bool reader_phase_parse(const char *name, enum reader_phase *ret)
{
	size_t i;

	for (i = 0; name && i < sizeof(phase_names) / sizeof(phase_names[0]); i++) {
		if (strcmp(phase_names[i], name) == 0) {
			*ret = (enum reader_phase)i;
			return true;
		}
	}
	return false;
}

void reader_position_done(struct reader_position *p)
{
	int i;

	reader_value_done(&p->mark);
	reader_value_done(&p->initial);
	for (i = 0; i < READER_ORDER_MAX; i++)
		reader_value_done(&p->values[i]);
	*p = (struct reader_position){0};
}

void reader_write_value(struct checkpoint_writer *w, const struct defsync_cell *cell)
{
	char buf[READER_FORMAT_MAX];
	size_t len;

	if (cell->type >= sizeof(letters) || !letters[cell->type]) {
		/* NULL, for one, is no position. */
		w->full = true;
		return;
	}
	checkpoint_raw(w, &letters[cell->type], 1);
	switch (cell->type) {
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
		checkpoint_bytes(w, cell->v.data.ptr, cell->v.data.len);
		break;
	case DEFSYNC_BYTES:
		checkpoint_hex(w, cell->v.data.ptr, cell->v.data.len);
		break;
	default:
		len = reader_format(cell, READER_FORM_EXACT, buf);
		checkpoint_raw(w, buf, len);
		w->full = w->full || len == 0;
	}
}

/* ---- Reading --------------------------------------------------------------------- */

static bool read_bytes(uint32_t type, const char *p, size_t len, struct reader_value *v)
{
	char *bytes = calloc(1, len + 1);
	struct defsync_cell cell = {.type = type};
	bool ok = false;
	size_t n = 0;

	if (!bytes)
		return false;
	ok = type == DEFSYNC_BYTES ? checkpoint_unhex(p, len, (unsigned char *)bytes, &n)
				   : checkpoint_decode(p, len, bytes, &n);
	cell.v.data.ptr = bytes;
	cell.v.data.len = n;
	ok = ok && reader_value_set(v, &cell);
	free(bytes);
	return ok;
}

static bool read_uuid(const char *p, size_t len, struct reader_value *v)
{
	char digits[33], check[READER_FORMAT_MAX];
	unsigned char bytes[17];
	struct defsync_cell cell = {.type = DEFSYNC_UUID};
	size_t i, n = 0;

	for (i = 0; i < len && n < 32; i++) {
		if (p[i] != '-')
			digits[n++] = p[i];
	}
	if (n != 32 || !checkpoint_unhex(digits, 32, bytes, &n))
		return false;
	if (reader_format_uuid(bytes, check) != len || memcmp(check, p, len) != 0)
		return false;
	cell.v.data.ptr = bytes;
	cell.v.data.len = 16;
	return reader_value_set(v, &cell);
}

static bool read_unsigned(const char *p, size_t len, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9' || __builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(p[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return len > 0;
}

static bool letter_type(char letter, uint32_t *ret)
{
	uint32_t i;

	for (i = 0; i < sizeof(letters); i++) {
		if (letters[i] && letters[i] == letter) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool reader_read_value(const char *ptr, size_t len, struct reader_value *ret)
{
	struct defsync_cell cell = {0};
	bool ok;

	if (len < 1 || !letter_type(ptr[0], &cell.type))
		return false;
	ptr++;
	len--;
	switch (cell.type) {
	case DEFSYNC_DECIMAL:
	case DEFSYNC_TEXT:
	case DEFSYNC_BYTES:
		return read_bytes(cell.type, ptr, len, ret);
	case DEFSYNC_UUID:
		return read_uuid(ptr, len, ret);
	case DEFSYNC_UINT64:
		ok = read_unsigned(ptr, len, &cell.v.u64);
		break;
	case DEFSYNC_BOOL:
	case DEFSYNC_INT64:
		ok = checkpoint_parse_int(ptr, len, &cell.v.i64);
		break;
	default:
		ok = reader_parse_time(ptr, len, cell.type, &cell.v.i64);
	}
	return ok && reader_value_set(ret, &cell);
}
