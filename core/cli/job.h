/* SPDX-License-Identifier: MIT */
/*
 * One pass over the selected tables, as run and preview make it.
 *
 *	job_open(&j, cli, args, &settings, err)    configuration, lock, tables
 *	job_execute(&j, err)                       the exit code, or -1
 *	job_done(&j)
 */

#ifndef CLI_JOB_H
#define CLI_JOB_H

#include "cli/context.h"
#include "sync/run.h"

struct job {
	struct context context;
	struct store *store; /* NULL: nothing is there to read from */
	struct run *run;     /* NULL until all is prepared */
	int http_ready;
};

/* The settings that commands then change. */
struct run_settings job_settings(void);

/*
 * The tables are those of --source and --table or, when it is not NULL, the one
 * that `only` names.  Sets settings->stop_fd.  After -1, too, job_done is due.
 */
int job_open(struct job *j, struct cli *cli, const struct args *args, const char *only,
	     struct run_settings *settings, struct error *err);
/*
 * The parts of job_open, for a command that selects tables by what the store holds:
 * after the context, what a push needs and the store; after the selection, the run.
 */
int job_acquire(struct job *j, const struct run_settings *settings, struct error *err);
int job_prepare(struct job *j, struct run_settings *settings, struct error *err);
/* The exit code; -1 with err when the run could not begin. */
int job_execute(struct job *j, struct error *err);
void job_done(struct job *j);

#endif
