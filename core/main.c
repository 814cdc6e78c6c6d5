/* SPDX-License-Identifier: MIT */
/* The start of the process; all else is in the commands. */

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"

/* So that no file that is opened later gets the number of a closed stdout. */
static int open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR); /* not O_CLOEXEC: it stands for 0, 1 and 2 */
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd < 0 ? -1 : close(fd);
}

int main(int argc, char **argv)
{
	struct log *log;
	int code;

	(void)umask(0077);
	(void)signal(SIGPIPE, SIG_IGN);
	if (open_standard_files() < 0)
		return EXIT_FAILURE;
	log = log_create(STDERR_FILENO, LOG_INFO, LOG_TEXT);
	if (log == NULL)
		return EXIT_FAILURE;
	code = command_main(argc, argv, log);
	log_destroy(log);
	return code;
}
