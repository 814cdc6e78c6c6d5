/* SPDX-License-Identifier: MIT */
/* What the contract asks of one row. */

#include <stdlib.h>
#include <string.h>

#include "request.h"

struct fields {
	const struct contract *contract;
	size_t index;
	struct refusal *refusal;
};

static int check_field(void *ctx, struct slice key, struct slice value, unsigned depth)
{
	struct fields *f = ctx;

	(void)depth;
	if (value.len <= f->contract->field_bytes)
		return 0;
	refuse(f->refusal, 400, NULL, "row %zu: field %.*s has %zu bytes, at most %zu are allowed",
	       f->index, (int)(key.len < 80 ? key.len : 80), key.at, value.len,
	       f->contract->field_bytes);
	return 1;
}

static int check_shape(const struct stream_row *row, struct fields *f)
{
	int rc;

	if (row->text.at[0] != '{')
		return refuse(f->refusal, 400, NULL, "row %zu: is not an object", f->index);
	if (row->depth > f->contract->depth)
		return refuse(f->refusal, 400, NULL, "row %zu: nested %u deep, at most %u allowed",
			      f->index, row->depth, f->contract->depth);
	rc = scan_walk(row->text, check_field, f);
	if (rc < 0)
		return refuse(f->refusal, 400, NULL, "row %zu: is not valid JSON", f->index);
	return rc > 0 ? -1 : 0;
}

/* The key as text, so that two keys are equal when their texts are. */
static char *key_text(const json_t *names, const json_t *row, size_t index, struct refusal *refusal)
{
	json_t *values = json_array();
	char *text = NULL;
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name)
	{
		json_t *value = json_object_get(row, json_string_value(name));

		if (!value || json_is_null(value) || json_is_object(value) ||
		    json_is_array(value)) {
			refuse(refusal, 400, NULL, "row %zu: the key '%s' is %s", index,
			       json_string_value(name),
			       !value		     ? "missing"
			       : json_is_null(value) ? "null"
						     : "not a plain value");
			json_decref(values);
			return NULL;
		}
		json_array_append(values, value);
	}
	text = json_dumps(values, JSON_COMPACT);
	json_decref(values);
	if (!text)
		refuse(refusal, 503, NULL, "out of memory");
	return text;
}

static int check_key(const struct stream_request *request, const json_t *row, size_t index,
		     json_t *seen, struct refusal *refusal)
{
	char *text = key_text(request->key, row, index, refusal);
	int rc = 0;

	if (!text)
		return -1;
	if (json_object_get(seen, text))
		rc = refuse(refusal, 400, NULL,
			    "row %zu: the key %s is in the batch twice, nothing was written", index,
			    text);
	else if (json_object_set_new(seen, text, json_true()) < 0)
		rc = refuse(refusal, 503, NULL, "out of memory");
	free(text);
	return rc;
}

json_t *row_check(const struct stream_request *request, size_t index,
		  const struct contract *contract, json_t *seen, struct refusal *ret_refusal)
{
	const struct stream_row *row = &request->rows[index];
	struct fields f = {.contract = contract, .index = index, .refusal = ret_refusal};
	json_error_t error;
	json_t *parsed;

	if (check_shape(row, &f) < 0)
		return NULL;
	parsed = json_loadb(row->text.at, row->text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
			    &error);
	if (!parsed) {
		refuse(ret_refusal, 400, NULL, "row %zu: is not valid JSON: %s", index, error.text);
		return NULL;
	}
	if (request->key && check_key(request, parsed, index, seen, ret_refusal) < 0) {
		json_decref(parsed);
		return NULL;
	}
	return parsed;
}
