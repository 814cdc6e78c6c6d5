/* SPDX-License-Identifier: MIT */
/* Which rows an API names in its reply. */

#include "push/reply-rows.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "push/reply.h"

/* A row may have several complaints; far more are no list of rows. */
#define ITEMS_MAX(sent) ((size_t)(sent)*2 + 1000)

static const json_t *first_of(const json_t *item, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(item, names[i]);

		if (v != NULL)
			return v;
	}
	return NULL;
}

/* ["body", "data", 17, "total"]: the first number. */
static const json_t *number_of_loc(const json_t *loc)
{
	for (size_t i = 0; i < json_array_size(loc); i++) {
		const json_t *v = json_array_get(loc, i);

		if (json_is_integer(v))
			return v;
	}
	return NULL;
}

/* 1 with the row that the element names, 0 when it names none. */
static int read_item(const json_t *item, uint32_t sent, struct reply_row *ret, int *ret_wrong)
{
	static const char *const places[] = {"row", "index", "row_index"};
	static const char *const words[] = {"message", "msg", "error", "reason", "detail"};
	const json_t *at = first_of(item, places, sizeof(places) / sizeof(places[0]));
	const char *text;

	if (at == NULL)
		at = number_of_loc(json_object_get(item, "loc"));
	if (!json_is_integer(at))
		return 0;
	if (json_integer_value(at) < 0 || json_integer_value(at) >= (json_int_t)sent) {
		*ret_wrong = 1;
		return 0;
	}
	memset(ret, 0, sizeof(*ret));
	ret->index = (uint32_t)json_integer_value(at);
	text = json_string_value(first_of(item, words, sizeof(words) / sizeof(words[0])));
	if (text != NULL)
		reply_sanitise(text, strlen(text), ret->message, sizeof(ret->message));
	return 1;
}

static int by_index(const void *a, const void *b)
{
	const struct reply_row *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Several complaints about one row are one. */
static void sort_unique(struct reply_rows *r)
{
	size_t n = 0;

	if (r->n == 0)
		return;
	qsort(r->rows, r->n, sizeof(*r->rows), by_index);
	for (size_t i = 0; i < r->n; i++) {
		if (n == 0 || r->rows[n - 1].index != r->rows[i].index)
			r->rows[n++] = r->rows[i];
	}
	r->n = n;
}

static int read_list(const json_t *list, uint32_t sent, struct reply_rows *ret)
{
	int wrong = 0;

	if (json_array_size(list) == 0 || json_array_size(list) > ITEMS_MAX(sent))
		return 0;
	ret->rows = calloc(json_array_size(list), sizeof(*ret->rows));
	if (ret->rows == NULL)
		return -1;
	for (size_t i = 0; i < json_array_size(list); i++)
		ret->n +=
		    (size_t)read_item(json_array_get(list, i), sent, &ret->rows[ret->n], &wrong);
	if (wrong)
		ret->n = 0;
	sort_unique(ret);
	return 0;
}

int reply_rows_read(const char *body, size_t len, uint32_t sent, struct reply_rows *ret)
{
	json_t *root = len > 0 ? json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const json_t *list = json_object_get(root, "errors");
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (!json_is_array(list) || json_array_size(list) == 0)
		list = json_object_get(root, "detail");
	rc = json_is_array(list) ? read_list(list, sent, ret) : 0;
	json_decref(root);
	return rc;
}

void reply_rows_done(struct reply_rows *r)
{
	free(r->rows);
	memset(r, 0, sizeof(*r));
}
