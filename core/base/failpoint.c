/* SPDX-License-Identifier: MIT */
/*
 * Failpoints, for test builds only.  The counters are static, the one exception
 * to the rule against it: places are passed deep inside, without a handle.
 */

#include "base/failpoint.h"

#ifdef ENABLE_FAILPOINTS

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES_MAX 32
#define ENTRY_BYTES_MAX 128

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* Passes of the n-th entry of the variable. */
static uint64_t passes[ENTRIES_MAX];

static void delay(uint64_t ms)
{
	struct timespec left = {.tv_sec = (time_t)(ms / 1000),
				.tv_nsec = (long)(ms % 1000) * 1000000};

	while (nanosleep(&left, &left) < 0)
		continue;
}

static int act(const char *action)
{
	if (strcmp(action, "kill") == 0)
		(void)kill(getpid(), SIGKILL);
	else if (strncmp(action, "delay:", 6) == 0)
		delay(strtoull(action + 6, NULL, 10));
	else if (strcmp(action, "error") == 0)
		return 1;
	return 0;
}

/* Is this pass the one that is meant?  Cuts "@N" off. */
static int is_due(char *action, size_t entry)
{
	char *at = strchr(action, '@');
	uint64_t n;

	(void)pthread_mutex_lock(&mutex);
	n = ++passes[entry];
	(void)pthread_mutex_unlock(&mutex);
	if (at == NULL)
		return 1;
	*at = '\0';
	return strtoull(at + 1, NULL, 10) == n;
}

/* One "name=action@N". */
static int pass_entry(const char *text, size_t len, size_t entry, const char *name)
{
	char copy[ENTRY_BYTES_MAX];
	size_t n = strlen(name);

	if (len >= sizeof(copy) || len <= n || strncmp(text, name, n) != 0 || text[n] != '=')
		return 0;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return is_due(copy + n + 1, entry) ? act(copy + n + 1) : 0;
}

int failpoint(const char *name)
{
	const char *text = getenv("DEFSYNC_FAILPOINT");
	int rc = 0;

	for (size_t entry = 0; text != NULL && *text != '\0' && entry < ENTRIES_MAX; entry++) {
		size_t len = strcspn(text, ",");

		rc |= pass_entry(text, len, entry, name);
		text += len;
		text += *text == ',';
	}
	return rc;
}

#endif
