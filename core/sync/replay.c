/* SPDX-License-Identifier: MIT */
/* The replay of a table's dead letters: the walk over them, and what is said about it. */

#include "sync/replay.h"

#include <stdlib.h>
#include <string.h>

/* ---- Life ---- */

static struct replay *replay_create(struct table_run *t)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->t = t;
	return r;
}

void replay_destroy(struct replay *r)
{
	if (r == NULL)
		return;
	while (r->shapes != NULL) {
		struct key_shape *next = r->shapes->next;

		for (size_t i = 0; i < r->shapes->n; i++)
			free((char *)(uintptr_t)r->shapes->columns[i].name);
		free(r->shapes->columns);
		free(r->shapes->cells);
		free(r->shapes);
		r->shapes = next;
	}
	free(r);
}

/* ---- What stays ---- */

static const struct {
	const char *what, *todo;
} stays[LETTER_FATES] = {
    [LETTER_LOCAL] = {"their rows could not be written as they are and still cannot",
		      "mend the rows in the source so that their watermark moves and purge the "
		      "letters, or send what is stored with --as-is"},
    [LETTER_UNDONE] =
	{"their rows stopped before all transforms had been at them, and are stored so",
	 "mend the rows in the source so that their watermark moves, or the "
	 "transforms, and purge the letters"},
    [LETTER_EMPTY] = {"nothing of their rows is stored",
		      "mend the rows in the source so that their watermark moves and purge the "
		      "letters"},
    [LETTER_LARGE] = {"their rows are larger than a request may be", "purge the letters"},
    [LETTER_NO_KEY] = {"they have no key that the table's rows can be read by",
		       "purge them, or send what is stored with --as-is"},
    [LETTER_GONE] = {"no row of the source has their key any more",
		     "purge them, or send what is stored with --as-is"},
    [LETTER_CHANGED] = {"a transform changes their key, so that their rows cannot be told",
			"purge them, or send what is stored with --as-is"},
};

static int add_reasons(const struct replay *r, struct buf *out)
{
	const char *gap = " (";
	int rc = 0;

	for (size_t i = 0; i < ROW_REASONS; i++) {
		if (r->local[i] == 0)
			continue;
		rc |= buf_printf(out, "%s%s %llu", gap, row_reason_name((enum row_reason)i),
				 (unsigned long long)r->local[i]);
		gap = ", ";
	}
	return rc | buf_add_str(out, gap[0] == ',' ? ")" : "");
}

static void say_fate(const struct replay *r, enum letter_fate fate)
{
	struct buf b;
	int rc = 0;

	if (r->fates[fate] == 0)
		return;
	buf_init(&b, 4096);
	rc |= buf_printf(&b, "%llu dead letters stay, from %lld on: %s",
			 (unsigned long long)r->fates[fate], (long long)r->first[fate],
			 stays[fate].what);
	if (fate == LETTER_LOCAL)
		rc |= add_reasons(r, &b);
	if (rc == 0 && buf_str(&b) != NULL)
		log_write(r->t->run->log, LOG_WARN, r->t->where, "%s; %s", b.data,
			  stays[fate].todo);
	buf_done(&b);
}

static void say_all(const struct replay *r)
{
	if (r->other_mode > 0)
		log_write(r->t->run->log, LOG_WARN, r->t->where,
			  "%llu dead letters were to be sent in another mode than %s, which the "
			  "table has now",
			  (unsigned long long)r->other_mode,
			  r->t->target.merge ? "merge" : "append");
	for (int i = LETTER_LOCAL; i < LETTER_FATES; i++)
		say_fate(r, (enum letter_fate)i);
}

/* ---- The walk ---- */

static void note_fate(struct replay *r, const struct letter *l)
{
	if (r->fates[l->fate]++ == 0)
		r->first[l->fate] = l->id;
	if (l->fate == LETTER_LOCAL)
		r->local[l->reason]++;
	if (l->fate != LETTER_TAKEN)
		r->t->letters_left++;
	else if (l->merge != r->t->target.merge)
		r->other_mode++;
}

static int take(struct replay *r, int by_key, size_t i, struct error *err)
{
	struct table_run *t = r->t;
	int rc;

	if (atomic_load_explicit(&t->run->stop, memory_order_relaxed))
		return error_set(err, ERR_CANCELLED, "%s: stopped", t->where);
	rc = by_key ? replay_by_key(r, i, err) : replay_as_stored(r, i, err);
	t->letter = 0;
	t->letter_key = NULL;
	if (rc == 0)
		note_fate(r, &r->letters.items[i]);
	return rc;
}

static int take_all(struct replay *r, int by_key, struct error *err)
{
	int rc;

	while ((rc = letters_next(&r->letters, err)) > 0) {
		for (size_t i = 0; i < r->letters.n; i++) {
			if (take(r, by_key, i, err) < 0)
				return -1;
		}
	}
	return rc < 0 ? -1 : reader_drain(r->t, err);
}

static int check_source(const struct table_run *t, struct error *err)
{
	const struct defsync_source *s = &t->plugin->source;

	if ((s->caps | s->caps_required) & DEFSYNC_CAP_KEYS)
		return 0;
	return error_set(err, ERR_CONFIG,
			 "%s: plugin '%s' cannot read rows by their key, which merge mode needs; "
			 "send what is stored with --as-is where no newer rows can be overwritten",
			 t->where, t->plugin->name);
}

static int replay(struct replay *r, struct error *err)
{
	struct table_run *t = r->t;
	struct dead_filter filter = *t->run->settings.replay;
	int by_key = t->target.merge && !t->run->settings.as_is;
	int rc;

	filter.source = t->config->source->name;
	filter.table = t->config->from;
	if (by_key && check_source(t, err) < 0)
		return -1;
	if (letters_open(&r->letters, t->run->store, &filter, t->config->to, !by_key, err) < 0)
		return -1;
	rc = take_all(r, by_key, err);
	letters_done(&r->letters);
	if (rc == 0)
		say_all(r);
	return rc;
}

void *replay_main(void *arg)
{
	struct table_run *t = arg;
	struct error err = ERROR_INIT;

	t->replay = replay_create(t);
	if (t->replay == NULL)
		(void)error_nomem(&err);
	else if (replay(t->replay, &err) == 0)
		t->at_end = 1;
	reader_finish(t, &err);
	return NULL;
}
