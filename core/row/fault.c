/* SPDX-License-Identifier: MIT */
/* Names of the reasons, and the text of a fault made fit for one line. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "row/fault.h"
#include "row/utf8.h"

static const char *const reason_names[ROW_REASONS] = {
    [ROW_OK] = "ok",
    [ROW_BAD_UTF8] = "bad_utf8",
    [ROW_FIELD_TOO_LARGE] = "field_too_large",
    [ROW_TOO_LARGE] = "row_too_large",
    [ROW_TOO_DEEP] = "too_deep",
    [ROW_BAD_JSON] = "bad_json",
    [ROW_BAD_VALUE] = "bad_value",
    [ROW_KEY_NULL] = "key_null",
    [ROW_SOURCE] = "source",
    [ROW_TRANSFORM] = "transform",
    [ROW_SCHEMA] = "schema_changed",
    [ROW_REJECTED] = "rejected",
    [ROW_PARTIAL] = "partially_rejected",
};

const char *row_reason_name(enum row_reason reason)
{
	if ((unsigned)reason >= ROW_REASONS)
		return "unknown";
	return reason_names[reason];
}

enum row_reason row_reason_find(const char *name)
{
	for (int i = ROW_OK; i < ROW_REASONS; i++) {
		if (strcmp(reason_names[i], name) == 0)
			return (enum row_reason)i;
	}
	return ROW_OK;
}

/* Text that vsnprintf cut may end inside a sequence. */
static void drop_cut_sequence(char *text)
{
	size_t n = strlen(text), back;

	for (back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)text[n - back];

		if ((c & 0xc0) == 0x80)
			continue;
		if (c >= 0xc0 && utf8_sequence((unsigned char *)text + n - back, back) == 0)
			text[n - back] = '\0';
		return;
	}
}

/* Column names and texts of plugins are foreign: no control characters, UTF-8 throughout. */
static void clean(char *text)
{
	unsigned char *p = (unsigned char *)text;
	size_t left = strlen(text);

	while (left > 0) {
		size_t n = utf8_sequence(p, left);

		if (n == 0 || *p < 0x20 || *p == 0x7f) {
			*p = '?';
			n = 1;
		}
		p += n;
		left -= n;
	}
}

int row_fault_set(struct row_fault *fault, enum row_reason reason, const char *fmt, ...)
{
	va_list ap;
	int n;

	fault->reason = reason;
	va_start(ap, fmt);
	n = vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
	va_end(ap);
	if (n < 0)
		fault->text[0] = '\0';
	if (n >= (int)sizeof(fault->text))
		drop_cut_sequence(fault->text);
	clean(fault->text);
	return -1;
}

static int is_column(const struct defsync_relation *r, const char *name, size_t n)
{
	for (uint32_t i = 0; r != NULL && i < r->n_columns; i++) {
		const char *is = defsync_column_at(r, i)->name;

		if (strlen(is) == n && memcmp(is, name, n) == 0)
			return 1;
	}
	return 0;
}

void row_fault_veil(struct row_fault *fault, const struct defsync_relation *relation)
{
	static const char hidden[] = "'...'";
	char *quote = strchr(fault->text, '\''), *end;

	for (; quote != NULL; quote = strchr(end + 1, '\'')) {
		end = strchr(quote + 1, '\'');
		if (end == NULL || !is_column(relation, quote + 1, (size_t)(end - quote - 1)))
			break;
	}
	if (quote == NULL)
		return;
	if ((size_t)(quote - fault->text) > sizeof(fault->text) - sizeof(hidden))
		quote = fault->text + sizeof(fault->text) - sizeof(hidden);
	memcpy(quote, hidden, sizeof(hidden));
}
