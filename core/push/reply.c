/* SPDX-License-Identifier: MIT */
/* The API's answer: counts, or the reason of a refusal. */

#include "push/reply.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "row/utf8.h"

void reply_sanitise(const char *p, size_t n, char *out, size_t out_size)
{
	size_t at = 0;
	size_t i = 0;

	while (i < n) {
		size_t len = utf8_sequence((const unsigned char *)p + i, n - i);
		unsigned char c = (unsigned char)p[i];

		if (len == 0 || c <= 0x20 || c == 0x7f || (len == 2 && c == 0xc2)) {
			/* Space, control characters (C1 too) and what is no text: one space. */
			i += len > 0 ? len : 1;
			if (at == 0 || out[at - 1] == ' ' || at + 1 >= out_size)
				continue;
			out[at++] = ' ';
			continue;
		}
		if (at + len >= out_size)
			break;
		memcpy(out + at, p + i, len);
		at += len;
		i += len;
	}
	while (at > 0 && out[at - 1] == ' ')
		at--;
	out[at] = '\0';
}

static void keep(struct reply *r, const char *text)
{
	if (r->message[0] == '\0' && text != NULL)
		reply_sanitise(text, strlen(text), r->message, sizeof(r->message));
}

/* The words of an object: msg (FastAPI), message, error, detail, reason. */
static const char *object_words(const json_t *object)
{
	static const char *const names[] = {"msg", "message", "error", "detail", "reason"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *s = json_string_value(json_object_get(object, names[i]));

		if (s != NULL && s[0] != '\0')
			return s;
	}
	return NULL;
}

/* A string, an object with words in it, a list of these; else its JSON text. */
static void keep_value(struct reply *r, const json_t *value)
{
	const json_t *v = value;
	const char *s;
	char *dump;

	if (v == NULL || json_is_null(v))
		return;
	if (json_is_array(v))
		v = json_array_get(v, 0);
	if (v == NULL || json_is_null(v))
		return;
	s = json_is_object(v) ? object_words(v) : json_string_value(v);
	if (s != NULL) {
		keep(r, s);
		return;
	}
	dump = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	keep(r, dump);
	free(dump);
}

static void keep_message(struct reply *r, const json_t *root)
{
	static const char *const names[] = {"errors", "detail", "message", "error"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		keep_value(r, json_object_get(root, names[i]));
}

/* A count of the contract; -1 for absent, negative, not an integer. */
static int64_t count(const json_t *root, const char *name)
{
	const json_t *v = json_object_get(root, name);

	return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v) : -1;
}

static void read_object(struct reply *r, const json_t *root)
{
	const json_t *success = json_object_get(root, "success");
	const char *id = json_string_value(json_object_get(root, "request_id"));

	r->parsed = 1;
	if (json_is_boolean(success))
		r->success = json_is_true(success);
	r->accepted = count(root, "accepted");
	r->successful_rows = count(root, "successful_rows");
	r->rejected_rows = count(root, "rejected_rows");
	if (id != NULL)
		reply_sanitise(id, strlen(id), r->request_id, sizeof(r->request_id));
	keep_message(r, root);
}

void reply_parse(const char *body, size_t len, struct reply *ret)
{
	json_t *root;

	memset(ret, 0, sizeof(*ret));
	ret->success = -1;
	ret->accepted = ret->successful_rows = ret->rejected_rows = -1;
	if (len == 0)
		return;
	root = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(root))
		read_object(ret, root);
	else
		reply_sanitise(body, len, ret->message, sizeof(ret->message));
	json_decref(root);
}
