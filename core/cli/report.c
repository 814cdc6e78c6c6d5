/* SPDX-License-Identifier: MIT */
/* What a run has done: the JSON report and the table on the terminal. */

#include "cli/report.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "cli/output.h"

#define REPORT_MODE 0600 /* checkpoints can hold values of key columns */

static json_t *drift_json(const struct run_table_result *r, struct secrets *secrets)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < r->n_drift; i++) {
		if (json_array_append_new(list, output_json_string(secrets, r->drift[i])) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

json_t *report_table_json(const struct run_table_result *r, struct secrets *secrets)
{
	const struct {
		const char *name;
		const char *text;
	} texts[] =
	    {
		{"checkpoint", r->checkpoint}, {"ceiling", r->ceiling}, {"error", r->error},
		{"phase", r->phase},	       {"notes", r->notes},
	    },
	  names[] = {
	      {"source", r->source},
	      {"table", r->table},
	      {"target", r->target},
	      {"status", r->status},
	  };
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
	    {"rows_read", r->counts.read},
	    {"rows_pushed", r->counts.pushed},
	    {"rows_filtered", r->counts.filtered},
	    {"rows_dead_lettered", r->counts.dead},
	    {"rows_repeated", r->counts.repeated},
	    {"requests", r->counts.requests},
	    {"retries", r->counts.retries},
	    {"bytes", r->counts.bytes},
	    {"duration_ms", (uint64_t)(r->duration_us / 1000)},
	};
	json_t *o = json_object();
	int rc = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		rc |= output_put(o, names[i].name, output_json_string(secrets, names[i].text));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		rc |= output_put(o, counts[i].name, json_integer((json_int_t)counts[i].n));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		rc |= output_put(o, texts[i].name, output_json_string(secrets, texts[i].text));
	rc |= output_put(o, "drift", drift_json(r, secrets));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *tables_json(const struct run *run, struct secrets *secrets)
{
	json_t *list = json_array();

	for (size_t i = 0; run != NULL && list != NULL && i < run_n_tables(run); i++) {
		struct run_table_result r;

		run_result(run, i, &r);
		if (json_array_append_new(list, report_table_json(&r, secrets)) < 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

json_t *report_json(const struct run *run, int64_t started_us, int exit_code, const char *failure,
		    struct secrets *secrets)
{
	json_t *o = json_object();
	int64_t ms = (clock_wall_us() - started_us) / 1000;
	int rc = 0;

	rc |= output_put(o, "run_id", output_json_string(NULL, run != NULL ? run_id(run) : ""));
	rc |= output_put(o, "started_at", output_json_time(started_us));
	rc |= output_put(o, "duration_ms", json_integer(ms > 0 ? ms : 0));
	rc |= output_put(o, "exit_code", json_integer(exit_code));
	rc |= output_put(o, "error", output_json_string(secrets, failure));
	rc |= output_put(o, "tables", tables_json(run, secrets));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}

int report_write(const char *path, const json_t *report, struct error *err)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTPUT_MAX);
	rc = report == NULL ? error_nomem(err) : output_json_text(report, &b, err);
	if (rc == 0)
		rc = file_replace(path, b.data, b.len, REPORT_MODE, err);
	buf_done(&b);
	return rc;
}

/* ---- the table ---- */

static void add_counts(struct store_counts *sum, const struct store_counts *c)
{
	sum->read += c->read;
	sum->pushed += c->pushed;
	sum->filtered += c->filtered;
	sum->dead += c->dead;
	sum->repeated += c->repeated;
	sum->requests += c->requests;
	sum->retries += c->retries;
	sum->bytes += c->bytes;
}

static void add_numbers(struct grid *g, const struct store_counts *c, int64_t duration_us)
{
	char text[32];

	grid_add_u64(g, c->read);
	grid_add_u64(g, c->pushed);
	grid_add_u64(g, c->filtered);
	grid_add_u64(g, c->dead);
	grid_add_u64(g, c->repeated);
	grid_add_u64(g, c->requests);
	grid_add_u64(g, c->retries);
	grid_add(g, num_format_size((int64_t)c->bytes, text));
	grid_add(g, num_format_duration(duration_us / 1000, text));
}

static void add_result(struct grid *g, const struct run_table_result *r)
{
	grid_add_table(g, r->source, r->table);
	add_numbers(g, &r->counts, r->duration_us);
	grid_add(g, r->status);
}

int report_summary(const struct run *run, struct secrets *secrets, struct buf *out,
		   struct error *err)
{
	static const char *const headers[] = {"TABLE", "READ",	   "PUSHED",   "FILTERED",
					      "DEAD",  "REPEATED", "REQUESTS", "RETRIES",
					      "BYTES", "TIME",	   "STATUS"};
	struct store_counts sum = {0};
	struct grid g;
	int rc;

	grid_init(&g, headers, "lrrrrrrrrrl", sizeof(headers) / sizeof(headers[0]));
	for (size_t i = 0; i < run_n_tables(run); i++) {
		struct run_table_result r;

		run_result(run, i, &r);
		add_result(&g, &r);
		add_counts(&sum, &r.counts);
	}
	if (run_n_tables(run) > 1) {
		grid_add(&g, "total");
		add_numbers(&g, &sum, clock_wall_us() - run_started_us(run));
		grid_add(&g, "");
	}
	rc = grid_print(&g, out);
	grid_done(&g);
	if (rc == 0)
		rc = secrets_redact(secrets, out);
	return rc < 0 ? error_nomem(err) : 0;
}
