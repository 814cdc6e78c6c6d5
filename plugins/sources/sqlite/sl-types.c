/* SPDX-License-Identifier: MIT */
/* From what SQLite stores to cells. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sl.h"

static const struct rule {
	const char *name; /* of the option `types`, or NULL */
	uint32_t type;
	bool scratch;
} rules[] = {
    [SL_AS_STORED] = {NULL, DEFSYNC_ANY, false},
    [SL_BOOL] = {"bool", DEFSYNC_BOOL, false},
    [SL_INT] = {"int", DEFSYNC_INT64, false},
    [SL_DOUBLE] = {"double", DEFSYNC_DOUBLE, false},
    [SL_DECIMAL] = {"decimal", DEFSYNC_DECIMAL, true},
    [SL_TEXT] = {"text", DEFSYNC_TEXT, true},
    [SL_BYTES] = {"bytes", DEFSYNC_BYTES, false},
    [SL_JSON] = {"json", DEFSYNC_JSON, true},
    [SL_DATE] = {"date", DEFSYNC_DATE, false},
    [SL_TIMESTAMP] = {"timestamp", DEFSYNC_TIMESTAMP, false},
    [SL_UNIX] = {"unix", DEFSYNC_TIMESTAMP, false},
    [SL_UNIX_MS] = {"unix_ms", DEFSYNC_TIMESTAMP, false},
};

#define N_RULES (sizeof(rules) / sizeof(rules[0]))

bool sl_rule_from_name(const char *name, enum sl_rule *ret)
{
	size_t i;

	for (i = SL_BOOL; i < N_RULES; i++) {
		if (strcmp(rules[i].name, name) == 0) {
			*ret = (enum sl_rule)i;
			return true;
		}
	}
	return false;
}

const char *sl_rule_names(void)
{
	return "bool, int, double, decimal, text, bytes, json, date, timestamp, unix, unix_ms";
}

uint32_t sl_rule_type(enum sl_rule rule)
{
	return rules[rule].type;
}

bool sl_rule_needs_scratch(enum sl_rule rule)
{
	return rules[rule].scratch;
}

/* The declared type's first word. */
enum sl_rule sl_rule_from_declared(const char *declared)
{
	static const struct {
		const char *word;
		enum sl_rule rule;
	} words[] = {
	    {"DECIMAL", SL_DECIMAL},
	    {"NUMERIC", SL_DECIMAL},
	    {"BOOLEAN", SL_BOOL},
	    {"BOOL", SL_BOOL},
	};
	size_t len = strcspn(declared, " ("), i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].word) == len &&
		    sqlite3_strnicmp(words[i].word, declared, (int)len) == 0)
			return words[i].rule;
	}
	return SL_AS_STORED;
}

static inline void set_data(struct defsync_cell *c, uint32_t type, const void *ptr, size_t len)
{
	c->type = type;
	c->v.data.ptr = ptr;
	c->v.data.len = len;
}

static inline void set_int(struct defsync_cell *c, uint32_t type, int64_t v)
{
	c->type = type;
	c->v.i64 = v;
}

/* The pointer first, then the length: the other way round could convert. */
static inline void set_text(struct defsync_cell *c, uint32_t type, sqlite3_value *value)
{
	const void *ptr = sqlite3_value_text(value);

	set_data(c, type, ptr, (size_t)sqlite3_value_bytes(value));
}

static inline void set_blob(struct defsync_cell *c, uint32_t type, sqlite3_value *value)
{
	const void *ptr = sqlite3_value_blob(value);

	set_data(c, type, ptr, (size_t)sqlite3_value_bytes(value));
}

static size_t print_int(int64_t v, char *out)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	memcpy(out, p, (size_t)(digits + sizeof(digits) - p));
	return (size_t)(digits + sizeof(digits) - p);
}

/* [-]digits[.digits] */
static bool is_decimal(const char *p, size_t len)
{
	const char *end = p + len, *begin;

	p += len && *p == '-';
	for (begin = p; p < end && *p >= '0' && *p <= '9'; p++)
		;
	if (p == begin)
		return false;
	if (p == end)
		return true;
	for (begin = ++p; p < end && *p >= '0' && *p <= '9'; p++)
		;
	return begin[-1] == '.' && p == end && p > begin;
}

static bool read_int(sqlite3_value *value, int cls, struct defsync_cell *c)
{
	double r;

	if (cls == SQLITE_INTEGER) {
		set_int(c, DEFSYNC_INT64, sqlite3_value_int64(value));
		return true;
	}
	r = cls == SQLITE_FLOAT ? sqlite3_value_double(value) : 0.5;
	if (r != floor(r) || fabs(r) >= 9007199254740992.0)
		return false;
	set_int(c, DEFSYNC_INT64, (int64_t)r);
	return true;
}

static bool read_double(sqlite3_value *value, int cls, struct defsync_cell *c)
{
	int64_t i;

	c->type = DEFSYNC_DOUBLE;
	if (cls == SQLITE_FLOAT) {
		c->v.f64 = sqlite3_value_double(value);
		return true;
	}
	i = cls == SQLITE_INTEGER ? sqlite3_value_int64(value) : INT64_MAX;
	c->v.f64 = (double)i;
	return i >= -(INT64_C(1) << 53) && i <= INT64_C(1) << 53;
}

/* Digits of a number; a text only when it is digits already, so for `decimal`. */
static bool read_digits(sqlite3_value *value, int cls, uint32_t type, char *scratch,
			struct defsync_cell *c)
{
	size_t n;

	switch (cls) {
	case SQLITE_INTEGER:
		n = print_int(sqlite3_value_int64(value), scratch);
		break;
	case SQLITE_FLOAT:
		n = sl_decimal_print(sqlite3_value_double(value), scratch);
		break;
	case SQLITE_TEXT:
		set_text(c, type, value);
		return type != DEFSYNC_DECIMAL || is_decimal(c->v.data.ptr, c->v.data.len);
	default:
		set_blob(c, type, value);
		return type == DEFSYNC_TEXT;
	}
	set_data(c, type, scratch, n);
	return n > 0;
}

static bool read_bool(sqlite3_value *value, int cls, struct defsync_cell *c)
{
	int64_t v = cls == SQLITE_INTEGER ? sqlite3_value_int64(value) : -1;

	set_int(c, DEFSYNC_BOOL, v);
	return v == 0 || v == 1;
}

static bool read_bytes(sqlite3_value *value, int cls, struct defsync_cell *c)
{
	if (cls == SQLITE_TEXT)
		set_text(c, DEFSYNC_BYTES, value);
	else
		set_blob(c, DEFSYNC_BYTES, value);
	return cls == SQLITE_TEXT || cls == SQLITE_BLOB;
}

static bool read_time(sqlite3_value *value, int cls, uint32_t type, struct defsync_cell *c)
{
	struct iso t;
	const char *ptr;

	if (cls != SQLITE_TEXT)
		return false;
	ptr = (const char *)sqlite3_value_text(value);
	if (!ptr || !iso_parse(ptr, (size_t)sqlite3_value_bytes(value), &t))
		return false;
	/* What is not in the calendar would be sent as another day, what is finer cut. */
	if ((type == DEFSYNC_DATE && t.separator) || !iso_has_day(&t) || t.finer)
		return false;
	set_int(c, type, type == DEFSYNC_DATE ? iso_days(&t) : iso_micros(&t));
	return true;
}

static bool read_unix(sqlite3_value *value, int cls, int64_t unit, struct defsync_cell *c)
{
	int64_t v;

	if (cls != SQLITE_INTEGER || __builtin_mul_overflow(sqlite3_value_int64(value), unit, &v))
		return false;
	set_int(c, DEFSYNC_TIMESTAMP, v);
	return true;
}

static inline bool read_stored(sqlite3_value *value, int cls, struct defsync_cell *c)
{
	switch (cls) {
	case SQLITE_INTEGER:
		set_int(c, DEFSYNC_INT64, sqlite3_value_int64(value));
		break;
	case SQLITE_FLOAT:
		c->type = DEFSYNC_DOUBLE;
		c->v.f64 = sqlite3_value_double(value);
		break;
	case SQLITE_TEXT:
		set_text(c, DEFSYNC_TEXT, value);
		break;
	default:
		set_blob(c, DEFSYNC_BYTES, value);
		break;
	}
	return true;
}

static bool read_by_rule(sqlite3_value *value, int cls, enum sl_rule rule, char *scratch,
			 struct defsync_cell *c)
{
	switch (rule) {
	case SL_AS_STORED:
		return read_stored(value, cls, c);
	case SL_BOOL:
		return read_bool(value, cls, c);
	case SL_INT:
		return read_int(value, cls, c);
	case SL_DOUBLE:
		return read_double(value, cls, c);
	case SL_DECIMAL:
	case SL_TEXT:
	case SL_JSON:
		return read_digits(value, cls, rules[rule].type, scratch, c);
	case SL_BYTES:
		return read_bytes(value, cls, c);
	case SL_DATE:
	case SL_TIMESTAMP:
		return read_time(value, cls, rules[rule].type, c);
	case SL_UNIX:
		return read_unix(value, cls, 1000000, c);
	case SL_UNIX_MS:
		return read_unix(value, cls, 1000, c);
	}
	return false;
}

bool sl_cell_read(sqlite3_value *value, enum sl_rule rule, char *scratch, struct defsync_cell *ret)
{
	int cls = sqlite3_value_type(value);

	ret->reserved = 0;
	if (rule == SL_AS_STORED && cls != SQLITE_NULL)
		return read_stored(value, cls, ret);
	if (cls == SQLITE_NULL) {
		set_int(ret, DEFSYNC_NULL, 0);
		return true;
	}
	if (read_by_rule(value, cls, rule, scratch, ret))
		return true;
	/* The dead letter shows what is there. */
	(void)read_stored(value, cls, ret);
	return false;
}
