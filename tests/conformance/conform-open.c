/* SPDX-License-Identifier: MIT */
/* From the command line to a connected source and a request. */

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/tree.h"
#include "conform.h"

#define ARENA_MAX (64u << 20)

static const struct arg_option options[] = {
    {.name = "plugin", .value = "NAME|PATH", .help = "the source plugin"},
    {.name = "set", .value = "NAME=VALUE", .help = "an option of the source", .repeated = 1},
    {.name = "table-set", .value = "NAME=VALUE", .help = "an option of the table", .repeated = 1},
    {.name = "from", .value = "TABLE", .help = "the table"},
    {.name = "key", .value = "COLUMNS", .help = "key columns, separated by commas"},
    {.name = "columns", .value = "COLUMNS", .help = "columns to read; default all"},
    {.name = "watermark", .value = "COLUMN", .help = "the watermark"},
    {.name = "where", .value = "CONDITION", .help = "a condition in the source's language"},
    {.name = "initial", .value = "TEXT", .help = "where to begin"},
    {.name = "until", .value = "TEXT", .help = "not at or above this watermark"},
    {.name = "lookback", .value = "N", .help = "milliseconds or units; default the source's"},
    {.name = "nulls", .value = "WHAT", .help = "error, every_run or exclude"},
    {.name = "mode", .value = "MODE", .help = "incremental, snapshot or keys"},
    {.name = "lookup", .value = "JSON", .help = "key values for mode keys: [[1,\"a\"],...]"},
    {.name = "limit", .value = "N", .help = "end after so many rows"},
    {.name = "checkpoint", .value = "TEXT", .help = "go on after this"},
    {.name = "state", .value = "FILE", .help = "checkpoint from and to this file"},
    {.name = "pause-each", .value = "N", .help = "pause after each N rows"},
    {.name = "hold", .value = "N", .help = "after N rows wait for a line on stdin"},
    {.name = "pages", .value = "N", .help = "reads of N rows, each from the last checkpoint"},
    {.name = "resume-each", .value = "N", .help = "from each checkpoint, at most N, on"},
    {.name = "damage-checkpoints", .help = "damaged checkpoints are refused"},
    {.name = "cancel-after", .value = "MS", .help = "cancel from another thread"},
    {.name = "discover", .value = "PATTERN", .help = "print the tables; \"\" for all"},
    {.name = "describe", .help = "print the table as the request reads it"},
    {.name = "serve", .help = "commands on stdin"},
    {.name = "verbose", .help = "all messages of the plugin"},
};

const struct arg_table conform_args = ARG_TABLE(options);

/* ---- Options of the plugin --------------------------------------------------------- */

/* "name: 'value'" of each NAME=VALUE; a VALUE that begins with [ or { is YAML. */
static int add_setting(struct buf *yaml, const char *setting, struct error *err)
{
	const char *p = strchr(setting, '=');
	int rc;

	if (p == NULL)
		return error_set(err, ERR_USAGE, "not NAME=VALUE: '%s'", setting);
	rc = buf_printf(yaml, "%.*s: ", (int)(p - setting), setting);
	if (p[1] == '[' || p[1] == '{')
		return rc < 0 || buf_printf(yaml, "%s\n", p + 1) < 0 ? error_nomem(err) : 0;
	rc |= buf_add_char(yaml, '\'');
	while (*++p)
		rc |= buf_printf(yaml, *p == '\'' ? "''" : "%c", *p);
	rc |= buf_add_str(yaml, "'\n");
	return rc < 0 ? error_nomem(err) : 0;
}

static const struct defsync_options *read_options(struct conform *c, const char *name,
						  const struct option_table *table,
						  struct error *err)
{
	const struct defsync_options *o = NULL;
	const struct option_table *tables[] = {table};
	size_t n = args_count(c->args, name);
	struct tree *map;
	struct buf yaml;
	int rc = 0;

	buf_init(&yaml, 1u << 20);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_setting(&yaml, args_item(c->args, name, i), err);
	if (rc < 0)
		goto out;
	map = n > 0 ? tree_parse(yaml.data, yaml.len, name, &c->arena, c->problems) : NULL;
	o = options_read(table, map, ".", &c->arena, log_secrets(c->log), c->problems);
	if (o == NULL)
		error_nomem(err);
	if (map != NULL)
		options_unknown(map, tables, 1, NULL, 0, c->problems);
	if (problems_report(c->problems, c->log, err) < 0)
		o = NULL;
out:
	buf_done(&yaml);
	return o;
}

/* ---- The request ---------------------------------------------------------------------- */

struct word {
	const char *name;
	uint32_t value;
};

static int word_arg(struct conform *c, const char *name, const struct word *words, uint32_t *ret,
		    struct error *err)
{
	const char *text = args_value(c->args, name);

	if (text == NULL)
		return 0;
	for (; words->name != NULL; words++) {
		if (strcmp(words->name, text) == 0) {
			*ret = words->value;
			return 0;
		}
	}
	return error_set(err, ERR_USAGE, "--%s: no such word: '%s'", name, text);
}

static int list_arg(struct conform *c, const char *name, const char *const **ret, uint32_t *ret_n,
		    struct error *err)
{
	const char *text = args_value(c->args, name);
	const char **list;
	char *p;
	uint32_t n = 1;

	if (text == NULL || *text == '\0')
		return 0;
	for (const char *q = text; *q; q++)
		n += *q == ',';
	list = arena_array(&c->arena, n, sizeof(*list));
	p = arena_strdup(&c->arena, text);
	if (list == NULL || p == NULL)
		return error_nomem(err);
	for (uint32_t i = 0; i < n; i++) {
		list[i] = p;
		p += strcspn(p, ",");
		*p++ = '\0';
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

static int lookup_cell(struct conform *c, const json_t *v, struct defsync_cell *cell)
{
	*cell = (struct defsync_cell){.type = DEFSYNC_INT64};
	if (json_is_integer(v)) {
		cell->v.i64 = json_integer_value(v);
	} else if (json_is_boolean(v)) {
		cell->type = DEFSYNC_BOOL;
		cell->v.i64 = json_is_true(v);
	} else if (json_is_real(v)) {
		cell->type = DEFSYNC_DOUBLE;
		cell->v.f64 = json_real_value(v);
	} else if (json_is_string(v)) {
		cell->type = DEFSYNC_TEXT;
		cell->v.data.len = json_string_length(v);
		cell->v.data.ptr = arena_strdup(&c->arena, json_string_value(v));
		return cell->v.data.ptr != NULL ? 0 : -1;
	} else {
		return -1;
	}
	return 0;
}

static int lookup_arg(struct conform *c, struct error *err)
{
	struct defsync_request *q = &c->request;
	const char *text = args_value(c->args, "lookup");
	json_t *all = text != NULL ? json_loads(text, 0, NULL) : NULL;
	struct defsync_cell *cells;
	size_t n = json_array_size(all);
	int rc = 0;

	if (text == NULL)
		return 0;
	cells = arena_array(&c->arena, n * q->n_keys + 1, sizeof(*cells));
	for (size_t i = 0; rc == 0 && cells != NULL && i < n * q->n_keys; i++)
		rc = lookup_cell(c,
				 json_array_get(json_array_get(all, i / q->n_keys), i % q->n_keys),
				 &cells[i]);
	if (all == NULL || cells == NULL || rc < 0)
		rc = error_set(err, ERR_USAGE, "--lookup: not [[value, ...], ...] with --key");
	q->lookup = cells;
	q->n_lookup = (uint32_t)n;
	q->cell_size = sizeof(struct defsync_cell);
	json_decref(all);
	return rc;
}

static int read_checkpoint(struct conform *c, struct error *err)
{
	const char *text = args_value(c->args, "checkpoint");
	const char *path = args_value(c->args, "state");

	if (path != NULL && access(path, F_OK) == 0) {
		if (file_read(path, LIMIT_CHECKPOINT_BYTES, &c->checkpoint, err) < 0)
			return -1;
	} else if (text != NULL && buf_add_str(&c->checkpoint, text) < 0) {
		return error_nomem(err);
	}
	c->request.checkpoint =
	    c->checkpoint.len > 0 ? arena_strndup(&c->arena, c->checkpoint.data, c->checkpoint.len)
				  : "";
	c->request.checkpoint_len = c->checkpoint.len;
	return c->request.checkpoint != NULL ? 0 : error_nomem(err);
}

static int make_request(struct conform *c, struct error *err)
{
	static const struct word modes[] = {{"incremental", DEFSYNC_READ_INCREMENTAL},
					    {"snapshot", DEFSYNC_READ_SNAPSHOT},
					    {"keys", DEFSYNC_READ_KEYS},
					    {NULL, 0}};
	static const struct word nulls[] = {{"error", DEFSYNC_NULLS_ERROR},
					    {"every_run", DEFSYNC_NULLS_EVERY_RUN},
					    {"exclude", DEFSYNC_NULLS_EXCLUDE},
					    {NULL, 0}};
	struct defsync_request *q = &c->request;

	*q = (struct defsync_request){
	    .struct_size = sizeof(*q),
	    .mode = DEFSYNC_READ_INCREMENTAL,
	    .table = args_value(c->args, "from"),
	    .watermark = args_value(c->args, "watermark"),
	    .filter = args_value(c->args, "where"),
	    .initial = args_value(c->args, "initial"),
	    .until = args_value(c->args, "until"),
	    .lookback = -1,
	    .null_watermark = DEFSYNC_NULLS_ERROR,
	};
	if (args_int(c->args, "lookback", -1, INT64_MAX, &q->lookback, err) < 0 ||
	    args_int(c->args, "limit", 0, INT64_MAX, &q->row_limit, err) < 0 ||
	    word_arg(c, "mode", modes, &q->mode, err) < 0 ||
	    word_arg(c, "nulls", nulls, &q->null_watermark, err) < 0 ||
	    list_arg(c, "columns", &q->columns, &q->n_columns, err) < 0 ||
	    list_arg(c, "key", &q->keys, &q->n_keys, err) < 0 || lookup_arg(c, err) < 0 ||
	    read_checkpoint(c, err) < 0)
		return -1;
	q->options = read_options(c, "table-set", &c->plugin.table_options, err);
	return q->options != NULL ? 0 : -1;
}

/* ---- Open and close ------------------------------------------------------------------ */

static int load(struct conform *c, struct error *err)
{
	const char *name = args_value(c->args, "plugin");
	const struct plugin *plugin;

	if (name == NULL)
		return error_set(err, ERR_USAGE, "--plugin is missing");
	plugin = loader_source(c->loader, name, err);
	if (plugin == NULL)
		return -1;
	c->plugin = *plugin;
	spy_install(&c->plugin);
	return 0;
}

static int make_encoders(struct conform *c, struct error *err)
{
	struct encoder_policy policy = {
	    .decimals = DECIMALS_STRING,
	    .max_row = CONFORM_LINE_MAX / 2,
	    .max_field = CONFORM_LINE_MAX / 2,
	    .max_depth = 1000,
	};

	c->encoder = encoder_create(&policy);
	policy.lenient = 1;
	c->lenient = encoder_create(&policy);
	return c->encoder != NULL && c->lenient != NULL ? 0 : error_nomem(err);
}

int conform_open(struct conform *c, const struct args *args, struct error *err)
{
	*c = (struct conform){.args = args, .hold = -1};
	buf_init(&c->line, CONFORM_LINE_MAX);
	buf_init(&c->checkpoint, LIMIT_CHECKPOINT_BYTES);
	arena_init(&c->arena, ARENA_MAX);
	c->log =
	    log_create(STDERR_FILENO, args_has(args, "verbose") ? LOG_DEBUG : LOG_WARN, LOG_TEXT);
	c->problems = problems_create();
	c->loader = c->log != NULL ? loader_create(c->log, NULL, 0) : NULL;
	if (c->problems == NULL || c->loader == NULL)
		return error_nomem(err);
	if (load(c, err) < 0 || make_encoders(c, err) < 0 || make_request(c, err) < 0 ||
	    args_int(args, "pause-each", 1, INT64_MAX, &c->pause_each, err) < 0 ||
	    args_int(args, "hold", 0, INT64_MAX, &c->hold, err) < 0)
		return -1;
	c->options = read_options(c, "set", &c->plugin.options, err);
	return c->options != NULL ? 0 : -1;
}

void conform_close(struct conform *c)
{
	source_destroy(c->source);
	free(spy_last());
	encoder_destroy(c->encoder);
	encoder_destroy(c->lenient);
	buf_done(&c->line);
	buf_done(&c->checkpoint);
	problems_destroy(c->problems);
	arena_done(&c->arena);
	loader_destroy(c->loader);
	log_destroy(c->log);
}

int conform_connect(struct conform *c, struct error *err)
{
	c->source = source_create(&c->plugin, c->options, "conform", c->log, err);
	c->spy = spy_last();
	return c->source != NULL && source_connect(c->source, err) == 0 ? 0 : -1;
}

int conform_reconnect(struct conform *c, struct error *err)
{
	source_disconnect(c->source);
	c->spy->rc = 0;
	return source_connect(c->source, err);
}

int conform_save(struct conform *c, struct error *err)
{
	const char *path = args_value(c->args, "state");

	if (path == NULL || c->checkpoint.len == 0)
		return 0;
	return file_replace(path, c->checkpoint.data, c->checkpoint.len, 0600, err);
}
