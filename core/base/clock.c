/* SPDX-License-Identifier: MIT */
/* The two clocks, and dates as text. */

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define US_PER_SECOND INT64_C(1000000)
#define SECONDS_PER_DAY INT64_C(86400)
/* Beyond what microseconds in an int64_t reach; keeps the arithmetic from overflowing. */
#define YEAR_MAX INT64_C(10000000000)
#define DAYS_MAX (YEAR_MAX * 366)

static int64_t clock_read(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * US_PER_SECOND + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
	return clock_read(CLOCK_REALTIME);
}

static int64_t clamp(int64_t v, int64_t max)
{
	if (v > max)
		return max;
	return v < -max ? -max : v;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Both by Howard Hinnant's "chrono-compatible low-level date algorithms". */
void clock_civil(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	int64_t z = clamp(days, DAYS_MAX) + 719468;
	int64_t era = floor_div(z, 146097);
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*ret_day = doy - (153 * mp + 2) / 5 + 1;
	*ret_month = mp < 10 ? mp + 3 : mp - 9;
	*ret_year = (int64_t)yoe + era * 400 + (*ret_month <= 2);
}

int64_t clock_days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = clamp(year, YEAR_MAX) - (month <= 2);
	int64_t era = floor_div(y, 400);
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + (int64_t)doe - 719468;
}

void clock_format(int64_t wall_us, char out[CLOCK_TEXT_MAX])
{
	int64_t seconds = floor_div(wall_us, US_PER_SECOND);
	int64_t days = floor_div(seconds, SECONDS_PER_DAY);
	int64_t rest = seconds - days * SECONDS_PER_DAY;
	int64_t us = wall_us % US_PER_SECOND;
	unsigned month, day;
	int64_t year;

	clock_civil(days, &year, &month, &day);
	(void)snprintf(out, CLOCK_TEXT_MAX, "%04" PRId64 "-%02u-%02uT%02d:%02d:%02d.%06" PRId64 "Z",
		       year, month, day, (int)(rest / 3600), (int)(rest / 60 % 60),
		       (int)(rest % 60), us < 0 ? us + US_PER_SECOND : us);
}

/* ---- Reading: each take_x moves *p behind what it took, or answers 0 ---- */

static int take_digits(const char **p, int n, unsigned *ret)
{
	unsigned v = 0;
	int i;

	for (i = 0; i < n; i++) {
		if ((*p)[i] < '0' || (*p)[i] > '9')
			return 0;
		v = v * 10 + (unsigned)((*p)[i] - '0');
	}
	*p += n;
	*ret = v;
	return 1;
}

static int take_text(const char **p, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*p, text, n) != 0)
		return 0;
	*p += n;
	return 1;
}

static int take_name(const char **p, const char *const *names, unsigned n, unsigned *ret)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (take_text(p, names[i])) {
			*ret = i;
			return 1;
		}
	}
	return 0;
}

struct civil {
	unsigned year, month, day, hour, minute, second;
};

static int take_time(const char **p, struct civil *c)
{
	return take_digits(p, 2, &c->hour) && take_text(p, ":") && take_digits(p, 2, &c->minute) &&
	       take_text(p, ":") && take_digits(p, 2, &c->second);
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static int civil_seconds(const struct civil *c, int64_t *ret)
{
	if (c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month) || c->hour > 23 || c->minute > 59 ||
	    c->second > 59)
		return -1;
	*ret = clock_days(c->year, c->month, c->day) * SECONDS_PER_DAY + (int64_t)c->hour * 3600 +
	       (int64_t)c->minute * 60 + c->second;
	return 0;
}

/* ".5" and more; digits beyond microseconds are cut off. */
static int take_fraction(const char **p, int64_t *ret_us)
{
	int64_t scale = 100000;
	unsigned digit;

	*ret_us = 0;
	if (!take_text(p, "."))
		return 1;
	if (!take_digits(p, 1, &digit))
		return 0;
	do {
		*ret_us += digit * scale;
		scale /= 10;
	} while (take_digits(p, 1, &digit));
	return 1;
}

/* "Z", "+02:00" or nothing, which is UTC. */
static int take_zone(const char **p, int64_t *ret_seconds)
{
	unsigned hours, minutes;
	int sign;

	*ret_seconds = 0;
	if (take_text(p, "Z") || **p == '\0')
		return 1;
	sign = **p == '-' ? -1 : 1;
	if (!take_text(p, "-") && !take_text(p, "+"))
		return 0;
	if (!take_digits(p, 2, &hours) || !take_text(p, ":") || !take_digits(p, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return 0;
	*ret_seconds = sign * (int64_t)(hours * 3600 + minutes * 60);
	return 1;
}

int clock_parse(const char *text, int64_t *ret_wall_us)
{
	int64_t seconds, us = 0, offset = 0;
	struct civil c = {0};
	const char *p = text;

	if (!take_digits(&p, 4, &c.year) || !take_text(&p, "-") || !take_digits(&p, 2, &c.month) ||
	    !take_text(&p, "-") || !take_digits(&p, 2, &c.day))
		return -1;
	if (*p != '\0') {
		if (!take_text(&p, "T") && !take_text(&p, " "))
			return -1;
		if (!take_time(&p, &c) || !take_fraction(&p, &us) || !take_zone(&p, &offset))
			return -1;
	}
	if (*p != '\0' || civil_seconds(&c, &seconds) < 0)
		return -1;
	*ret_wall_us = (seconds - offset) * US_PER_SECOND + us;
	return 0;
}

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/* The long names first, since the short ones are their beginnings. */
static const char *const weekdays[] = {"Sunday", "Monday",   "Tuesday", "Wednesday", "Thursday",
				       "Friday", "Saturday", "Sun",	"Mon",	     "Tue",
				       "Wed",	 "Thu",	     "Fri",	"Sat"};

/* Two digits are of this century unless that were 50 years ahead (RFC 9110, 5.6.7); 2000 is near enough. */
static unsigned full_year(unsigned two)
{
	return two < 70 ? 2000 + two : 1900 + two;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" and "Sunday, 06-Nov-94 08:49:37 GMT", behind the comma. */
static int take_http_date(const char **p, struct civil *c)
{
	if (!take_text(p, " ") || !take_digits(p, 2, &c->day))
		return 0;
	if (take_text(p, "-")) {
		if (!take_name(p, months, 12, &c->month) || !take_text(p, "-") ||
		    !take_digits(p, 2, &c->year))
			return 0;
		c->year = full_year(c->year);
	} else if (!take_text(p, " ") || !take_name(p, months, 12, &c->month) ||
		   !take_text(p, " ") || !take_digits(p, 4, &c->year)) {
		return 0;
	}
	c->month++;
	return take_text(p, " ") && take_time(p, c) && take_text(p, " GMT");
}

/* "Sun Nov  6 08:49:37 1994", behind the weekday. */
static int take_asctime(const char **p, struct civil *c)
{
	if (!take_text(p, " ") || !take_name(p, months, 12, &c->month) || !take_text(p, " "))
		return 0;
	c->month++;
	if (!take_digits(p, 2, &c->day) && !(take_text(p, " ") && take_digits(p, 1, &c->day)))
		return 0;
	return take_text(p, " ") && take_time(p, c) && take_text(p, " ") &&
	       take_digits(p, 4, &c->year);
}

int clock_parse_http(const char *text, int64_t *ret_seconds)
{
	struct civil c = {0};
	const char *p = text;
	unsigned weekday;
	int64_t seconds;

	if (!take_name(&p, weekdays, 14, &weekday))
		return -1;
	if (!(take_text(&p, ",") ? take_http_date(&p, &c) : take_asctime(&p, &c)))
		return -1;
	if (c.second == 60) /* a leap second is allowed there */
		c.second = 59;
	if (*p != '\0' || civil_seconds(&c, &seconds) < 0)
		return -1;
	*ret_seconds = seconds;
	return 0;
}
