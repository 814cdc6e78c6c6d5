/* SPDX-License-Identifier: MIT */
/* From the JSON of a dead letter's key to cells. */

#include "sync/letter-key.h"

#include <string.h>

static int read_cell(const json_t *value, struct defsync_cell *ret)
{
	*ret = (struct defsync_cell){.type = DEFSYNC_INT64};
	switch (json_typeof(value)) {
	case JSON_STRING:
		ret->type = DEFSYNC_TEXT;
		ret->v.data.ptr = json_string_value(value);
		ret->v.data.len = json_string_length(value);
		return 0;
	case JSON_INTEGER:
		ret->v.i64 = json_integer_value(value);
		return 0;
	case JSON_REAL:
		ret->type = DEFSYNC_DOUBLE;
		ret->v.f64 = json_real_value(value);
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		ret->type = DEFSYNC_BOOL;
		ret->v.i64 = json_is_true(value);
		return 0;
	default:
		return -1;
	}
}

static int read_members(struct letter_key *k)
{
	const char *name;
	json_t *value;

	json_object_foreach(k->json, name, value)
	{
		if (k->n == LETTER_KEY_MAX || read_cell(value, &k->cells[k->n]) < 0)
			return -1;
		k->names[k->n++] = name;
	}
	return k->n > 0 ? 0 : -1;
}

int letter_key_read(struct letter_key *k, const char *text)
{
	k->n = 0;
	k->json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	if (json_is_object(k->json) && read_members(k) == 0)
		return 0;
	letter_key_done(k);
	return -1;
}

int letter_key_order(struct letter_key *k, const char *const *names, size_t n)
{
	if (n != k->n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t at = i;
		struct defsync_cell cell;
		const char *name;

		while (at < n && strcmp(k->names[at], names[i]) != 0)
			at++;
		if (at == n)
			return -1;
		name = k->names[at];
		cell = k->cells[at];
		k->names[at] = k->names[i];
		k->cells[at] = k->cells[i];
		k->names[i] = name;
		k->cells[i] = cell;
	}
	return 0;
}

void letter_key_done(struct letter_key *k)
{
	json_decref(k->json);
	k->json = NULL;
	k->n = 0;
}
