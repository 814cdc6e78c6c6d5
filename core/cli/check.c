/* SPDX-License-Identifier: MIT */
/* The items of defsync check, and how they are printed. */

#include "cli/check.h"

#include <stdarg.h>
#include <string.h>

#include "cli/output.h"

#define ITEM_TEXT_MAX ((size_t)64 * 1024)

static const char *const level_names[] = {
    [CHECK_OK] = "ok",
    [CHECK_WARN] = "warn",
    [CHECK_ERROR] = "error",
};

void check_init(struct check *k, struct cli *cli)
{
	*k = (struct check){.secrets = log_secrets(cli->log), .items = json_array()};
}

void check_done(struct check *k)
{
	json_decref(k->items);
	*k = (struct check){0};
}

static void add(struct check *k, enum check_level level, enum error_class class, const char *where,
		const char *code, const char *text, const char *hint)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "level", json_string(level_names[level]));
	rc |= output_put(o, "where", output_json_string(k->secrets, where));
	rc |= output_put(o, "code", output_json_string(NULL, code));
	rc |= output_put(o, "text", output_json_string(k->secrets, text));
	rc |= output_put(o, "hint", output_json_string(k->secrets, hint));
	if (rc < 0) {
		json_decref(o);
		o = NULL;
	}
	if (json_array_append_new(k->items, o) < 0)
		k->failed = 1;
	if (level == CHECK_ERROR && k->first == ERR_NONE)
		k->first = class;
}

void check_item(struct check *k, enum check_level level, enum error_class class, const char *where,
		const char *hint, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, ITEM_TEXT_MAX);
	va_start(ap, fmt);
	if (buf_vprintf(&b, fmt, ap) < 0 || buf_str(&b) == NULL)
		k->failed = 1;
	else
		add(k, level, class, where, level == CHECK_ERROR ? error_class_name(class) : NULL,
		    b.data, hint);
	va_end(ap);
	buf_done(&b);
}

void check_finding(struct check *k, enum check_level level, const char *where, const char *code,
		   const char *text, const char *hint)
{
	add(k, level, level == CHECK_ERROR ? ERR_SOURCE : ERR_NONE, where, code, text, hint);
}

void check_failure(struct check *k, const char *where, const struct error *why)
{
	add(k, CHECK_ERROR, why->class, where, error_class_name(why->class), error_text(why), NULL);
}

int check_has_errors(const struct check *k)
{
	return k->first != ERR_NONE;
}

int check_exit_code(const struct check *k)
{
	return k->first == ERR_NONE ? 0 : error_exit_code(k->first);
}

/* ---- printing ---- */

static const char *text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text != NULL ? text : "";
}

static int add_line(struct buf *b, const json_t *o)
{
	const char *hint = text_of(o, "hint");
	int rc = 0;

	rc |= buf_printf(b, "%-5s  ", text_of(o, "level"));
	rc |= output_add_clean(b, text_of(o, "where"));
	rc |= buf_add_str(b, ": ");
	rc |= output_add_clean(b, text_of(o, "text"));
	if (hint[0] != '\0')
		rc |= buf_add_str(b, "; ") < 0 ? -1 : output_add_clean(b, hint);
	return rc | buf_add_char(b, '\n');
}

static int print_text(const struct check *k, struct error *err)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, OUTPUT_MAX);
	for (size_t i = 0; i < json_array_size(k->items); i++)
		rc |= add_line(&b, json_array_get(k->items, i));
	rc = rc < 0 ? error_nomem(err) : output_write(&b, err);
	buf_done(&b);
	return rc;
}

static int print_json(const struct check *k, struct error *err)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "exit_code", json_integer(check_exit_code(k)));
	rc |= output_put(o, "items", json_incref(k->items));
	if (rc == 0)
		return output_json_take(o, err);
	json_decref(o);
	return error_nomem(err);
}

int check_print(struct check *k, int json, struct error *err)
{
	if (k->failed || k->items == NULL)
		return error_nomem(err);
	return json ? print_json(k, err) : print_text(k, err);
}
