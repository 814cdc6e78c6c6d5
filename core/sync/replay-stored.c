/* SPDX-License-Identifier: MIT */
/*
 * Dead letters as they are stored: the payload is the row.  Without an encoder
 * between, the rules of the API that it keeps are checked here.
 */

#include <stdlib.h>
#include <string.h>

#include "row/json-check.h"
#include "row/json-members.h"
#include "row/json-string.h"
#include "sync/letter-key.h"
#include "sync/replay.h"

/* ---- The key's columns ---- */

static int same_names(const struct key_shape *s, const char *const *names, size_t n)
{
	if (s->n != n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(s->columns[i].name, names[i]) != 0)
			return 0;
	}
	return 1;
}

static int fill_shape(struct key_shape *s, const char *const *names, size_t n)
{
	s->columns = calloc(n + 1, sizeof(*s->columns));
	s->cells = calloc(n + 1, sizeof(*s->cells));
	if (s->columns == NULL || s->cells == NULL)
		return -1;
	for (; s->n < n; s->n++) {
		char *name = strdup(names[s->n]);

		if (name == NULL)
			return -1;
		s->columns[s->n] = (struct defsync_column){
		    .name = name,
		    .native_type = "",
		    .type = DEFSYNC_ANY,
		    .flags = DEFSYNC_COLUMN_KEY,
		};
	}
	s->relation = (struct defsync_relation){
	    .struct_size = sizeof(s->relation),
	    .column_size = sizeof(*s->columns),
	    .schema = "",
	    .name = "",
	    .columns = s->columns,
	    .n_columns = (uint32_t)n,
	};
	return 0;
}

/* Rows with equal key columns share a relation, as those of a source do. */
static struct key_shape *find_shape(struct replay *r, const char *const *names, size_t n)
{
	struct key_shape *s = r->shapes;

	while (s != NULL && !same_names(s, names, n))
		s = s->next;
	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	/* In the list at once: what is half made is freed with it. */
	s->next = r->shapes;
	r->shapes = s;
	return fill_shape(s, names, n) < 0 ? NULL : s;
}

/*
 * The columns of the letter's key, those of the merge if they are known.  1, 0
 * when a merge has none, -1 no memory.
 */
static int choose_shape(struct replay *r, const char *text, struct key_shape **ret)
{
	const struct push_target *target = &r->t->target;
	struct letter_key k = {.n = 0};
	const char *const *names = k.names;
	size_t n;

	if (target->merge && target->n_key > 0) {
		names = target->key;
		n = target->n_key;
	} else {
		(void)letter_key_read(&k, text);
		n = k.n;
	}
	*ret = target->merge && n == 0 ? NULL : find_shape(r, names, n);
	letter_key_done(&k);
	if (target->merge && n == 0)
		return 0;
	return *ret != NULL ? 1 : -1;
}

/* ---- The row ---- */

/* The text between the quotes is the name as the encoder escapes it. */
static int is_name(const struct json_member *m, const char *name)
{
	size_t n = strlen(name), used;
	struct buf b;
	int same;

	if (memchr(m->name, '\\', m->name_len) == NULL)
		return n == m->name_len && memcmp(m->name, name, n) == 0;
	buf_init(&b, 6 * (size_t)LIMIT_NAME_BYTES + JSON_ESCAPE_SLACK);
	same = json_add_escaped(&b, name, n, &used) == 0 && b.len == m->name_len &&
	       memcmp(b.data, m->name, b.len) == 0;
	buf_done(&b);
	return same;
}

static void keep_value(struct key_shape *s, const struct json_member *m)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!is_name(m, s->columns[i].name) || m->value[0] == 'n')
			continue;
		s->cells[i].type = DEFSYNC_TEXT;
		s->cells[i].v.data.ptr = m->value;
		s->cells[i].v.data.len = m->value_len;
	}
}

/* What the encoder would have refused; the values of the key, NULL where there is none. */
static void check_row(struct key_shape *s, const char *json, size_t n, struct row_fault *fault)
{
	int depth = json_check(json, n, LIMIT_NESTING);
	const char *at = json + strspn(json, " \t\r\n");
	struct json_member m;

	fault->reason = ROW_OK;
	memset(s->cells, 0, s->n * sizeof(*s->cells));
	if (depth < 0 || *at != '{') {
		(void)row_fault_set(fault, ROW_BAD_JSON, "row: no JSON object");
		return;
	}
	if (depth > LIMIT_NESTING) {
		(void)row_fault_set(fault, ROW_TOO_DEEP, "row: nested over %d levels",
				    LIMIT_NESTING);
		return;
	}
	while (json_next_member(&at, json + n, &m)) {
		if (m.value_len > LIMIT_FIELD_BYTES) {
			(void)row_fault_set(fault, ROW_FIELD_TOO_LARGE,
					    "column '%.*s': %zu bytes as JSON, %d are allowed",
					    m.name_len < 200 ? (int)m.name_len : 200, m.name,
					    m.value_len, LIMIT_FIELD_BYTES);
			return;
		}
		keep_value(s, &m);
	}
}

/* ---- The letter ---- */

/* Found before the API saw the row: what is stored is not quite the row. */
static int is_local(enum row_reason reason)
{
	return reason != ROW_REJECTED && reason != ROW_PARTIAL;
}

/* As stored it would go out without what transforms were to do. */
static int is_undone(const struct replay *r, const struct letter *l)
{
	return l->reason == ROW_TRANSFORM ||
	       (l->reason == ROW_SOURCE && !chain_is_empty(r->t->chain));
}

static enum letter_fate fate_of(const struct replay *r, const struct letter *l)
{
	if (l->payload_len == 0)
		return LETTER_EMPTY;
	if (is_undone(r, l))
		return LETTER_UNDONE;
	if (is_local(l->reason) && !r->t->run->settings.as_is)
		return LETTER_LOCAL;
	return l->payload_len > LIMIT_BATCH_BYTES ? LETTER_LARGE : LETTER_TAKEN;
}

int replay_as_stored(struct replay *r, size_t i, struct error *err)
{
	struct letter *l = &r->letters.items[i];
	struct reader_json json = {
	    .text = letters_text(&r->letters, l->payload),
	    .len = l->payload_len,
	    .key = letters_text(&r->letters, l->key),
	    .position = letters_text(&r->letters, l->position),
	};
	struct row_fault fault;
	struct key_shape *s;
	int rc;

	l->fate = fate_of(r, l);
	if (l->fate != LETTER_TAKEN)
		return 0;
	rc = choose_shape(r, json.key, &s);
	if (rc < 0)
		return error_nomem(err);
	if (rc == 0) {
		l->fate = LETTER_NO_KEY;
		return 0;
	}
	check_row(s, json.text, json.len, &fault);
	json.row = (struct defsync_row){
	    .struct_size = sizeof(json.row),
	    .op = DEFSYNC_OP_READ,
	    .relation = &s->relation,
	    .cells = s->cells,
	    .n_cells = (uint32_t)s->n,
	    .cell_size = sizeof(*s->cells),
	};
	r->t->letter = l->id;
	return reader_take_json(r->t, &json, &fault, err);
}
