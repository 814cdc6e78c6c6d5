/* SPDX-License-Identifier: MIT */
/* defsync state export and import: checkpoints to another machine, or kept. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/output.h"
#include "cli/state-tables.h"

#define STATE_FORMAT "defsync-state"
#define STATE_FORMAT_VERSION 1
#define STATE_FILE_MAX ((size_t)64 * 1024 * 1024)
#define STATE_FILE_MODE 0600

/* ---- export ---- */

static json_t *export_json(const struct state_tables *t)
{
	json_t *o = json_object(), *list = json_array();
	int rc = 0;

	rc |= output_put(o, "format", json_string(STATE_FORMAT));
	rc |= output_put(o, "version", json_integer(STATE_FORMAT_VERSION));
	rc |= output_put(o, "exported_at", output_json_time(clock_wall_us()));
	rc |= output_put(o, "tables", list);
	for (size_t i = 0; rc == 0 && i < t->n; i++)
		rc = json_array_append_new(list, state_table_json(&t->items[i]));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static int is_stream(const char *path)
{
	return path == NULL || strcmp(path, "-") == 0;
}

static int write_export(const struct state_tables *t, const char *path, struct error *err)
{
	json_t *o = export_json(t);
	struct buf b;
	int rc;

	buf_init(&b, STATE_FILE_MAX);
	rc = o == NULL ? error_nomem(err) : output_json_text(o, &b, err);
	if (rc == 0)
		rc = is_stream(path) ? output_write(&b, err)
				     : file_replace(path, b.data, b.len, STATE_FILE_MODE, err);
	buf_done(&b);
	json_decref(o);
	return rc;
}

static int export_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct state_tables tables = {0};
	struct store *store = NULL;
	struct context c;
	int rc = context_init(&c, cli, err);

	if (rc == 0)
		store = context_store_only(&c, args, CONTEXT_READ, err);
	rc = store == NULL ? -1 : state_tables_load(&tables, store, err);
	if (rc == 0)
		rc = write_export(&tables, args->n_words > 0 ? args->words[0] : NULL, err);
	state_tables_done(&tables);
	store_close(store);
	context_done(&c);
	return rc;
}

/* ---- import ---- */

struct entry {
	const char *source, *table, *target, *phase, *checkpoint;
};

static int read_stdin(struct buf *b, struct error *err)
{
	for (;;) {
		ssize_t n;

		if (buf_reserve(b, 65536) < 0)
			return error_set(err, ERR_USAGE, "standard input is over %zu bytes",
					 STATE_FILE_MAX);
		n = read(STDIN_FILENO, buf_end(b), 65536);
		if (n < 0)
			return error_set_errno(err, ERR_USAGE, errno, "cannot read standard input");
		if (n == 0)
			return 0;
		b->len += (size_t)n;
	}
}

static json_t *parse_file(const char *path, struct error *err)
{
	const char *name = is_stream(path) ? "standard input" : path;
	json_error_t why;
	json_t *o = NULL;
	struct buf b;
	int rc;

	buf_init(&b, STATE_FILE_MAX);
	rc = is_stream(path) ? read_stdin(&b, err) : file_read(path, STATE_FILE_MAX, &b, err);
	if (rc == 0) {
		o = json_loadb(b.data != NULL ? b.data : "", b.len, JSON_REJECT_DUPLICATES, &why);
		if (o == NULL)
			error_set(err, ERR_USAGE, "%s:%d: not JSON: %s", name, why.line, why.text);
	}
	buf_done(&b);
	return o;
}

static int is_format(const json_t *o)
{
	const char *format = json_string_value(json_object_get(o, "format"));
	const json_t *version = json_object_get(o, "version");

	return format != NULL && strcmp(format, STATE_FORMAT) == 0 &&
	       json_integer_value(version) == STATE_FORMAT_VERSION &&
	       json_is_array(json_object_get(o, "tables"));
}

/* A text without NUL inside; null and absent are "". NULL: another type. */
static const char *text_of(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	if (v == NULL || json_is_null(v))
		return "";
	return json_is_string(v) && strlen(json_string_value(v)) == json_string_length(v)
		   ? json_string_value(v)
		   : NULL;
}

static int read_entry(const json_t *o, size_t i, struct entry *ret, struct error *err)
{
	struct entry e = {
	    .source = text_of(o, "source"),
	    .table = text_of(o, "table"),
	    .target = text_of(o, "target"),
	    .phase = text_of(o, "phase"),
	    .checkpoint = text_of(o, "checkpoint"),
	};

	if (e.source == NULL || e.table == NULL || e.target == NULL || e.phase == NULL ||
	    e.checkpoint == NULL || e.source[0] == '\0' || e.table[0] == '\0' ||
	    e.target[0] == '\0')
		return error_set(err, ERR_USAGE,
				 "entry %zu of tables: source, table, target, phase and checkpoint "
				 "have to be texts",
				 i + 1);
	if (e.checkpoint[0] != '\0' && state_check_checkpoint(e.checkpoint, err) < 0) {
		error_prefix(err, "entry %zu of tables", i + 1);
		return -1;
	}
	*ret = e;
	return 0;
}

static int import_entry(struct store *store, const struct entry *e, struct error *err)
{
	struct store_table t;
	int rc;

	if (store_table(store, e->source, e->table, e->target, &t, err) < 0)
		return -1;
	if (e->checkpoint[0] == '\0')
		rc = store_table_reset(store, t.id, err);
	else
		rc = store_table_set(store, t.id, e->checkpoint, e->phase, err);
	store_table_done(&t);
	return rc;
}

/* Every entry is looked at before the first one is stored. */
static int import_all(struct store *store, const json_t *list, struct error *err)
{
	struct entry e;

	for (size_t i = 0; i < json_array_size(list); i++)
		if (read_entry(json_array_get(list, i), i, &e, err) < 0)
			return -1;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (read_entry(json_array_get(list, i), i, &e, err) < 0 ||
		    import_entry(store, &e, err) < 0)
			return -1;
	return 0;
}

static int import_run(struct cli *cli, const struct args *args, struct error *err)
{
	json_t *o = parse_file(args->words[0], err);
	const json_t *list = json_object_get(o, "tables");
	struct store *store = NULL;
	struct context c;
	int rc;

	if (o == NULL)
		return -1;
	if (!is_format(o)) {
		json_decref(o);
		return error_set(err, ERR_USAGE,
				 "not a file of state export, or of a newer version: '%s'",
				 args->words[0]);
	}
	rc = context_init(&c, cli, err);
	if (rc == 0)
		store = context_store_only(&c, args, CONTEXT_MAKE, err);
	rc = store == NULL ? -1 : import_all(store, list, err);
	if (rc == 0)
		log_write(cli->log, LOG_INFO, "state", "%zu tables imported",
			  json_array_size(list));
	store_close(store);
	context_done(&c);
	json_decref(o);
	return rc;
}

const struct command command_state_export = {
    .group = "state",
    .name = "state export",
    .usage = "[FILE]",
    .summary = "write all checkpoints as JSON, to FILE or stdout",
    .more_options = &command_store_options,
    .max_words = 1,
    .run = export_run,
};

const struct command command_state_import = {
    .group = "state",
    .name = "state import",
    .usage = "FILE",
    .summary = "set the checkpoints that state export wrote; - reads stdin",
    .details = "Tables that are not in the file stay as they are. The hashes of rows that will be "
	       "read again\nare not part of an export: the first run after an import may repeat "
	       "rows.\n",
    .more_options = &command_store_options,
    .min_words = 1,
    .max_words = 1,
    .run = import_run,
};
