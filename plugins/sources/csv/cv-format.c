/* SPDX-License-Identifier: MIT */
/* The options: how the files of a table are written and how they are read. */

#include <string.h>

#include "cv.h"

/*
 * The same for the source and its tables: the source's are the defaults of its
 * tables, and only they have defaults themselves.
 */
#define OPTION_TABLE(value)                                                                        \
	{.name = "layout",                                                                         \
	 .type = DEFSYNC_OPTION_ENUM,                                                              \
	 .values = "append|files",                                                                 \
	 .help =                                                                                   \
	     "files that grow, or files that are complete when they appear; by default append "    \
	     "for a name and files for a pattern"},                                                \
	    {.name = "delimiter",                                                                  \
	     .type = DEFSYNC_OPTION_STRING,                                                        \
	     .default_text = value(","),                                                           \
	     .help = "the character between fields; tab or \\t for a tab"},                        \
	    {.name = "quote",                                                                      \
	     .type = DEFSYNC_OPTION_STRING,                                                        \
	     .default_text = value("\""),                                                          \
	     .help = "the character around fields, doubled inside of them, or none"},              \
	    {.name = "escape",                                                                     \
	     .type = DEFSYNC_OPTION_STRING,                                                        \
	     .default_text = value("none"),                                                        \
	     .help = "the character that makes the next one plain, or none"},                      \
	    {.name = "comment",                                                                    \
	     .type = DEFSYNC_OPTION_STRING,                                                        \
	     .default_text = value("none"),                                                        \
	     .help = "the character that begins a line to leave out, or none"},                    \
	    {.name = "header",                                                                     \
	     .type = DEFSYNC_OPTION_LIST,                                                          \
	     .default_text = value("true"),                                                        \
	     .help = "true, false, or the names of the columns of files without a header line"},   \
	    {.name = "null",                                                                       \
	     .type = DEFSYNC_OPTION_LIST,                                                          \
	     .help = "texts that mean no value where they are not quoted"},                        \
	    {.name = "encoding",                                                                   \
	     .type = DEFSYNC_OPTION_ENUM,                                                          \
	     .default_text = value("utf-8"),                                                       \
	     .values = "utf-8|latin1|windows-1252|utf-16|utf-16le|utf-16be",                       \
	     .help = "encoding of the files"},                                                     \
	    {.name = "compression",                                                                \
	     .type = DEFSYNC_OPTION_ENUM,                                                          \
	     .default_text = value("auto"),                                                        \
	     .values = "auto|none|gzip",                                                           \
	     .help = "compression of the files; auto is gzip for names that end in .gz"},          \
	    {.name = "types",                                                                      \
	     .type = DEFSYNC_OPTION_MAP,                                                           \
	     .help = "column: type, to send a column as int, double, decimal, bool, date, "        \
		     "timestamp, json or text"},                                                   \
	    {.name = "trim",                                                                       \
	     .type = DEFSYNC_OPTION_BOOL,                                                          \
	     .default_text = value("false"),                                                       \
	     .help = "take spaces and tabs around fields off"},                                    \
	    {.name = "skip_lines",                                                                 \
	     .type = DEFSYNC_OPTION_INT,                                                           \
	     .default_text = value("0"),                                                           \
	     .min = 0,                                                                             \
	     .max = 1000,                                                                          \
	     .help = "lines at the beginning of a file to leave out"},                             \
	    {.name = "partial_timeout",                                                            \
	     .type = DEFSYNC_OPTION_DURATION,                                                      \
	     .flags = DEFSYNC_OPTION_ADVANCED,                                                     \
	     .default_text = value("2s"),                                                          \
	     .min = 0,                                                                             \
	     .max = 3600000,                                                                       \
	     .help = "how long a file must be unchanged to count as complete"},                    \
	{                                                                                          \
		.name = "max_record", .type = DEFSYNC_OPTION_SIZE,                                 \
		.flags = DEFSYNC_OPTION_ADVANCED, .default_text = value("1MiB"), .min = 1024,      \
		.max = 256 * 1024 * 1024, .help = "longest record"                                 \
	}

#define AS_DEFAULT(text) text
#define NO_DEFAULT(text) NULL

const struct defsync_option cv_source_options[CV_OPTIONS + 1] = {
    {
	.name = "path",
	.type = DEFSYNC_OPTION_PATH,
	.flags = DEFSYNC_OPTION_REQUIRED,
	.help = "the folder of the files, or one file; only ever read",
    },
    OPTION_TABLE(AS_DEFAULT),
};

const struct defsync_option cv_table_options[CV_OPTIONS] = {OPTION_TABLE(NO_DEFAULT)};

static const char *const layout_names[] = {
    [CV_LAYOUT_APPEND] = "append",
    [CV_LAYOUT_FILES] = "files",
};

static const char *const encoding_names[] = {
    [CV_UTF8] = "utf-8",   [CV_LATIN1] = "latin1",    [CV_WINDOWS_1252] = "windows-1252",
    [CV_UTF16] = "utf-16", [CV_UTF16LE] = "utf-16le", [CV_UTF16BE] = "utf-16be",
};

static const char *const compression_names[] = {
    [CV_COMPRESSION_AUTO] = "auto",
    [CV_COMPRESSION_NONE] = "none",
    [CV_COMPRESSION_GZIP] = "gzip",
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

const char *cv_layout_name(enum cv_layout layout)
{
	return layout_names[layout];
}

const char *cv_encoding_name(enum cv_encoding encoding)
{
	return encoding_names[encoding];
}

/* ---- Getting ------------------------------------------------------------------------ */

struct getting {
	struct cv_source *s;
	const struct defsync_host *host;
	const struct defsync_options *table; /* or NULL */
};

static const struct defsync_options *options_of(const struct getting *g, const char *name)
{
	return g->table && g->host->option_is_set(g->host->ctx, g->table, name) ? g->table
										: g->s->options;
}

static const char *get_string(const struct getting *g, const char *name)
{
	return g->host->option_string(g->host->ctx, options_of(g, name), name);
}

static int64_t get_int(const struct getting *g, const char *name)
{
	return g->host->option_int(g->host->ctx, options_of(g, name), name);
}

/* The number of the name; `missing` when the option is not set. */
static int get_enum(const struct getting *g, const char *name, const char *const *names, size_t n,
		    int missing)
{
	const char *text = get_string(g, name);
	size_t i;

	for (i = 0; text && i < n; i++) {
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	}
	return missing;
}

static int32_t get_list(const struct getting *g, struct pool *pool, const char *name,
			const char *const **ret, uint32_t *ret_n)
{
	const struct defsync_options *o = options_of(g, name);
	uint32_t i, n = g->host->option_count(g->host->ctx, o, name);
	const char **list = pool_alloc(pool, n, sizeof(*list));

	if (!list)
		return cv_fail_nomem(g->s);
	for (i = 0; i < n; i++)
		list[i] = g->host->option_item(g->host->ctx, o, name, i);
	*ret = list;
	*ret_n = n;
	return 0;
}

/* One byte: "," "tab" "\t"; "none" or "" gives none. */
static int32_t get_byte(const struct getting *g, const char *name, const char *missing, char *ret,
			bool *ret_there)
{
	const char *text = get_string(g, name);

	if (!text)
		text = missing;
	*ret_there = *text && strcmp(text, "none") != 0;
	if (!*ret_there)
		return 0;
	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		*ret = '\t';
	else if (text[1] == '\0' && (unsigned char)*text < 0x80)
		*ret = *text;
	else
		return defsync_fail(g->host, DEFSYNC_E_CONFIG,
				    "%s: no single ASCII character: '%.32s'; name one, or tab",
				    name, text);
	if (*ret == '\n' || *ret == '\r')
		return defsync_fail(g->host, DEFSYNC_E_CONFIG,
				    "%s: a line end cannot be used; name another character", name);
	return 0;
}

/* Two of them may not be the same, but for an escape that is the quote: doubling. */
static int32_t check_bytes(const struct getting *g, const struct cv_dialect *d)
{
	const struct {
		const char *name;
		bool there;
		char c;
	} all[] = {{"delimiter", true, d->delimiter},
		   {"quote", d->quoting, d->quote},
		   {"escape", d->escaping, d->escape},
		   {"comment", d->commenting, d->comment}};
	size_t i, k;

	for (i = 0; i < N(all); i++) {
		for (k = 0; k < i; k++) {
			if (all[i].there && all[k].there && all[i].c == all[k].c)
				return defsync_fail(g->host, DEFSYNC_E_CONFIG,
						    "%s and %s are the same character; change one",
						    all[k].name, all[i].name);
		}
	}
	return 0;
}

static int32_t read_dialect(const struct getting *g, struct cv_dialect *d)
{
	bool delimiting;
	int32_t rc = get_byte(g, "delimiter", ",", &d->delimiter, &delimiting);

	if (rc == 0 && !delimiting)
		return defsync_fail(g->host, DEFSYNC_E_CONFIG,
				    "delimiter: there has to be one; name a character or tab");
	if (rc == 0)
		rc = get_byte(g, "quote", "\"", &d->quote, &d->quoting);
	if (rc == 0)
		rc = get_byte(g, "escape", "none", &d->escape, &d->escaping);
	if (rc == 0)
		rc = get_byte(g, "comment", "none", &d->comment, &d->commenting);
	if (rc < 0)
		return rc;
	if (d->escaping && d->quoting && d->escape == d->quote)
		d->escaping = false;
	if (!d->quoting)
		d->quote = '\n';
	if (!d->commenting)
		d->comment = '\n';
	d->trim = get_int(g, "trim") != 0;
	rc = check_bytes(g, d);
	if (!d->escaping)
		d->escape = d->delimiter;
	return rc;
}

static int32_t read_nulls(const struct getting *g, struct pool *pool, struct cv_format *f)
{
	const char *const *list = NULL;
	int32_t rc = get_list(g, pool, "null", &list, &f->n_nulls);
	uint32_t i;

	f->nulls = pool_alloc(pool, f->n_nulls, sizeof(*f->nulls));
	if (rc == 0 && !f->nulls)
		rc = cv_fail_nomem(g->s);
	for (i = 0; rc == 0 && i < f->n_nulls; i++)
		f->nulls[i] = (struct cv_null){list[i], strlen(list[i])};
	return rc;
}

/* true, false or names. */
static int32_t read_header(const struct getting *g, struct pool *pool, struct cv_format *f)
{
	int32_t rc = get_list(g, pool, "header", &f->names, &f->n_names);

	if (rc < 0)
		return rc;
	f->header = f->n_names == 0;
	if (f->n_names == 1 &&
	    (strcmp(f->names[0], "true") == 0 || strcmp(f->names[0], "false") == 0)) {
		f->header = f->names[0][0] == 't';
		f->n_names = 0;
	}
	return 0;
}

int32_t cv_format_read(struct cv_source *s, struct pool *pool, const struct defsync_request *q,
		       struct cv_format *ret)
{
	const struct getting g = {s, s->host, q->options};
	struct cv_format f = {.partial_ms = get_int(&g, "partial_timeout"),
			      .skip_lines = get_int(&g, "skip_lines"),
			      .max_record = (size_t)get_int(&g, "max_record")};
	int32_t rc = read_dialect(&g, &f.dialect);

	if (f.max_record == 0)
		f.max_record = 1024 * 1024;
	if (rc == 0)
		rc = read_nulls(&g, pool, &f);
	if (rc == 0)
		rc = read_header(&g, pool, &f);
	if (rc == 0)
		rc = get_list(&g, pool, "types", &f.types, &f.n_types);
	f.layout =
	    (enum cv_layout)get_enum(&g, "layout", layout_names, N(layout_names),
				     cv_is_pattern(q->table) ? CV_LAYOUT_FILES : CV_LAYOUT_APPEND);
	f.encoding =
	    (enum cv_encoding)get_enum(&g, "encoding", encoding_names, N(encoding_names), CV_UTF8);
	f.compression = (enum cv_compression)get_enum(&g, "compression", compression_names,
						      N(compression_names), CV_COMPRESSION_AUTO);
	/* Each reading of a snapshot takes files as they are. */
	if (q->mode == DEFSYNC_READ_SNAPSHOT)
		f.layout = CV_LAYOUT_FILES;
	if (rc == 0)
		*ret = f;
	return rc;
}

int32_t cv_request_check(struct cv_source *s, const struct defsync_request *q)
{
	const struct {
		const char *name;
		bool given;
	} options[] = {
	    {"watermark", q->watermark != NULL},
	    {"where", q->filter != NULL},
	    {"initial", q->initial != NULL},
	    {"until", q->until != NULL},
	    {"lookback", q->lookback >= 0},
	    {"null_watermark", q->null_watermark > DEFSYNC_NULLS_ERROR},
	};
	size_t i;

	if (q->mode != DEFSYNC_READ_INCREMENTAL && q->mode != DEFSYNC_READ_SNAPSHOT)
		return defsync_fail(s->host, DEFSYNC_E_BUG,
				    "this source reads neither streams nor rows by key");
	for (i = 0; i < N(options); i++) {
		if (options[i].given)
			return defsync_fail(s->host, DEFSYNC_E_CONFIG,
					    "'%s' has no meaning for files: their order is that of "
					    "the lines; take it out",
					    options[i].name);
	}
	return 0;
}
