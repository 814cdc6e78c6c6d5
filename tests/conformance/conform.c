/* SPDX-License-Identifier: MIT */
/* defsync-conform: the command line. */

#include <stdio.h>
#include <string.h>

#include "conform.h"

static const struct {
	const char *option;
	int (*run)(struct conform *c, struct error *err);
	int connected; /* before it runs */
} actions[] = {
    {"discover", action_discover, 1},
    {"describe", action_describe, 1},
    {"resume-each", action_resume_each, 1},
    {"damage-checkpoints", action_damage, 1},
    {"cancel-after", action_cancel, 0},
    {"pages", action_pages, 1},
    {"serve", action_serve, 1},
    {NULL, action_read, 1},
};

static int run(struct conform *c, struct error *err)
{
	size_t i = 0;

	while (actions[i].option != NULL && !args_has(c->args, actions[i].option))
		i++;
	if (actions[i].connected && conform_connect(c, err) < 0)
		return -1;
	return actions[i].run(c, err);
}

static void usage(void)
{
	printf("usage: defsync-conform --plugin NAME|PATH [OPTION...]\n");
	for (size_t i = 0; i < conform_args.n; i++) {
		const struct arg_option *o = &conform_args.options[i];

		printf("  --%s%s%-*s %s\n", o->name, o->value != NULL ? "=" : "",
		       (int)(24 - strlen(o->name)), o->value != NULL ? o->value : "", o->help);
	}
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct conform c = {.hold = -1};
	struct args args;
	int rc;

	if (argc < 2) {
		usage();
		return 2;
	}
	if (args_init(&args, argc, argv, &err) < 0 ||
	    args_parse(&args, &conform_args, 1, ARGS_ALL, &err) < 0) {
		fprintf(stderr, "defsync-conform: %s\n", error_text(&err));
		return 2;
	}
	rc = conform_open(&c, &args, &err);
	if (rc == 0)
		rc = run(&c, &err);
	if (rc < 0)
		print_failure(&c, &err);
	conform_close(&c);
	args_done(&args);
	return rc < 0 ? 1 : 0;
}
