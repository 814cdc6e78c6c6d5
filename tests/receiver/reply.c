/* SPDX-License-Identifier: MIT */
/* The bodies of the answers, as the API writes them. */

#include "reply.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *dump_take(json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;

	json_decref(value);
	return text;
}

/* Texts quote what the client sent, which need not be UTF-8. */
static json_t *text_value(const char *text)
{
	json_t *value = json_string(text);
	char *copy;

	if (value)
		return value;
	copy = strdup(text);
	for (char *p = copy; p && *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	value = json_string(copy ? copy : "");
	free(copy);
	return value;
}

char *reply_detail(const char *text)
{
	return dump_take(json_pack("{s:o}", "detail", text_value(text)));
}

char *reply_refused(const struct refusal *refusal)
{
	const char *text = refusal->text ? refusal->text : "refused";
	json_t *loc;

	if (!refusal->field)
		return reply_detail(text);
	loc = json_pack("[s]", "body");
	if (strcmp(refusal->field, "data") != 0)
		json_array_append_new(loc, json_string("config"));
	if (*refusal->field)
		json_array_append_new(loc, json_string(refusal->field));
	return dump_take(json_pack("{s:[{s:o, s:o, s:s}]}", "detail", "loc", loc, "msg",
				   text_value(text), "type", "value_error"));
}

static json_t *today(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[16];

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	return json_string(text);
}

/* Tables are named by their bytes, so a stream keeps its id over restarts. */
static unsigned long stream_number(const char *table)
{
	unsigned long hash = 5381;

	for (const char *p = table; *p; p++)
		hash = (hash * 33 + (unsigned char)*p) & 0xffffffff;
	return hash;
}

char *reply_taken(const struct stream_request *request, const struct taken *taken,
		  const char *request_id, const struct action *action)
{
	json_int_t rows = (json_int_t)taken->rows;
	json_int_t rejected = (json_int_t)(taken->sent - taken->rows);
	json_t *reply;

	if (action && action->wrong_counts)
		rows++;
	reply = json_pack("{s:b, s:s, s:o, s:O, s:I, s:I, s:I, s:[o], s:o, s:[], s:O}", "success",
			  taken->rows > 0, "request_id", request_id, "stream_id",
			  json_sprintf("st_%08lx", stream_number(request->table)), "table",
			  json_object_get(request->config, "table"), "accepted", rows,
			  "successful_rows", rows, "rejected_rows", rejected, "partitions", today(),
			  "snapshot_id",
			  request->wait && taken->rows ? json_integer(taken->seq) : json_null(),
			  "warnings", "errors", taken->errors);
	if (reply && action && action->patch)
		json_object_update(reply, (json_t *)action->patch);
	return dump_take(reply);
}
