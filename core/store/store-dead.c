/* SPDX-License-Identifier: MIT */
/* Dead letters: adding and settling inside the commit, listing, counting, purging. */

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "store/store-internal.h"

/* Columns of DEAD_COLUMNS in store-sql.c. */
enum {
	COLUMN_ID,
	COLUMN_RUN_ID,
	COLUMN_SOURCE,
	COLUMN_TABLE,
	COLUMN_TARGET,
	COLUMN_MODE,
	COLUMN_KEY,
	COLUMN_POSITION,
	COLUMN_REASON,
	COLUMN_STATUS,
	COLUMN_MESSAGE,
	COLUMN_FIRST_SEEN,
	COLUMN_ATTEMPTS,
	COLUMN_BYTES,
	COLUMN_SUM,
	COLUMN_PAYLOAD
};

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* ---- Adding ---------------------------------------------------------------------- */

static int too_large(size_t bytes, struct error *err)
{
	return error_set(err, ERR_INTERNAL,
			 "store: a dead letter of %zu bytes is over the limit of %d", bytes,
			 LIMIT_DEAD_PAYLOAD_BYTES);
}

static int take_off(struct store *s, int64_t id, int64_t *bytes, struct error *err)
{
	int64_t size = 0;

	if (sql_numbers(s, SQL_DEAD_SIZE, SQL_ARGS(sql_int(id)), &size, 1, err) < 0)
		return -1;
	*bytes -= size;
	return 0;
}

/* What a letter adds, less what it replaces. */
static int growth(struct store *s, const struct dead_letter *d, int64_t *bytes, struct error *err)
{
	if (d->payload_len > LIMIT_DEAD_PAYLOAD_BYTES)
		return too_large(d->payload_len, err);
	*bytes += (int64_t)d->payload_len;
	return d->id != 0 ? take_off(s, d->id, bytes, err) : 0;
}

int dead_check(struct store *s, const struct store_step *steps, size_t n, struct error *err)
{
	int64_t bytes = s->dead_bytes;
	char room[32];

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < steps[i].n_settled; j++) {
			if (take_off(s, steps[i].settled[j], &bytes, err) < 0)
				return -1;
		}
		for (size_t j = 0; j < steps[i].n_dead; j++) {
			if (growth(s, &steps[i].dead[j], &bytes, err) < 0)
				return -1;
		}
	}
	/* A limit that was lowered stops what adds, not the rest. */
	if (bytes <= s->dead_bytes || bytes <= s->limits.dlq_max_bytes)
		return 0;
	return error_set(err, ERR_FULL,
			 "store: the dead letters are full: '%s' may hold %s of them; look at them "
			 "with defsync dlq list, then defsync dlq purge, or raise dlq.max_bytes",
			 s->path, num_format_size(s->limits.dlq_max_bytes, room));
}

/* Cut before a character that would not fit whole. */
static size_t message_length(const char *message)
{
	size_t n = strnlen(message, LIMIT_MESSAGE_BYTES + 1);

	if (n <= LIMIT_MESSAGE_BYTES)
		return n;
	n = LIMIT_MESSAGE_BYTES;
	while (n > 0 && ((unsigned char)message[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* What a replay would send, and where. */
static int64_t letter_sum(const char *source, const char *table, const char *target,
			  const char *mode, const char *key, const void *payload, size_t n)
{
	uint64_t sum = store_sum_text(STORE_SUM_INIT, source);

	sum = store_sum_text(store_sum_text(sum, table), target);
	sum = store_sum_text(store_sum_text(sum, mode), key);
	return (int64_t)store_sum(sum, payload, n);
}

/* The same for both statements, which leave out what they decide themselves. */
static int write_letter(struct store *s, enum sql_id id, const struct store_step *step,
			const struct dead_letter *d, struct error *err)
{
	const char *source = or_empty(d->source), *table = or_empty(d->table);
	const char *target = or_empty(d->target), *mode = or_empty(d->mode);
	const char *key = or_empty(d->key), *message = or_empty(d->message);
	const char *payload = or_empty(d->payload);
	const struct sql_arg args[] = {
	    sql_int(d->id),
	    sql_int(d->run_id != 0 ? d->run_id : step->run_row),
	    sql_text(source),
	    sql_text(table),
	    sql_text(target),
	    sql_text(mode),
	    sql_text(key),
	    sql_text(or_empty(d->position)),
	    sql_text(or_empty(d->reason)),
	    sql_int(d->status),
	    sql_text_n(message, message_length(message)),
	    sql_int((int64_t)d->payload_len),
	    sql_int(letter_sum(source, table, target, mode, key, payload, d->payload_len)),
	    sql_text_n(payload, d->payload_len),
	    sql_int(d->first_seen_us != 0 ? d->first_seen_us : clock_wall_us()),
	    sql_int(d->attempts),
	};
	size_t n = sizeof(args) / sizeof(args[0]);

	return sql_run(s, id, args, id == SQL_DEAD_ADD ? n : n - 2, err);
}

/* 1 when it was there. */
static int replace_letter(struct store *s, const struct store_step *step,
			  const struct dead_letter *d, struct error *err)
{
	if (write_letter(s, SQL_DEAD_REPLACE, step, d, err) < 0)
		return -1;
	return sqlite3_changes(s->db) == 1;
}

static int add_letter(struct store *s, const struct store_step *step, const struct dead_letter *d,
		      struct error *err)
{
	int rc = d->id != 0 ? replace_letter(s, step, d, err) : 0;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (write_letter(s, SQL_DEAD_ADD, step, d, err) < 0)
		return -1;
	return outbox_add(s, sqlite3_last_insert_rowid(s->db), err);
}

int dead_add(struct store *s, const struct store_step *step, int64_t *bytes, struct error *err)
{
	for (size_t i = 0; i < step->n_dead; i++) {
		if (growth(s, &step->dead[i], bytes, err) < 0 ||
		    add_letter(s, step, &step->dead[i], err) < 0)
			return -1;
	}
	return 0;
}

int dead_settle(struct store *s, const struct store_step *step, int64_t *bytes, struct error *err)
{
	for (size_t i = 0; i < step->n_settled; i++) {
		int64_t id = step->settled[i];

		if (take_off(s, id, bytes, err) < 0 ||
		    sql_run(s, SQL_DEAD_SETTLE, SQL_ARGS(sql_int(id)), err) < 0 ||
		    outbox_remove(s, id, err) < 0)
			return -1;
	}
	return 0;
}

void dead_overwrite(struct store *s, int on)
{
	(void)sqlite3_exec(s->db, on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = OFF",
			   NULL, NULL, NULL);
}

int dead_vacuum(struct store *s, struct error *err)
{
	return sql_run(s, SQL_DEAD_VACUUM, SQL_NO_ARGS, err);
}

void dead_warn(struct store *s)
{
	int64_t limit = s->limits.dlq_max_bytes;
	char used[32], most[32];

	if (s->dead_warned || s->log == NULL || s->dead_bytes < limit - limit / 5)
		return;
	s->dead_warned = 1;
	log_write(s->log, LOG_WARN, "store",
		  "the dead letters are nearly full: %s of %s in '%s'; runs stop when they are; "
		  "look at them with defsync dlq list, then replay or purge them, or raise "
		  "dlq.max_bytes",
		  num_format_size(s->dead_bytes, used), num_format_size(limit, most), s->path);
}

/* ---- Filters ------------------------------------------------------------------------ */

/* Arguments of DEAD_WHERE in store-sql.c, and `with_payload` for the list. */
static void filter_args(const struct dead_filter *f, int with_payload, struct sql_arg args[7])
{
	static const struct dead_filter all;

	if (f == NULL)
		f = &all;
	args[0] = sql_int(f->id > f->after_id ? f->id : f->after_id + 1);
	args[1] = sql_int(f->id != 0 ? f->id : INT64_MAX);
	args[2] = sql_text(f->source);
	args[3] = sql_text(f->table);
	args[4] = sql_text(f->reason);
	args[5] = sql_int(f->before_us != 0 ? f->before_us : INT64_MAX);
	args[6] = sql_int(with_payload != 0);
}

int dead_read(struct store *s, sqlite3_stmt *stmt, int with_payload, struct dead_letter *ret,
	      struct error *err)
{
	struct dead_letter d = {
	    .id = sqlite3_column_int64(stmt, COLUMN_ID),
	    .run_id = sqlite3_column_int64(stmt, COLUMN_RUN_ID),
	    .source = sql_column_text(stmt, COLUMN_SOURCE),
	    .table = sql_column_text(stmt, COLUMN_TABLE),
	    .target = sql_column_text(stmt, COLUMN_TARGET),
	    .mode = sql_column_text(stmt, COLUMN_MODE),
	    .key = sql_column_text(stmt, COLUMN_KEY),
	    .position = sql_column_text(stmt, COLUMN_POSITION),
	    .reason = sql_column_text(stmt, COLUMN_REASON),
	    .status = sqlite3_column_int(stmt, COLUMN_STATUS),
	    .message = sql_column_text(stmt, COLUMN_MESSAGE),
	    .payload_len = (size_t)sqlite3_column_int64(stmt, COLUMN_BYTES),
	    .first_seen_us = sqlite3_column_int64(stmt, COLUMN_FIRST_SEEN),
	    .attempts = sqlite3_column_int(stmt, COLUMN_ATTEMPTS),
	};

	if (with_payload) {
		d.payload = sql_column_text(stmt, COLUMN_PAYLOAD);
		d.payload_len = (size_t)sqlite3_column_bytes(stmt, COLUMN_PAYLOAD);
		if (letter_sum(d.source, d.table, d.target, d.mode, d.key, d.payload,
			       d.payload_len) != sqlite3_column_int64(stmt, COLUMN_SUM))
			return store_damaged(s, err, "dead letter %lld is not what was written",
					     (long long)d.id);
	}
	*ret = d;
	return 0;
}

int store_dead_each(struct store *s, const struct dead_filter *filter, int with_payload,
		    int (*each)(void *ctx, const struct dead_letter *d), void *ctx,
		    struct error *err)
{
	struct sql_arg args[7];
	struct dead_letter d;
	sqlite3_stmt *stmt;
	int rc = -1, stop = 0;

	filter_args(filter, with_payload, args);
	store_enter(s);
	stmt = sql_open(s, SQL_DEAD_LIST, args, 7, err);
	while (stmt != NULL && !stop && (rc = sql_step(s, stmt, err)) > 0) {
		rc = dead_read(s, stmt, with_payload, &d, err);
		if (rc < 0)
			break;
		stop = each(ctx, &d) != 0;
	}
	sql_close(s, stmt);
	return store_leave(s, rc);
}

static int count(struct store *s, const struct dead_filter *filter, int64_t ret[2],
		 struct error *err)
{
	struct sql_arg args[7];

	filter_args(filter, 0, args);
	return sql_numbers(s, SQL_DEAD_SUM, args, 6, ret, 2, err);
}

int store_dead_count(struct store *s, const struct dead_filter *filter, int64_t *ret_n,
		     int64_t *ret_bytes, struct error *err)
{
	int64_t sum[2];
	int rc;

	store_enter(s);
	rc = count(s, filter, sum, err);
	if (rc == 0) {
		*ret_n = sum[0];
		*ret_bytes = sum[1];
	}
	return store_leave(s, rc);
}

static int purge(struct store *s, const struct dead_filter *filter, struct error *err)
{
	struct sql_arg args[7];

	filter_args(filter, 0, args);
	if (sql_run(s, SQL_DEAD_PURGE, args, 6, err) < 0 ||
	    sql_run(s, SQL_OUTBOX_PURGE, args, 2, err) < 0)
		return -1;
	return dead_vacuum(s, err);
}

int store_dead_purge(struct store *s, const struct dead_filter *filter, int64_t *ret_n,
		     struct error *err)
{
	int64_t sum[2] = {0, 0};
	int rc;

	store_enter(s);
	rc = sql_begin(s, err);
	if (rc == 0) {
		dead_overwrite(s, 1);
		rc = count(s, filter, sum, err);
		if (rc == 0)
			rc = purge(s, filter, err);
		rc = sql_end(s, rc, err);
		dead_overwrite(s, 0);
	}
	if (rc == 0) {
		s->dead_bytes -= sum[1];
		*ret_n = sum[0];
	}
	return store_leave(s, rc);
}
