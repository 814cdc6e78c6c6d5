/* SPDX-License-Identifier: MIT */
/* When to try again. */

#include "push/backoff.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"

int64_t backoff_ms(unsigned attempt, int64_t retry_after, uint64_t random)
{
	int64_t ceiling = BACKOFF_CAP_MS;
	int64_t floor_ms = retry_after;
	int64_t pause;

	/* Beyond 8 doublings the cap holds: no shift can overflow. */
	if (attempt >= 1 && attempt <= 8 && ((int64_t)BACKOFF_BASE_MS << (attempt - 1)) < ceiling)
		ceiling = (int64_t)BACKOFF_BASE_MS << (attempt - 1);
	pause = (int64_t)(random % (uint64_t)(ceiling + 1));
	if (floor_ms > LIMIT_RETRY_AFTER_MS)
		floor_ms = LIMIT_RETRY_AFTER_MS;
	return pause > floor_ms ? pause : floor_ms;
}

int64_t retry_after_ms(const char *value, int64_t now_wall_us)
{
	int64_t seconds, at;

	if (value == NULL || value[0] == '\0')
		return 0;
	if (num_parse_i64(value, 0, INT64_MAX / 1000, &seconds) == 0)
		return seconds * 1000;
	if (clock_parse_http(value, &at) < 0 || at > INT64_MAX / 1000000)
		return 0;
	at = at * 1000 - now_wall_us / 1000;
	return at > 0 ? at : 0;
}
