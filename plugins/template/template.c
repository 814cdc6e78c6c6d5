/* SPDX-License-Identifier: MIT */
/*
 * A complete source to copy: reads a text file line by line and goes on, in the
 * next run, behind the last line that it gave.
 *
 * Copy this folder, rename the file and the word "template" in it, and follow
 * the steps 1 to 9.  What each callback may do, and from which thread it is
 * called, is in <defsync/source.h>.
 */

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <defsync/source.h>

/*
 * Step 1: the options.  The host reads the configuration by these tables, checks
 * it and prints help from them; the plugin never parses a text of its own.
 *
 *	sources:
 *	  logs:
 *	    plugin: template
 *	    folder: /var/log/shop
 *	    tables:
 *	      - { from: orders.log, to: bronze.order_log, max_line: 64KB }
 */
static const struct defsync_option options[] = {
    {.name = "folder",
     .type = DEFSYNC_OPTION_PATH,
     .flags = DEFSYNC_OPTION_REQUIRED,
     .help = "Folder that holds the files"},
};

static const struct defsync_option table_options[] = {
    {.name = "max_line",
     .type = DEFSYNC_OPTION_SIZE,
     .default_text = "64KB",
     .min = 1,
     .max = 1000000,
     .help = "Longest line; a longer one goes to the dead letters"},
};

/*
 * Step 2: the columns.  A source of a database makes its relations at run time;
 * they must then stay as they are until disconnect.
 */
enum {
	COLUMN_LINE,
	COLUMN_TEXT,
	N_COLUMNS
};

static const struct defsync_column columns[N_COLUMNS] = {
    [COLUMN_LINE] = {.name = "line",
		     .native_type = "line number",
		     .type = DEFSYNC_INT64,
		     .flags = DEFSYNC_COLUMN_KEY},
    [COLUMN_TEXT] = {.name = "text", .native_type = "line", .type = DEFSYNC_TEXT},
};

static const struct defsync_relation relation = {
    .struct_size = sizeof(struct defsync_relation),
    .column_size = sizeof(struct defsync_column),
    .schema = "",
    .name = "lines",
    .columns = columns,
    .n_columns = N_COLUMNS,
};

/* Step 3: the instance, one for each configured source.  No static variables. */
struct template
{
	const struct defsync_host *host;
	const char *folder; /* lives as long as the options: until destroy */

	/* describe's answer, valid until the next call of it */
	struct defsync_table table;
	char *from;

	/* the cursor; there is one at a time */
	FILE *file;
	char *path;
	uintmax_t device, inode;
	int64_t line, offset; /* of what has been read completely */
	int64_t rows_left;    /* -1: no limit */
	char *text;	      /* max_line bytes */
	size_t max_line;
	struct defsync_row row;
	struct defsync_cell cells[N_COLUMNS];
	char checkpoint[160], position[32];
};

/* ---- Step 4: errors ------------------------------------------------------------ */

/*
 * Before a callback returns an error class it says why, once.  The class decides
 * what happens: TRANSIENT is tried again, CONFIG and AUTH wait for an operator.
 */
static int32_t fail_errno(const struct template *t, const char *what, const char *path)
{
	int number = errno;
	int32_t error_class = DEFSYNC_E_PERMANENT;
	char reason[128];

	if (strerror_r(number, reason, sizeof(reason)) != 0)
		(void)snprintf(reason, sizeof(reason), "error %d", number);
	if (number == ENOENT || number == ENOTDIR)
		error_class = DEFSYNC_E_CONFIG;
	else if (number == EACCES || number == EPERM)
		error_class = DEFSYNC_E_AUTH;
	else if (number == EIO || number == EMFILE || number == ENFILE)
		error_class = DEFSYNC_E_TRANSIENT;
	return defsync_fail_vendor(t->host, error_class, number, NULL, "%s: '%s': %s", what, path,
				   reason);
}

static int32_t fail_memory(const struct defsync_host *host)
{
	return defsync_fail(host, DEFSYNC_E_NOMEM, "no memory");
}

/* ---- Step 5: create and destroy: options and memory, no I/O ----------------------- */

static int32_t template_create(const struct defsync_host *host, const struct defsync_options *o,
			       uint32_t flags, void **ret_instance)
{
	struct template *t;

	/* A flag that is not known today may not be passed over. */
	if (flags != 0)
		return defsync_fail(host, DEFSYNC_E_BUG, "unknown flags: %" PRIu32, flags);
	t = calloc(1, sizeof(*t));
	if (!t)
		return fail_memory(host);
	t->host = host;
	t->folder = host->option_string(host->ctx, o, "folder");
	*ret_instance = t;
	return DEFSYNC_OK;
}

static void template_destroy(void *instance)
{
	free(instance);
}

/* ---- Step 6: connect and disconnect ------------------------------------------------- */

static int32_t template_connect(void *instance, uint32_t flags)
{
	struct template *t = instance;
	struct stat st;

	if (flags != 0)
		return defsync_fail(t->host, DEFSYNC_E_BUG, "unknown flags: %" PRIu32, flags);
	if (stat(t->folder, &st) < 0)
		return fail_errno(t, "cannot open folder", t->folder);
	if (!S_ISDIR(st.st_mode))
		return defsync_fail(t->host, DEFSYNC_E_CONFIG, "not a folder: '%s'", t->folder);
	return DEFSYNC_OK;
}

/* Releases all that was made since connect, whatever state things are in. */
static void template_disconnect(void *instance)
{
	struct template *t = instance;

	free(t->from);
	t->from = NULL;
}

/* ---- Step 7: say what there is ---------------------------------------------------------- */

/* What this source cannot do it refuses, so that nothing is left out silently. */
static int32_t check_request(const struct template *t, const struct defsync_request *request)
{
	if (request->table[0] == '\0' || strchr(request->table, '/'))
		return defsync_fail(t->host, DEFSYNC_E_CONFIG,
				    "not the name of a file: '%s'; give a file of '%s'",
				    request->table, t->folder);
	if (request->mode != DEFSYNC_READ_INCREMENTAL)
		return defsync_fail(t->host, DEFSYNC_E_CONFIG,
				    "files of lines are read incrementally only");
	for (uint32_t i = 0; i < request->n_keys; i++) {
		if (strcmp(request->keys[i], columns[COLUMN_LINE].name) != 0)
			return defsync_fail(t->host, DEFSYNC_E_CONFIG,
					    "not the key of a file of lines: '%s'; the key is '%s'",
					    request->keys[i], columns[COLUMN_LINE].name);
	}
	if (request->n_columns > 0 || request->watermark || request->filter || request->initial ||
	    request->until)
		return defsync_fail(t->host, DEFSYNC_E_CONFIG,
				    "files of lines have no columns to choose, watermark, "
				    "condition or bounds; remove these options");
	return DEFSYNC_OK;
}

/* FOLDER/TABLE, malloc'd; NULL without memory. */
static char *path_of(const struct template *t, const char *table)
{
	size_t size = strlen(t->folder) + 1 + strlen(table) + 1;
	char *path = malloc(size);

	if (path)
		(void)snprintf(path, size, "%s/%s", t->folder, table);
	return path;
}

static int32_t template_describe(void *instance, const struct defsync_request *request,
				 uint32_t flags, const struct defsync_table **ret_table)
{
	struct template *t = instance;
	int32_t rc = check_request(t, request);
	struct stat st;
	char *path;

	if (flags != 0)
		return defsync_fail(t->host, DEFSYNC_E_BUG, "unknown flags: %" PRIu32, flags);
	if (rc != DEFSYNC_OK)
		return rc;
	path = path_of(t, request->table);
	if (!path)
		return fail_memory(t->host);
	if (stat(path, &st) < 0)
		rc = fail_errno(t, "cannot open file", path);
	free(path);
	if (rc != DEFSYNC_OK)
		return rc;
	free(t->from);
	t->from = strdup(request->table);
	if (!t->from)
		return fail_memory(t->host);
	t->table = (struct defsync_table){
	    .struct_size = sizeof(t->table),
	    .candidate_size = sizeof(struct defsync_candidate),
	    .finding_size = sizeof(struct defsync_finding),
	    .relation = &relation,
	    .kind = "file",
	    .from = t->from,
	    .row_estimate = -1,
	};
	*ret_table = &t->table;
	return DEFSYNC_OK;
}

/* ---- Step 8: the checkpoint ---------------------------------------------------------------- */

/*
 * Names the identity of what was read, and how far.  The host keeps the text and
 * never looks into it.  (A file that replaces another can get the same inode: a
 * source of files that rotate should keep a hash of the file's beginning too.)
 */
static void write_checkpoint(struct template *t)
{
	int n = snprintf(t->checkpoint, sizeof(t->checkpoint),
			 "v1 device=%ju inode=%ju line=%" PRId64 " offset=%" PRId64, t->device,
			 t->inode, t->line, t->offset);

	t->row.checkpoint = t->checkpoint;
	t->row.checkpoint_len = (size_t)n;
}

/* " NAME=NUMBER" at *p; moves *p behind it. */
static int take_number(const char **p, const char *name, int64_t *ret)
{
	size_t n = strlen(name);
	char *end;
	long long v;

	if (strncmp(*p, name, n) != 0 || (*p)[n] < '0' || (*p)[n] > '9')
		return -1;
	errno = 0;
	v = strtoll(*p + n, &end, 10);
	if (errno != 0)
		return -1;
	*p = end;
	*ret = v;
	return 0;
}

/* Never starts over silently: what does not fit is STALE_CHECKPOINT. */
static int32_t read_checkpoint(struct template *t, const char *text, int64_t size)
{
	const char *p = text;
	int64_t device, inode, line, offset;

	if (strncmp(p, "v1", 2) != 0)
		return defsync_fail(t->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint is not of this plugin: '%s'", text);
	p += 2;
	if (take_number(&p, " device=", &device) < 0 || take_number(&p, " inode=", &inode) < 0 ||
	    take_number(&p, " line=", &line) < 0 || take_number(&p, " offset=", &offset) < 0 ||
	    *p != '\0')
		return defsync_fail(t->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint cannot be read: '%s'", text);
	if ((uintmax_t)device != t->device || (uintmax_t)inode != t->inode)
		return defsync_fail(t->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint is of another file than '%s'", t->path);
	if (offset > size)
		return defsync_fail(t->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "file is shorter than what was read of it: '%s'", t->path);
	t->line = line;
	t->offset = offset;
	return DEFSYNC_OK;
}

static int32_t resume(struct template *t, const struct defsync_request *request, int64_t size)
{
	char text[sizeof(t->checkpoint)];
	int32_t rc;

	t->line = 0;
	t->offset = 0;
	if (request->checkpoint_len == 0)
		return DEFSYNC_OK;
	if (request->checkpoint_len >= sizeof(text))
		return defsync_fail(t->host, DEFSYNC_E_STALE_CHECKPOINT,
				    "checkpoint is not of this plugin");
	memcpy(text, request->checkpoint, request->checkpoint_len);
	text[request->checkpoint_len] = '\0';
	rc = read_checkpoint(t, text, size);
	if (rc == DEFSYNC_OK && fseeko(t->file, (off_t)t->offset, SEEK_SET) < 0)
		rc = fail_errno(t, "cannot go on in file", t->path);
	return rc;
}

/* ---- Step 9: read ----------------------------------------------------------------------------- */

static void close_cursor(struct template *t)
{
	if (t->file)
		(void)fclose(t->file);
	t->file = NULL;
	free(t->path);
	t->path = NULL;
	free(t->text);
	t->text = NULL;
}

static int32_t open_cursor(struct template *t, const struct defsync_request *request)
{
	struct stat st;

	t->max_line = (size_t)t->host->option_int(t->host->ctx, request->options, "max_line");
	t->rows_left = request->row_limit > 0 ? request->row_limit : -1;
	t->path = path_of(t, request->table);
	t->text = malloc(t->max_line);
	if (!t->path || !t->text)
		return fail_memory(t->host);
	t->file = fopen(t->path, "re");
	if (!t->file || fstat(fileno(t->file), &st) < 0)
		return fail_errno(t, "cannot open file", t->path);
	if (!S_ISREG(st.st_mode))
		return defsync_fail(t->host, DEFSYNC_E_CONFIG, "not a file: '%s'", t->path);
	t->device = (uintmax_t)st.st_dev;
	t->inode = (uintmax_t)st.st_ino;
	return resume(t, request, (int64_t)st.st_size);
}

static int32_t template_extract(void *instance, const struct defsync_request *request,
				uint32_t flags, void **ret_cursor)
{
	struct template *t = instance;
	int32_t rc = check_request(t, request);

	if (flags != 0)
		return defsync_fail(t->host, DEFSYNC_E_BUG, "unknown flags: %" PRIu32, flags);
	if (rc == DEFSYNC_OK)
		rc = open_cursor(t, request);
	/* After a failed extract the host does not call end. */
	if (rc != DEFSYNC_OK) {
		close_cursor(t);
		return rc;
	}
	t->host->report(t->host->ctx, DEFSYNC_REPORT_PHASE, "incremental");
	*ret_cursor = t;
	return DEFSYNC_OK;
}

/*
 * Reads up to and with the next newline.  1 and the line's length, which may be
 * more than was kept; 0 at the end.  A last line without a newline is not yet
 * written to its end: it is left for the next run.
 */
static int read_line(struct template *t, size_t *ret_len)
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(t->file)) != EOF && c != '\n') {
		if (len < t->max_line)
			t->text[len] = (char)c;
		len++;
	}
	if (c == EOF)
		return 0;
	t->line++;
	t->offset += (int64_t)len + 1;
	*ret_len = len;
	return 1;
}

/* The row points into the instance's memory: it stays as it is until the next call. */
static void fill_row(struct template *t, size_t len)
{
	t->cells[COLUMN_LINE].type = DEFSYNC_INT64;
	t->cells[COLUMN_LINE].v.i64 = t->line;
	t->cells[COLUMN_TEXT].type = DEFSYNC_TEXT;
	t->cells[COLUMN_TEXT].v.data.ptr = t->text;
	t->cells[COLUMN_TEXT].v.data.len = len;
	t->row = (struct defsync_row){
	    .struct_size = sizeof(t->row),
	    .op = DEFSYNC_OP_INSERT,
	    .relation = &relation,
	    .cells = t->cells,
	    .n_cells = N_COLUMNS,
	    .cell_size = sizeof(t->cells[0]),
	    .source_time_us = DEFSYNC_TIME_NONE,
	    .position = t->position,
	};
	t->row.position_len =
	    (size_t)snprintf(t->position, sizeof(t->position), "line %" PRId64, t->line);
	/* Each complete line is a safe point: nothing before it is still to come. */
	write_checkpoint(t);
}

static int32_t template_next(void *instance, void *cursor, uint32_t flags,
			     const struct defsync_row **ret_row)
{
	struct template *t = instance;
	size_t len;

	(void)cursor;
	if (flags != 0)
		return defsync_fail(t->host, DEFSYNC_E_BUG, "unknown flags: %" PRIu32, flags);
	if (t->host->cancelled(t->host->ctx))
		return defsync_fail(t->host, DEFSYNC_E_CANCELLED, "cancelled");
	if (t->rows_left == 0)
		return DEFSYNC_END;
	if (!read_line(t, &len))
		return ferror(t->file) ? fail_errno(t, "cannot read file", t->path) : DEFSYNC_END;
	if (t->rows_left > 0)
		t->rows_left--;
	fill_row(t, len < t->max_line ? len : t->max_line);
	*ret_row = &t->row;
	/* One bad row costs one row: it goes to the dead letters with this reason. */
	if (len > t->max_line)
		return defsync_fail(t->host, DEFSYNC_E_BAD_ROW,
				    "line of %zu bytes; max_line is %zu", len, t->max_line);
	return DEFSYNC_ROW;
}

static void template_end(void *instance, void *cursor)
{
	(void)cursor;
	close_cursor(instance);
}

/*
 * What is not here is optional: load, discover, ack and cancel.  A source that
 * may block for long needs cancel.  A source that finds rows by their key promises
 * DEFSYNC_CAP_KEYS and answers DEFSYNC_READ_KEYS, which check_request refuses here:
 * the rows with the values of request->lookup as they are now, none for a key that
 * is gone, and no checkpoints.  Without it merged rows cannot be replayed from the
 * dead letters.
 */
static const struct defsync_source template_source = {
    .struct_size = sizeof(struct defsync_source),
    .abi_minor = DEFSYNC_ABI_MINOR,
    .caps = DEFSYNC_CAP_RESUME,
    .thread_model = DEFSYNC_THREADS_PARALLEL,
    .option_size = sizeof(struct defsync_option),
    .options = options,
    .table_options = table_options,
    .n_options = sizeof(options) / sizeof(options[0]),
    .n_table_options = sizeof(table_options) / sizeof(table_options[0]),
    .name = "template",
    .version = "1.0",
    .summary = "Lines of text files",
    .home = "",
    .create = template_create,
    .destroy = template_destroy,
    .connect = template_connect,
    .disconnect = template_disconnect,
    .describe = template_describe,
    .extract = template_extract,
    .next = template_next,
    .end = template_end,
};

DEFSYNC_EXPORT const struct defsync_source *defsync_source_v1(void)
{
	return &template_source;
}
