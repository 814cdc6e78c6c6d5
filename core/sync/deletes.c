/* SPDX-License-Identifier: MIT */
/* detect_deletes: keys of rows that are read, and the course of a pass. */

#include "sync/deletes.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define LOOK_EVERY 1024				/* steps of a pass */
#define JOURNAL_MAX (INT64_C(16) * 1024 * 1024) /* folded without a pass */
#define NAMES_MAX ((size_t)2 * LIMIT_COLUMNS * (LIMIT_NAME_BYTES + 64))
#define PIECE_MAX ((size_t)4 * 1024 * 1024)
#define GONE_FREE 100 /* so many may always be gone */

/* ---- Life --------------------------------------------------------------------------- */

static struct deletes *create(struct table_run *t)
{
	const struct encoder_policy policy = {
	    .decimals = DECIMALS_STRING,
	    .max_row = LIMIT_BATCH_BYTES,
	    .max_field = LIMIT_FIELD_BYTES,
	    .max_depth = LIMIT_NESTING,
	    .lenient = 1,
	};
	struct deletes *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->t = t;
	d->encoder = encoder_create(&policy);
	key_init(&d->key);
	key_init(&d->listed_key);
	buf_init(&d->text, LIMIT_DEAD_PAYLOAD_BYTES);
	buf_init(&d->columns_text, NAMES_MAX);
	buf_init(&d->changes, PIECE_MAX);
	buf_init(&d->found, PIECE_MAX);
	arena_init(&d->arena, NAMES_MAX * 2);
	if (d->encoder == NULL) {
		deletes_destroy(d);
		return NULL;
	}
	return d;
}

void deletes_destroy(struct deletes *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n_asked; i++) {
		letter_key_done(&d->asked[i].key);
		free(d->asked[i].text);
	}
	free(d->asked);
	free(d->lookup);
	free(d->doubtful);
	free(d->there);
	key_set_done(&d->set);
	encoder_destroy(d->encoder);
	key_done(&d->key);
	key_done(&d->listed_key);
	buf_done(&d->text);
	buf_done(&d->columns_text);
	buf_done(&d->changes);
	buf_done(&d->found);
	arena_done(&d->arena);
	free(d);
}

static int check_source(const struct table_run *t, struct error *err)
{
	const struct defsync_source *s = &t->plugin->source;
	uint64_t caps = s->caps | s->caps_required;

	if ((caps & DEFSYNC_CAP_KEYS) && (caps & DEFSYNC_CAP_SNAPSHOT) &&
	    (t->plugin->has & PLUGIN_HAS_DESCRIBE))
		return 0;
	return error_set(
	    err, ERR_CONFIG,
	    "%s: plugin '%s' cannot list and look up keys, which detect_deletes needs; "
	    "take the option away",
	    t->where, t->plugin->name);
}

/* Keys of rows that are read from now on will not be known: a later pass begins anew. */
static int forget_all(struct table_run *t, struct error *err)
{
	struct store_keys state;
	int rc;

	if (store_keys_state(t->run->store, t->stored.id, NULL, &state, err) < 0)
		return -1;
	if (state.n == 0 && state.at_us == 0 && state.journal == 0)
		return 0;
	while ((rc = store_keys_forget(t->run->store, t->stored.id, err)) > 0)
		;
	return rc;
}

int deletes_open(struct table_run *t, struct error *err)
{
	if (t->lane == NULL || t->run->settings.replay != NULL)
		return 0;
	if (!t->config->detect_deletes)
		return forget_all(t, err);
	if (check_source(t, err) < 0)
		return -1;
	t->deletes = create(t);
	return t->deletes != NULL ? 0 : error_nomem(err);
}

/* ---- Keys of rows --------------------------------------------------------------------- */

int deletes_key(struct deletes *d, struct row_key *key, const struct defsync_row *row,
		struct error *err)
{
	const struct config_table *c = d->t->config;

	if (row->n_cells != row->relation->n_columns)
		return 0;
	if (key->of != row->relation && key_relation(key, row->relation, c->key, c->n_key, err) < 0)
		return -1;
	if (key->n == 0 || key_null_column(key, row) != NULL)
		return 0;
	buf_reset(&d->text);
	if (key_json(key, row, d->encoder, &d->text) < 0 || buf_str(&d->text) == NULL)
		return error_nomem(err);
	return d->text.len > 0 && d->text.len <= LIMIT_KNOWN_KEY_BYTES;
}

int deletes_note(struct table_run *t, const struct defsync_row *row, struct error *err)
{
	struct deletes *d = t->deletes;
	char change = row->op == DEFSYNC_OP_DELETE ? STORE_KEY_GONE : STORE_KEY_KNOWN;
	int rc = 1;

	if (d->gone == NULL)
		rc = deletes_key(d, &d->key, row, err);
	if (rc <= 0)
		return rc;
	if (d->gone != NULL)
		rc = batch_note_key(t->batch, change, d->gone, strlen(d->gone));
	else
		rc = batch_note_key(t->batch, change, d->text.data, d->text.len);
	return rc < 0 ? error_nomem(err) : 0;
}

/* ---- Waiting ---------------------------------------------------------------------------- */

static int stopped(const struct table_run *t, struct error *err)
{
	if (!atomic_load_explicit(&t->run->stop, memory_order_relaxed) &&
	    !push_failure(t->run->push, NULL) && !push_lane_failure(t->run->push, t->lane, NULL))
		return 0;
	return error_set(err, ERR_CANCELLED, "%s: stopped", t->where);
}

int deletes_look(struct deletes *d, struct error *err)
{
	return ++d->steps % LOOK_EVERY != 0 ? 0 : stopped(d->t, err);
}

/* All that was handed on is in the store. */
static int wait_for_commits(const struct table_run *t, struct error *err)
{
	const struct timespec pause = {.tv_nsec = 5000000};

	while (push_lane_pending(t->run->push, t->lane) > 0) {
		if (stopped(t, err) < 0)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return stopped(t, err);
}

static int fold_journal(struct table_run *t, struct error *err)
{
	int rc;

	while ((rc = store_keys_fold(t->run->store, t->stored.id, err)) > 0) {
		if (stopped(t, err) < 0)
			return -1;
	}
	return rc;
}

/* ---- The pass ----------------------------------------------------------------------------- */

/* A clock that was put back must not keep passes away. */
static int is_due(const struct deletes *d, const struct store_keys *state)
{
	int64_t since = d->at_us - state->at_us;

	return state->at_us == 0 || since < 0 || since / 1000 >= d->t->config->detect_every_ms;
}

static int first_pass(struct deletes *d, struct error *err)
{
	struct table_run *t = d->t;

	if (deletes_seed(d, err) < 0)
		return -1;
	log_write(t->run->log, LOG_INFO, t->where,
		  "detect_deletes: first pass: %llu keys are known from now on; rows that were "
		  "deleted before are not found",
		  (unsigned long long)d->seen);
	return 0;
}

static int too_many(const struct deletes *d, uint64_t gone)
{
	uint64_t most = (uint64_t)d->t->config->detect_max_percent;

	return most < 100 && gone > GONE_FREE && gone * 100 > d->known * most;
}

static int refuse(const struct deletes *d, uint64_t gone, struct error *err)
{
	const struct table_run *t = d->t;

	return error_set(
	    err, ERR_SOURCE,
	    "%s: detect_deletes: at least %llu of %llu known keys are gone from the "
	    "source, more than %lld %%; none is sent as deleted; see that the source is "
	    "whole, or accept it with detect_deletes_max: 100%%",
	    t->where, (unsigned long long)gone, (unsigned long long)d->known,
	    (long long)t->config->detect_max_percent);
}

/* A source that was cut off or wrongly restored is no reason to delete. */
static int check_number(const struct deletes *d, struct error *err)
{
	uint64_t missing = d->known > d->seen ? d->known - d->seen : 0;

	if (too_many(d, d->gone_n))
		return refuse(d, d->gone_n, err);
	/* Without where, what is not listed is gone: no need to look up all of it. */
	if (d->asked == NULL && d->t->config->where == NULL && too_many(d, missing))
		return refuse(d, missing, err);
	return 0;
}

static int later_pass(struct deletes *d, struct error *err)
{
	struct table_run *t = d->t;
	int rc;

	if (deletes_compare(d, err) < 0 || check_number(d, err) < 0)
		return -1;
	if (deletes_lookup(d, err) < 0 || deletes_verify(d, err) < 0 || check_number(d, err) < 0)
		return -1;
	rc = deletes_send(d, err);
	if (rc == 0)
		rc = wait_for_commits(t, err);
	if (rc == 0)
		log_write(t->run->log, LOG_INFO, t->where,
			  "detect_deletes: keys_known %llu, keys_listed %llu, deleted %llu",
			  (unsigned long long)d->known, (unsigned long long)d->listed,
			  (unsigned long long)d->sent);
	if (rc == 0 && d->unreadable > 0)
		log_write(
		    t->run->log, LOG_WARN, t->where,
		    "detect_deletes: %llu keys cannot be looked up: their rows count as there",
		    (unsigned long long)d->unreadable);
	return rc;
}

static int pass(struct deletes *d, const struct defsync_request *q, struct error *err)
{
	struct table_run *t = d->t;
	struct store *s = t->run->store;
	struct store_keys state;
	const char *columns;

	source_end(t->source);
	table_run_keep_facts(t);
	if (deletes_describe(d, q, err) < 0 || wait_for_commits(t, err) < 0 ||
	    fold_journal(t, err) < 0 || store_keys_found_clear(s, t->stored.id, err) < 0)
		return -1;
	columns = buf_str(&d->columns_text);
	if (columns == NULL)
		return error_nomem(err);
	if (store_keys_state(s, t->stored.id, columns, &state, err) < 0)
		return -1;
	d->known = (uint64_t)state.n;
	if ((state.at_us == 0 ? first_pass(d, err) : later_pass(d, err)) < 0)
		return -1;
	if (store_keys_found_clear(s, t->stored.id, err) < 0)
		return -1;
	return store_keys_passed(s, t->stored.id, columns, d->at_us, err);
}

int deletes_pass(struct table_run *t, const struct defsync_request *q, struct error *err)
{
	struct deletes *d = t->deletes;
	struct store_keys state;

	if (d == NULL || !t->at_end || run_is_range(&t->run->settings))
		return 0;
	d->at_us = clock_wall_us();
	if (store_keys_state(t->run->store, t->stored.id, NULL, &state, err) < 0)
		return -1;
	if (!is_due(d, &state))
		return state.journal > JOURNAL_MAX ? fold_journal(t, err) : 0;
	if (pass(d, q, err) == 0)
		return 0;
	/* Then the table has not come to its end. */
	t->at_end = 0;
	return -1;
}

void deletes_counts(const struct deletes *d, void (*note)(void *ctx, const char *name, uint64_t n),
		    void *ctx)
{
	if (d == NULL)
		return;
	note(ctx, "keys_listed", d->listed);
	note(ctx, "deleted", d->sent);
}
