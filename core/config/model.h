/* SPDX-License-Identifier: MIT */
/*
 * The configuration as the program uses it.
 *
 *	config_load(path, ...)           the file, or
 *	config_adhoc(...)                --source/--set/--table without a file
 *	config_bind_source(...)          per source, once its plugin is loaded
 *	config_finish(...)               unknown keys, relations between options
 *
 * All of it lives in the config's arena and does not change after config_finish.
 */

#ifndef CONFIG_MODEL_H
#define CONFIG_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "config/options.h"

enum config_mode {
	MODE_APPEND,
	MODE_MERGE,
	MODE_REPLACE, /* api.flavor onprem: append, but a load from the beginning replaces */
	MODES
};

/* As the configuration and the API spell it. */
const char *config_mode_name(enum config_mode mode);

/* What becomes of rows whose columns are not those of before. */
enum config_schema {
	SCHEMA_EVOLVE, /* sent, as long as no column becomes another type of JSON */
	SCHEMA_IGNORE, /* sent without what is new */
	SCHEMA_FAIL,   /* the table stops */
	SCHEMA_DEAD_LETTER,
	SCHEMAS
};

enum config_compression {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_AUTO, /* gzip, unless the API refuses it */
	COMPRESSIONS
};

struct config_api {
	const char *url;
	const char *key; /* secret; NULL: not given */
	const char *ca_file, *client_cert, *client_key, *pinned_key, *proxy;
	int allow_http;
	int onprem;
};

struct config_push {
	int64_t batch_rows, batch_bytes;
	int64_t in_flight;
	int64_t memory; /* bytes of closed batches, queued and in flight */
	int wait;
	int64_t retry_for_ms;
	int64_t connect_timeout_ms, timeout_ms;
	enum config_compression compression;
	int64_t compression_level; /* 1 .. 9 */
	/*
	 * A table stops when the API has rejected so many rows of it in this run: the
	 * larger of both.  "5%" is 20 and 5; "100" is 100 and 0.
	 */
	int64_t max_rejected_rows, max_rejected_percent;
	int64_t max_requests_per_second, max_bytes_per_second; /* 0: no limit */
	const struct defsync_options *tags;		       /* "tags": items "name=value" */
};

struct config_transform {
	const char *name;		       /* plugin */
	struct tree *node;		       /* its map of options, may be empty */
	const struct defsync_options *options; /* after binding */
};

struct config_source;

/*
 * Of a pattern, one whose `to` has a '*', `from` is a pattern for the source's
 * tables, each of which is to become a table of its own.
 */
struct config_table {
	struct config_source *source;
	const char *from, *to;
	const char *const *leave_out; /* of a pattern: patterns of tables that do not count */
	size_t n_leave_out;
	enum config_mode mode;
	uint32_t read_mode; /* DEFSYNC_READ_INCREMENTAL or _SNAPSHOT */
	const char *const *key;
	size_t n_key;
	const char *watermark; /* NULL: none */
	const char *const *include;
	size_t n_include;
	const char *const *exclude;
	size_t n_exclude;
	const char *where, *initial;
	int64_t lookback;	 /* ms or units; -1: the plugin's default */
	uint32_t null_watermark; /* DEFSYNC_NULLS_x */
	int decimals_as_number;
	enum config_schema schema;
	struct config_transform *transforms;
	size_t n_transforms;
	int cdc_columns;
	int detect_deletes;
	int64_t detect_every_ms;
	int64_t detect_max_percent;	  /* of the known keys; more are not believed */
	struct config_transform *deleted; /* deleted_when, as a filter that keeps them; or NULL */
	struct tree *node;		  /* place for messages; the plugin's table options */
	const struct defsync_options *options; /* of the plugin's table_options, after binding */
};

struct config_source {
	const char *name;
	const char *plugin;
	int64_t every_ms; /* 0: not scheduled */
	struct tree *node;
	const struct defsync_options *options; /* of the plugin, after binding */
	struct config_table *tables;
	size_t n_tables;
};

struct config {
	struct arena arena;
	const char *path;   /* NULL without a file */
	const char *folder; /* for relative paths */
	struct config_api api;
	struct config_push push;
	const char *store_path;
	int64_t store_recent_max;
	int64_t store_ledger_ms;
	int64_t dlq_max_bytes;
	const char *sqs_url;	  /* NULL: dead letters are not forwarded */
	const char *sqs_endpoint; /* NULL: scheme and host of sqs_url */
	const char *sqs_region;	  /* NULL: from the host's name or the environment */
	const char *const *plugin_path;
	size_t n_plugin_path;
	struct config_source *sources;
	size_t n_sources;
	struct tree *root;
};

int config_table_is_pattern(const struct config_table *table);
/* "schema.table" or "table", of characters that need no quoting rules to be agreed on. */
int config_is_target(const char *text);

/* What the command line says beside or instead of a file. */
struct config_overrides {
	const char *api_url, *api_ca_file, *store_path;
	int without_tables; /* sources need not list tables */
};

/* One source without a file: --source PLUGIN --set NAME=VALUE --table FROM:TO:WATERMARK[:KEY[,KEY]]. */
struct config_adhoc {
	const char *plugin;
	const char *const *sets;
	size_t n_sets;
	const char *const *tables;
	size_t n_tables;
};

/* The file to use by DESIGN section 10, or NULL when there is none; `given` wins. */
const char *config_find(const char *given, struct error *err);

/*
 * NULL without memory or when the file cannot be read at all.  Other problems
 * are collected: config_finish or problems_report says whether there were any.
 */
struct config *config_load(const char *path, const struct config_overrides *overrides,
			   struct secrets *secrets, struct problems *problems);
struct config *config_adhoc(const struct config_adhoc *adhoc,
			    const struct config_overrides *overrides, struct secrets *secrets,
			    struct problems *problems);
void config_destroy(struct config *config);

/* Reads the plugin's options of a source and of its tables. */
void config_bind_source(struct config *config, struct config_source *source,
			const struct option_table *options,
			const struct option_table *table_options, struct secrets *secrets,
			struct problems *problems);
void config_bind_transform(struct config *config, struct config_transform *transform,
			   const struct option_table *options, struct secrets *secrets,
			   struct problems *problems);
/* After all sources are bound: keys that nobody knows. */
void config_finish(struct config *config, struct problems *problems);

/* The option tables of the core by section, for help, man page check and completion. */
struct config_section {
	const char *name; /* "api", "push", "store", "dlq", "source", "table", "" (top level) */
	struct option_table table;
};
const struct config_section *config_sections(size_t *ret_n);

#endif
