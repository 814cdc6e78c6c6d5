/* SPDX-License-Identifier: MIT */
/* What there is, and what `check` says about a table: from the first records of its files. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cv-list.h"

#define SAMPLE 1000 /* records that are looked at */
#define HEADERS 20  /* files whose headers are compared */
#define FINDINGS_MAX 8
#define DISCOVER_MAX 1000 /* files */

struct look {
	struct cv_source *s;
	const struct defsync_request *q;
	struct cv_format format;
	struct cv_files files;
	struct pool pool; /* of this call */
	struct cv_stream stream;
	struct cv_header header;
	struct cv_shape shape;
	struct defsync_finding *findings;
	uint32_t n_findings;
	int64_t estimate;
};

static void look_done(struct look *l)
{
	cv_stream_done(&l->stream);
	free(l->files.list);
	pool_done(&l->pool);
}

__attribute__((format(printf, 5, 6))) static void add_finding(struct look *l, uint32_t level,
							      const char *code, const char *hint,
							      const char *fmt, ...)
{
	char text[DEFSYNC_TEXT_MAX];
	const char *copy;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy = pool_strdup(&l->s->described, text);
	if (copy && l->n_findings < FINDINGS_MAX)
		l->findings[l->n_findings++] = (struct defsync_finding){
		    .level = level, .code = code, .text = copy, .hint = hint};
}

static int32_t open_file(struct look *l, const char *name)
{
	struct cv_file file;
	int fd;
	int32_t rc = cv_open(l->s, name, &fd, &file);

	if (rc == 0)
		rc = cv_stream_open(&l->stream, &l->format, fd, &file);
	if (rc == 0)
		rc = cv_header_read(&l->stream, &l->format, &l->pool, true, &l->header);
	return rc;
}

/* ---- A sample ---------------------------------------------------------------------------- */

struct sample {
	int64_t records, odd; /* odd: of another number of fields */
	int64_t line, odd_line;
};

/* The value itself is not shown: it may be one that is masked on its way. */
static void check_types(struct look *l, const struct cv_record *r, int64_t line)
{
	uint32_t i;

	for (i = 0; i < l->shape.n && l->n_findings < FINDINGS_MAX; i++) {
		const struct cv_field *field = &r->fields[l->shape.fields[i]];
		struct defsync_cell cell;

		if (field->len == 0 || field->escaped || cv_is_null(&l->format, field) ||
		    cv_type_read(l->shape.types[i], field->ptr, field->len, &cell))
			continue;
		add_finding(l, DEFSYNC_FINDING_WARN, "type-does-not-fit",
			    "correct 'types', or add the text to 'null'",
			    "line %lld of '%s': column '%s' is no %s", (long long)line,
			    l->stream.name, l->shape.relation->columns[i].name,
			    cv_type_name(l->shape.types[i]));
	}
}

static int32_t read_sample(struct look *l, struct sample *m)
{
	struct cv_stream *t = &l->stream;
	struct cv_record r = {.room = l->shape.n_fields};
	uint32_t before = l->n_findings;
	int32_t rc = cv_stream_want(t, l->header.bytes + 1);
	const char *p = t->pos + l->header.bytes;

	if (rc < 0)
		return rc;
	r.fields = calloc(r.room, sizeof(*r.fields));
	if (!r.fields)
		return cv_fail_nomem(l->s);
	m->line = 1 + l->header.lines;
	while (m->records < SAMPLE && p < t->end &&
	       cv_parse(&l->format.dialect, p, t->end, t->eof, &r)) {
		if (!r.comment && !(cv_is_blank(&r) && r.room > 1)) {
			m->records++;
			if (r.n != r.room && m->odd++ == 0)
				m->odd_line = m->line;
			else if (r.n == r.room && l->n_findings == before)
				check_types(l, &r, m->line);
		}
		m->line += r.lines;
		p = r.end;
	}
	free(r.fields);
	if (m->records)
		l->estimate =
		    (int64_t)((double)(t->raw_end - (int64_t)l->header.bytes) * (double)m->records /
			      (double)(p - t->pos - (int64_t)l->header.bytes));
	if (cv_is_packed(&l->format, t->name))
		l->estimate = -1;
	else if (!m->records)
		l->estimate = 0;
	return 0;
}

/* ---- Findings ------------------------------------------------------------------------------- */

static bool is_number(const char *p)
{
	struct defsync_cell cell;

	return cv_type_read(CV_DOUBLE, p, strlen(p), &cell);
}

static void check_header(struct look *l)
{
	uint32_t i, numbers = 0;

	if (!l->format.header)
		return;
	for (i = 0; i < l->header.n; i++)
		numbers += is_number(l->header.names[i]);
	if (numbers)
		add_finding(l, DEFSYNC_FINDING_WARN, "header-is-data",
			    "set 'header' to false or to the names of the columns",
			    "the header of '%s' has numbers as names, like a record",
			    l->stream.name);
	if (l->header.n == 1)
		add_finding(l, DEFSYNC_FINDING_WARN, "one-column", "check 'delimiter'",
			    "'%s' has one column only", l->stream.name);
}

static void check_sample(struct look *l, const struct sample *m)
{
	if (m->odd)
		add_finding(l, DEFSYNC_FINDING_WARN, "fields-differ",
			    "check 'quote', 'escape' and 'delimiter'; such records go to the dead "
			    "letters",
			    "%lld of the first %lld records of '%s' have another number of fields "
			    "than its %u columns, the first in line %lld",
			    (long long)m->odd, (long long)m->records, l->stream.name,
			    (unsigned)l->header.n, (long long)m->odd_line);
}

static bool same_header(const struct cv_header *a, const struct cv_header *b)
{
	uint32_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (strcmp(a->names[i], b->names[i]) != 0)
			return false;
	}
	return true;
}

/* The newest files beside the newest of all. */
static int32_t compare_headers(struct look *l)
{
	const struct cv_header newest = l->header;
	size_t i;
	int32_t rc = 0;

	for (i = 1; rc == 0 && i < l->files.n && i < HEADERS; i++) {
		const char *name = l->files.list[l->files.n - 1 - i].name;

		rc = open_file(l, name);
		if (rc < 0 || l->header.n == 0 || same_header(&newest, &l->header))
			continue;
		add_finding(l, DEFSYNC_FINDING_NOTE, "headers-differ", NULL,
			    "'%s' has other columns, or another order, than '%s'; columns go by "
			    "their names",
			    name, l->files.list[l->files.n - 1].name);
		break;
	}
	return rc;
}

static int32_t find_all(struct look *l)
{
	struct sample m = {0};
	int64_t bytes = 0;
	size_t i;
	int32_t rc = read_sample(l, &m);

	if (rc < 0)
		return rc;
	check_header(l);
	check_sample(l, &m);
	if (!cv_is_pattern(l->q->table))
		return 0;
	for (i = 0; i < l->files.n; i++)
		bytes += l->files.list[i].size;
	add_finding(l, DEFSYNC_FINDING_NOTE, "files", NULL, "%zu files match, %lld bytes",
		    l->files.n, (long long)bytes);
	/* The newest one stands for all. */
	if (l->estimate > 0)
		l->estimate =
		    (int64_t)((double)l->estimate * (double)bytes / (double)l->stream.raw_end);
	return compare_headers(l);
}

/* ---- describe ---------------------------------------------------------------------------------- */

/* The columns of the newest file that has some. */
static int32_t read_newest(struct look *l)
{
	size_t i;
	int32_t rc = 0;

	for (i = l->files.n; rc == 0 && i > 0; i--) {
		rc = open_file(l, l->files.list[i - 1].name);
		if (rc == 0 && l->header.n > 0)
			return 0;
	}
	if (rc < 0)
		return rc;
	if (l->format.n_names) {
		l->header = (struct cv_header){l->format.names, l->format.n_names, 0, 0};
		return 0;
	}
	return defsync_fail(l->s->host, DEFSYNC_E_CONFIG,
			    "no file of '%s' has a header yet, so that its columns are not known; "
			    "wait for one, or list them in 'header'",
			    l->q->table);
}

static int32_t look_at(struct look *l)
{
	struct cv_source *s = l->s;
	int32_t rc = cv_request_check(s, l->q);

	l->stream = (struct cv_stream){.source = s, .fd = -1, .name = l->q->table};
	l->estimate = -1;
	l->findings = pool_alloc(&s->described, FINDINGS_MAX, sizeof(*l->findings));
	if (rc == 0 && !l->findings)
		rc = cv_fail_nomem(s);
	if (rc == 0)
		rc = cv_from_check(s, l->q->table);
	if (rc == 0)
		rc = cv_format_read(s, &l->pool, l->q, &l->format);
	if (rc == 0)
		rc = cv_list(s, &l->pool, l->q->table, &l->files);
	if (rc == 0)
		rc = read_newest(l);
	if (rc == 0)
		rc = cv_shape_make(s, &l->pool, &s->described, l->q, &l->format, &l->header,
				   l->stream.name, &l->shape);
	if (rc == 0 && l->stream.fd >= 0)
		rc = find_all(l);
	return rc;
}

static int32_t fill_table(struct look *l, const char *from, struct defsync_table *t)
{
	int32_t rc = look_at(l);

	if (rc < 0)
		return rc;
	*t = (struct defsync_table){
	    .struct_size = sizeof(*t),
	    .candidate_size = sizeof(struct defsync_candidate),
	    .finding_size = sizeof(struct defsync_finding),
	    .relation = l->shape.relation,
	    .kind = cv_is_pattern(from) ? "files" : "file",
	    .from = pool_strdup(&l->s->described, from),
	    .row_estimate = l->estimate,
	    .findings = l->findings,
	    .n_findings = l->n_findings,
	};
	return t->from ? 0 : cv_fail_nomem(l->s);
}

int32_t cv_describe(struct cv_source *s, const struct defsync_request *q,
		    const struct defsync_table **ret_table)
{
	struct look l = {.s = s, .q = q};
	struct defsync_table *t;
	int32_t rc;

	pool_done(&s->described);
	t = pool_alloc(&s->described, 1, sizeof(*t));
	rc = t ? fill_table(&l, q->table, t) : cv_fail_nomem(s);
	look_done(&l);
	if (rc == 0)
		*ret_table = t;
	return rc;
}

/* ---- discover ------------------------------------------------------------------------------------ */

static void fail_quietly(void *ctx, int32_t error_class, int64_t vendor_code, const char *sqlstate,
			 const char *text)
{
	(void)ctx;
	(void)error_class;
	(void)vendor_code;
	(void)sqlstate;
	(void)text;
}

/* One that cannot be read as it is does not hide the others. */
static int32_t discover_file(struct cv_source *s, const char *name, struct defsync_table *t,
			     bool *ret_there)
{
	const struct defsync_request q = {
	    .struct_size = sizeof(q), .mode = DEFSYNC_READ_SNAPSHOT, .table = name, .lookback = -1};
	const struct defsync_host *host = s->host;
	struct defsync_host quiet = *host;
	struct look l = {.s = s, .q = &q};
	int32_t rc;

	quiet.fail = fail_quietly;
	s->host = &quiet;
	rc = fill_table(&l, name, t);
	s->host = host;
	look_done(&l);
	*ret_there = rc == 0;
	if (rc == DEFSYNC_E_NOMEM)
		return cv_fail_nomem(s);
	if (rc == DEFSYNC_E_CANCELLED)
		return cv_fail_cancelled(s);
	if (rc < 0)
		defsync_log(s->host, DEFSYNC_LOG_WARN,
			    "'%s' is left out, since it has no header that can be read", name);
	/* Findings are for a table that is configured. */
	t->n_findings = 0;
	return 0;
}

static int32_t list_all(struct cv_source *s, struct pool *pool, const char *pattern,
			struct cv_files *files)
{
	static const char *const usual[] = {"*.csv", "*.csv.gz", "*/*.csv", "*/*.csv.gz"};
	size_t i;
	int32_t rc = 0;

	if (s->only)
		return cv_list(s, pool, s->only, files);
	if (pattern)
		return cv_list_pattern(s, pool, pattern, files);
	for (i = 0; rc == 0 && i < sizeof(usual) / sizeof(usual[0]); i++)
		rc = cv_list_pattern(s, pool, usual[i], files);
	return rc;
}

static bool is_taken(const struct defsync_table *list, uint32_t n, const char *name)
{
	uint32_t i = 0;

	while (i < n && strcasecmp(list[i].relation->name, name) != 0)
		i++;
	return i < n;
}

/* As a name of a target, which file names are not. */
static int32_t name_table(struct cv_source *s, struct defsync_table *list, uint32_t n)
{
	/* Made for this call, in the same pool. */
	struct defsync_relation *r = (struct defsync_relation *)(uintptr_t)list[n].relation;
	const char *stem = cv_target_name(&s->described, list[n].from), *name = stem;
	uint32_t i;

	for (i = n + 1; name && is_taken(list, n, name); i++)
		name = pool_printf(&s->described, "%s_%u", stem, i);
	if (!name)
		return cv_fail_nomem(s);
	r->name = name;
	return 0;
}

static void warn_of_rest(const struct cv_source *s, const struct cv_files *files)
{
	defsync_log(s->host, DEFSYNC_LOG_WARN,
		    "only the first %d of %zu files are listed; give a pattern to see others",
		    DISCOVER_MAX, files->n);
}

int32_t cv_discover(struct cv_source *s, const char *pattern,
		    const struct defsync_table *const **ret_tables, uint32_t *ret_n)
{
	const struct defsync_table **tables;
	struct defsync_table *list;
	struct cv_files files = {0};
	struct pool pool = {0};
	uint32_t n = 0;
	size_t i;
	int32_t rc;

	pool_done(&s->described);
	rc = pattern && !s->only ? cv_from_check(s, pattern) : 0;
	if (rc == 0)
		rc = list_all(s, &pool, pattern, &files);
	list = pool_alloc(&s->described, files.n + 1, sizeof(*list));
	tables = pool_alloc(&s->described, files.n + 1, sizeof(const struct defsync_table *));
	if (rc == 0 && (!list || !tables))
		rc = cv_fail_nomem(s);
	for (i = 0; rc == 0 && i < files.n && n < DISCOVER_MAX; i++) {
		bool there;

		rc = discover_file(s, files.list[i].name, &list[n], &there);
		if (rc == 0 && there)
			rc = name_table(s, list, n);
		if (rc == 0 && there) {
			tables[n] = &list[n];
			n++;
		}
	}
	if (rc == 0 && i < files.n)
		warn_of_rest(s, &files);
	free(files.list);
	pool_done(&pool);
	if (rc < 0)
		return rc;
	*ret_tables = tables;
	*ret_n = n;
	return 0;
}
