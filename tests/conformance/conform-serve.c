/* SPDX-License-Identifier: MIT */
/*
 * Commands on stdin, for scripts that lead several sessions step by step:
 *
 *	extract		begins to read from the last checkpoint that was committed
 *	next N		prints N rows, or fewer up to the end
 *	rest		prints all that is left, and the end
 *	pause		as a host that is waited for
 *	commit		the last checkpoint that was printed counts from now on
 *	end		the cursor ends
 *	forget		no checkpoint any more
 *	reconnect	a session anew
 *
 * Each answer ends with a line {"done":true}; an error is a line before it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

struct served {
	struct conform *c;
	struct buf committed;
};

static int do_extract(struct served *s, const char *word, struct error *err)
{
	(void)word;
	s->c->n_rows = 0;
	s->c->request.checkpoint = s->committed.data;
	s->c->request.checkpoint_len = s->committed.len;
	return source_extract(s->c->source, &s->c->request, err);
}

static int do_next(struct served *s, const char *word, struct error *err)
{
	int ended;

	return read_rows(s->c, strtoll(word, NULL, 10), &ended, err);
}

static int do_rest(struct served *s, const char *word, struct error *err)
{
	int ended;

	(void)word;
	return read_rows(s->c, -1, &ended, err) < 0 ? -1 : print_end(s->c, err);
}

static int do_pause(struct served *s, const char *word, struct error *err)
{
	(void)word;
	return source_pause(s->c->source, err);
}

static int do_commit(struct served *s, const char *word, struct error *err)
{
	(void)word;
	buf_reset(&s->committed);
	if (buf_add(&s->committed, s->c->checkpoint.data, s->c->checkpoint.len) < 0)
		return error_nomem(err);
	return 0;
}

static int do_end(struct served *s, const char *word, struct error *err)
{
	(void)word;
	(void)err;
	source_end(s->c->source);
	return 0;
}

static int do_forget(struct served *s, const char *word, struct error *err)
{
	(void)word;
	(void)err;
	buf_reset(&s->committed);
	buf_reset(&s->c->checkpoint);
	return 0;
}

static int do_reconnect(struct served *s, const char *word, struct error *err)
{
	(void)word;
	return conform_reconnect(s->c, err);
}

static const struct {
	const char *name;
	int (*run)(struct served *s, const char *word, struct error *err);
} commands[] = {
    {"extract", do_extract}, {"next", do_next}, {"rest", do_rest},     {"pause", do_pause},
    {"commit", do_commit},   {"end", do_end},	{"forget", do_forget}, {"reconnect", do_reconnect},
};

static int do_line(struct served *s, char *line, struct error *err)
{
	char *word = line + strcspn(line, " \n");

	if (*word == ' ')
		*word++ = '\0';
	else
		*word = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, line) == 0)
			return commands[i].run(s, word, err);
	return error_set(err, ERR_USAGE, "no such command: '%s'", line);
}

int action_serve(struct conform *c, struct error *err)
{
	struct served s = {.c = c};
	struct error why = ERROR_INIT;
	char line[256];

	(void)err;
	buf_init(&s.committed, LIMIT_CHECKPOINT_BYTES);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		c->spy->rc = 0;
		if (do_line(&s, line, &why) < 0)
			print_failure(c, &why);
		print_line("{\"done\":true}");
	}
	buf_done(&s.committed);
	return 0;
}
