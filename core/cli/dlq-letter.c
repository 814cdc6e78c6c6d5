/* SPDX-License-Identifier: MIT */
/* A dead letter as JSON. */

#include <string.h>

#include "cli/dlq-filter.h"
#include "cli/output.h"
#include "row/json-check.h"

json_t *dlq_letter_json(const struct dead_letter *l)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "id", json_integer(l->id));
	rc |= output_put(o, "source", output_json_string(NULL, l->source));
	rc |= output_put(o, "table", output_json_string(NULL, l->table));
	rc |= output_put(o, "target", output_json_string(NULL, l->target));
	rc |= output_put(o, "mode", output_json_string(NULL, l->mode));
	rc |= output_put(o, "key", output_json_string(NULL, l->key));
	rc |= output_put(o, "position", output_json_string(NULL, l->position));
	rc |= output_put(o, "reason", output_json_string(NULL, l->reason));
	rc |= output_put(o, "status", l->status != 0 ? json_integer(l->status) : json_null());
	rc |= output_put(o, "message", output_json_string(NULL, l->message));
	rc |= output_put(o, "first_seen", output_json_time(l->first_seen_us));
	rc |= output_put(o, "attempts", json_integer(l->attempts));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* Line breaks between its tokens, where alone JSON has them, become spaces. */
static int add_one_line(struct buf *out, const char *p, size_t n)
{
	size_t from = out->len;

	if (buf_add(out, p, n) < 0)
		return -1;
	for (size_t i = from; i < out->len; i++) {
		if (out->data[i] == '\n' || out->data[i] == '\r')
			out->data[i] = ' ';
	}
	return 0;
}

/* What is no JSON is shown as far as JSON has words for it. */
static int add_as_text(struct buf *out, const char *p, size_t n, struct error *err)
{
	json_t *text = NULL;
	struct buf copy;
	int rc;

	buf_init(&copy, OUTPUT_MAX);
	rc = buf_add(&copy, p, n);
	for (size_t i = 0; rc == 0 && i < copy.len; i++) {
		if (copy.data[i] == '\0')
			copy.data[i] = '?';
	}
	if (rc == 0)
		text = output_json_string(NULL, buf_str(&copy));
	buf_done(&copy);
	if (text == NULL)
		return error_nomem(err);
	rc = json_is_null(text) ? buf_add_str(out, "null") : output_json_line(text, out, err);
	json_decref(text);
	return rc;
}

static int add_payload(struct buf *out, const struct dead_letter *l, struct error *err)
{
	int depth = json_check(l->payload, l->payload_len, JSON_CHECK_DEPTH);

	/* A deeper one was not looked at to its end. */
	if (depth >= 0 && depth <= JSON_CHECK_DEPTH)
		return add_one_line(out, l->payload, l->payload_len);
	return add_as_text(out, l->payload, l->payload_len, err);
}

/* Not through a JSON library: its numbers would not come out as they went in. */
int dlq_letter_text(const struct dead_letter *l, int indented, struct buf *out, struct error *err)
{
	json_t *o = dlq_letter_json(l);
	int rc = -1;

	if (o == NULL)
		return error_nomem(err);
	if (indented ? output_json_text(o, out, err) < 0 : output_json_line(o, out, err) < 0)
		goto done;
	/* The end of the object goes behind the payload. */
	out->len -= indented ? strlen("\n}\n") : strlen("}");
	rc = buf_add_str(out, indented ? ",\n  \"payload\": " : ",\"payload\":");
	rc = rc < 0 ? error_nomem(err) : add_payload(out, l, err);
	if (rc == 0 && buf_add_str(out, indented ? "\n}\n" : "}\n") < 0)
		rc = error_nomem(err);
done:
	json_decref(o);
	return rc < 0 ? error_nomem(err) : 0; /* keeps a reason that is there */
}
