/* SPDX-License-Identifier: MIT */
/*
 * The commit: dead letters, hashes, checkpoint and counters of finished
 * stretches in one transaction.  A row leaves our hands only by it.
 */

#include "base/failpoint.h"
#include "store/store-internal.h"

/* What the handle remembers, once it is durable. */
struct totals {
	int64_t dead_bytes;
	int64_t recent;
};

static int at(struct store *s, const char *place, struct error *err)
{
	if (failpoint(place) == 0)
		return 0;
	s->broken = 1;
	return error_set(err, ERR_STORE, "store: input or output failed: '%s': at %s; run again",
			 s->path, place);
}

static int add_counts(struct store *s, const struct store_step *step, struct error *err)
{
	const struct store_counts *c = &step->add;

	if (step->run_row == 0)
		return 0;
	if (sql_run(s, SQL_RUN_COUNT,
		    SQL_ARGS(sql_int(step->run_row), sql_int((int64_t)c->read),
			     sql_int((int64_t)c->pushed), sql_int((int64_t)c->filtered),
			     sql_int((int64_t)c->dead), sql_int((int64_t)c->repeated),
			     sql_int((int64_t)c->requests), sql_int((int64_t)c->retries),
			     sql_int((int64_t)c->bytes)),
		    err) < 0)
		return -1;
	if (sqlite3_changes(s->db) != 1)
		return error_set(err, ERR_INTERNAL, "store: no run %lld", (long long)step->run_row);
	return 0;
}

static int commit_step(struct store *s, struct store_step *step, struct totals *t,
		       struct error *err)
{
	if (dead_settle(s, step, &t->dead_bytes, err) < 0 ||
	    dead_add(s, step, &t->dead_bytes, err) < 0 || at(s, "store_after_dead", err) < 0 ||
	    recent_add(s, step, &t->recent, err) < 0)
		return -1;
	if (step->checkpoint != NULL && table_move(s, step->table_id, step->checkpoint,
						   step->checkpoint_len, step->phase, err) < 0)
		return -1;
	if (step->cdc_us > 0 && step->table_id != 0 &&
	    sql_run(s, SQL_CDC_SET, SQL_ARGS(sql_int(step->table_id), sql_int(step->cdc_us)), err) <
		0)
		return -1;
	if (add_counts(s, step, err) < 0 || ledger_add(s, step, err) < 0 ||
	    shape_add(s, step, err) < 0 || keys_add(s, step, err) < 0 ||
	    at(s, "store_after_checkpoint", err) < 0)
		return -1;
	return step->sweep ? recent_sweep(s, step, &t->recent, err) : 0;
}

/* Does the commit delete letters, or parts of them? */
static int deletes_letters(const struct store_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (steps[i].n_settled > 0)
			return 1;
		for (size_t j = 0; j < steps[i].n_dead; j++) {
			if (steps[i].dead[j].id != 0)
				return 1;
		}
	}
	return 0;
}

static int commit(struct store *s, struct store_step *steps, size_t n, struct error *err)
{
	struct totals t = {s->dead_bytes, s->recent_total};
	int deletes = deletes_letters(steps, n);
	int rc = 0;

	/* Before the transaction: claims that wait in it are not at fault. */
	if (dead_check(s, steps, n, err) < 0 || sql_begin(s, err) < 0)
		return -1;
	if (deletes)
		dead_overwrite(s, 1);
	rc = at(s, "store_begin", err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = commit_step(s, &steps[i], &t, err);
	if (rc == 0 && deletes)
		rc = dead_vacuum(s, err);
	rc = sql_end(s, rc, err);
	if (deletes)
		dead_overwrite(s, 0);
	if (rc < 0)
		return -1;
	s->recent_total = t.recent;
	if (t.dead_bytes > s->dead_bytes) {
		s->dead_bytes = t.dead_bytes;
		dead_warn(s);
	}
	s->dead_bytes = t.dead_bytes;
	return at(s, "store_after_commit", err);
}

int store_commit(struct store *s, struct store_step *steps, size_t n, struct error *err)
{
	store_enter(s);
	return store_leave(s, commit(s, steps, n, err));
}
