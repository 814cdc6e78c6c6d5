/* SPDX-License-Identifier: MIT */
/* The options of the core. */

#include <string.h>

#include "base/limits.h"
#include "config/build.h"

#define REQUIRED DEFSYNC_OPTION_REQUIRED
#define ADVANCED DEFSYNC_OPTION_ADVANCED
#define MINUTE_MS INT64_C(60000)
#define DAY_MS INT64_C(86400000)

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct defsync_option api_options[] = {
    {.name = "url",
     .type = DEFSYNC_OPTION_STRING,
     .default_text = "https://api.definite.app/v2/stream",
     .help = "address of the Stream API"},
    {.name = "key",
     .type = DEFSYNC_OPTION_SECRET,
     .help = "API key; without it and key_file the variable DEFINITE_API_KEY"},
    {.name = "key_file", .type = DEFSYNC_OPTION_PATH, .help = "file that holds the API key"},
    {.name = "ca_file",
     .type = DEFSYNC_OPTION_PATH,
     .help = "certificates that are trusted instead of the system's"},
    {.name = "client_cert", .type = DEFSYNC_OPTION_PATH, .help = "certificate of the client"},
    {.name = "client_key", .type = DEFSYNC_OPTION_PATH, .help = "key of client_cert"},
    {.name = "pinned_key",
     .type = DEFSYNC_OPTION_STRING,
     .flags = ADVANCED,
     .help = "public key that the server must have, sha256//BASE64"},
    {.name = "proxy",
     .type = DEFSYNC_OPTION_STRING,
     .help = "URL of a proxy; the environment's proxies are not used"},
    {.name = "allow_http",
     .type = DEFSYNC_OPTION_BOOL,
     .flags = ADVANCED,
     .default_text = "false",
     .help = "allow http:// to other hosts than this one"},
    {.name = "flavor",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "cloud",
     .values = "cloud|onprem",
     .help = "which of the vendor's two servers it is"},
};

static const struct defsync_option push_options[] = {
    {.name = "batch_rows",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "10000",
     .min = 1,
     .max = LIMIT_BATCH_ROWS,
     .help = "rows of one request at most"},
    {.name = "batch_bytes",
     .type = DEFSYNC_OPTION_SIZE,
     .default_text = "4MB",
     .min = 1000,
     .max = LIMIT_BATCH_BYTES,
     .help = "bytes of one request at most, before compression"},
    {.name = "in_flight",
     .type = DEFSYNC_OPTION_INT,
     .default_text = "4",
     .min = 1,
     .max = 64,
     .help = "requests at a time"},
    {.name = "memory",
     .type = DEFSYNC_OPTION_SIZE,
     .default_text = "16MB",
     .min = 1000000,
     .max = INT64_C(1) << 40,
     .help = "memory for batches that wait or are on their way"},
    {.name = "compression",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "auto",
     .values = "none|gzip|auto",
     .help = "compression of requests; auto does without when the API refuses it"},
    {.name = "compression_level",
     .type = DEFSYNC_OPTION_INT,
     .flags = ADVANCED,
     .default_text = "1",
     .min = 1,
     .max = 9,
     .help = "1 is the fastest, 9 the smallest"},
    {.name = "wait",
     .type = DEFSYNC_OPTION_BOOL,
     .default_text = "true",
     .help = "let the API answer only when the rows are written"},
    {.name = "retry_for",
     .type = DEFSYNC_OPTION_DURATION,
     .default_text = "15m",
     .min = 0,
     .max = 30 * DAY_MS,
     .help = "how long a run tries again before it gives up"},
    {.name = "max_rejected",
     .type = DEFSYNC_OPTION_STRING,
     .default_text = "5%",
     .help = "rejected rows at which a table stops: a number, or a percentage and at least 20"},
    {.name = "max_requests_per_second",
     .type = DEFSYNC_OPTION_INT,
     .flags = ADVANCED,
     .default_text = "0",
     .min = 0,
     .max = 1000000,
     .help = "requests a second at most; 0 for no limit"},
    {.name = "max_bytes_per_second",
     .type = DEFSYNC_OPTION_SIZE,
     .flags = ADVANCED,
     .default_text = "0",
     .min = 0,
     .max = INT64_C(1) << 40,
     .help = "bytes of requests a second at most, as they are sent; 0 for no limit"},
    {.name = "connect_timeout",
     .type = DEFSYNC_OPTION_DURATION,
     .flags = ADVANCED,
     .default_text = "10s",
     .min = 100,
     .max = 10 * MINUTE_MS,
     .help = "time to connect, TLS included"},
    {.name = "timeout",
     .type = DEFSYNC_OPTION_DURATION,
     .flags = ADVANCED,
     .default_text = "120s",
     .min = 1000,
     .max = 60 * MINUTE_MS,
     .help = "time for one request"},
    {.name = "tags",
     .type = DEFSYNC_OPTION_MAP,
     .help = "names and texts that go with each request"},
};

static const struct defsync_option store_options[] = {
    {.name = "path",
     .type = DEFSYNC_OPTION_PATH,
     .help = "database of checkpoints and dead letters; by default under /var/lib/defsync or the "
	     "user's state folder"},
    {.name = "recent_max",
     .type = DEFSYNC_OPTION_INT,
     .flags = ADVANCED,
     .default_text = "5000000",
     .min = 0,
     .max = 1000000000,
     .help = "hashes of rows that are kept to recognise repeats"},
    {.name = "ledger",
     .type = DEFSYNC_OPTION_DURATION,
     .default_text = "30d",
     .min = 0,
     .max = 36500 * DAY_MS,
     .help = "how long to keep the record of delivered batches; 0 for ever"},
};

static const struct defsync_option dlq_options[] = {
    {.name = "max_bytes",
     .type = DEFSYNC_OPTION_SIZE,
     .default_text = "1GB",
     .min = 1000000,
     .max = INT64_C(1) << 44,
     .help = "size of the dead letters at which runs stop"},
    {.name = "sqs_url",
     .type = DEFSYNC_OPTION_STRING,
     .help = "AWS SQS queue that new dead letters are sent to as well; without it the variable "
	     "DLQ_URL"},
    {.name = "sqs_endpoint",
     .type = DEFSYNC_OPTION_STRING,
     .flags = ADVANCED,
     .help = "address of SQS; by default scheme and host of sqs_url"},
    {.name = "sqs_region",
     .type = DEFSYNC_OPTION_STRING,
     .flags = ADVANCED,
     .help = "AWS region of the queue; by default from its address or the environment"},
};

static const struct defsync_option serve_options[] = {
    {.name = "listen",
     .type = DEFSYNC_OPTION_STRING,
     .default_text = "127.0.0.1:9464",
     .help = "address, or path of a socket, of health and metrics; off for none"},
};

/* In each of the two below the entries that options_read cannot read come last. */
#define SOURCE_PARTS 2
static const struct defsync_option source_options[] = {
    {.name = "plugin",
     .type = DEFSYNC_OPTION_IDENTIFIER,
     .flags = REQUIRED,
     .help = "name of the source's plugin"},
    {.name = "every",
     .type = DEFSYNC_OPTION_DURATION,
     .default_text = "0",
     .min = 0,
     .max = 366 * DAY_MS,
     .help = "interval of runs in service mode; 0 for none"},
    {.name = "defaults",
     .type = DEFSYNC_OPTION_MAP,
     .help = "options for those tables that do not have them"},
    {.name = "tables", .type = DEFSYNC_OPTION_LIST, .flags = REQUIRED, .help = "list of tables"},
};

#define TABLE_PARTS 2
static const struct defsync_option table_options[] = {
    {.name = "from",
     .type = DEFSYNC_OPTION_IDENTIFIER,
     .flags = REQUIRED,
     .help = "table of the source, or a pattern like public.* where 'to' has a *"},
    {.name = "to",
     .type = DEFSYNC_OPTION_IDENTIFIER,
     .flags = REQUIRED,
     .help = "target table, 'schema.table' or 'table'; a * stands for the name of each table"},
    {.name = "exclude",
     .type = DEFSYNC_OPTION_LIST,
     .help = "where 'to' has a *: patterns of tables to leave out"},
    {.name = "mode",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "append",
     .values = "append|merge|replace",
     .help = "add rows, replace those of the same key, or all rows with each load"},
    {.name = "read",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "incremental",
     .values = "incremental|snapshot",
     .help = "read what is new, or everything in each run"},
    {.name = "key",
     .type = DEFSYNC_OPTION_LIST,
     .help = "columns that identify a row; by default the primary key"},
    {.name = "watermark",
     .type = DEFSYNC_OPTION_IDENTIFIER,
     .help = "column that orders the changes"},
    {.name = "where",
     .type = DEFSYNC_OPTION_STRING,
     .help = "condition on rows, in the source's language"},
    {.name = "initial",
     .type = DEFSYNC_OPTION_STRING,
     .help = "watermark at which to begin when there is no checkpoint"},
    {.name = "lookback",
     .type = DEFSYNC_OPTION_STRING,
     .help = "how far to read again: a duration, or a whole number of the watermark's units"},
    {.name = "null_watermark",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "error",
     .values = "error|every_run|exclude",
     .help = "what to do with rows without watermark"},
    {.name = "decimals",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "string",
     .values = "string|number",
     .help = "JSON form of decimals"},
    {.name = "schema",
     .type = DEFSYNC_OPTION_ENUM,
     .default_text = "evolve",
     .values = "evolve|ignore|fail|dead_letter",
     .help = "what becomes of rows when columns are new, dropped or of another type"},
    {.name = "cdc_columns",
     .type = DEFSYNC_OPTION_BOOL,
     .default_text = "false",
     .help = "add _cdc_op, _cdc_ts and _cdc_seq to each row"},
    {.name = "deleted_when",
     .type = DEFSYNC_OPTION_STRING,
     .help = "with cdc_columns: rows for which this holds are deleted ones"},
    {.name = "detect_deletes",
     .type = DEFSYNC_OPTION_STRING,
     .help = "with cdc_columns: how often to look for rows that are gone, as 'every 24h'"},
    {.name = "detect_deletes_max",
     .type = DEFSYNC_OPTION_STRING,
     .flags = ADVANCED,
     .default_text = "50%",
     .help = "of the rows, how many may be gone at once; more are an error"},
    {.name = "columns",
     .type = DEFSYNC_OPTION_MAP,
     .help = "lists 'include' and 'exclude' of columns"},
    {.name = "transforms", .type = DEFSYNC_OPTION_LIST, .help = "transforms, in their order"},
};

static const struct defsync_option columns_options[] = {
    {.name = "include", .type = DEFSYNC_OPTION_LIST, .help = "columns to send; by default all"},
    {.name = "exclude", .type = DEFSYNC_OPTION_LIST, .help = "columns to leave out"},
};

static const struct defsync_option top_options[] = {
    {.name = "api", .type = DEFSYNC_OPTION_MAP, .help = "the Stream API"},
    {.name = "push", .type = DEFSYNC_OPTION_MAP, .help = "how rows are sent"},
    {.name = "store", .type = DEFSYNC_OPTION_MAP, .help = "checkpoints and dead letters"},
    {.name = "dlq", .type = DEFSYNC_OPTION_MAP, .help = "rows that could not be delivered"},
    {.name = "serve", .type = DEFSYNC_OPTION_MAP, .help = "the service"},
    {.name = "sources", .type = DEFSYNC_OPTION_MAP, .help = "the sources by their names"},
    {.name = "plugin_path", .type = DEFSYNC_OPTION_LIST, .help = "more folders of plugins"},
    {.name = "include", .type = DEFSYNC_OPTION_LIST, .help = "more files of the configuration"},
};

static const struct config_section sections[] = {
    {"", OPTION_TABLE(top_options)},
    {"api", OPTION_TABLE(api_options)},
    {"push", OPTION_TABLE(push_options)},
    {"store", OPTION_TABLE(store_options)},
    {"dlq", OPTION_TABLE(dlq_options)},
    {"serve", OPTION_TABLE(serve_options)},
    {"source", OPTION_TABLE(source_options)},
    {"table", OPTION_TABLE(table_options)},
    {"columns", OPTION_TABLE(columns_options)},
};

const struct option_table config_source_scalars = {source_options, N(source_options) - SOURCE_PARTS,
						   sizeof(source_options[0])};
const struct option_table config_table_scalars = {table_options, N(table_options) - TABLE_PARTS,
						  sizeof(table_options[0])};

const struct config_section *config_sections(size_t *ret_n)
{
	*ret_n = N(sections);
	return sections;
}

const struct option_table *config_table_of(const char *section)
{
	size_t i;

	for (i = 1; i < N(sections); i++) {
		if (strcmp(sections[i].name, section) == 0)
			return &sections[i].table;
	}
	return &sections[0].table;
}
