/* SPDX-License-Identifier: MIT */
/* The self-pipe of the signals that end a run. */

#define _GNU_SOURCE
#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* A signal handler has no other way to its data. */
static volatile sig_atomic_t caught;
static volatile sig_atomic_t pipe_end = -1;

static void on_signal(int number)
{
	int saved = errno;
	char byte = 0;
	ssize_t ignored; /* a full pipe is readable already */

	if (caught == 0)
		caught = number;
	ignored = write((int)pipe_end, &byte, 1);
	(void)ignored;
	errno = saved;
}

static int catch_signal(int number)
{
	struct sigaction old, action = {.sa_handler = on_signal};

	if (sigaction(number, NULL, &old) < 0)
		return -1;
	if (old.sa_handler == SIG_IGN)
		return 0;
	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
	return sigaction(number, &action, NULL);
}

int signals_open(struct error *err)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_set_errno(err, ERR_INTERNAL, errno, "cannot make a pipe");
	pipe_end = fds[1];
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (catch_signal(numbers[i]) < 0)
			return error_set_errno(err, ERR_INTERNAL, errno, "cannot catch signal %d",
					       numbers[i]);
	return fds[0];
}

int signals_caught(void)
{
	return caught;
}
