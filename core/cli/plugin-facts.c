/* SPDX-License-Identifier: MIT */
/* All that a loaded plugin says about itself. */

#include "cli/plugin-facts.h"

#include <inttypes.h>
#include <string.h>

#include "cli/output.h"
#include "plugin/search.h"

struct bit {
	uint64_t mask;
	const char *name;
};

static const struct bit capabilities[] = {
    {DEFSYNC_CAP_RESUME, "resume"},	  {DEFSYNC_CAP_GAPLESS, "gapless"},
    {DEFSYNC_CAP_DELETES, "deletes"},	  {DEFSYNC_CAP_SNAPSHOT, "snapshot"},
    {DEFSYNC_CAP_STREAM, "stream"},	  {DEFSYNC_CAP_MULTI, "multi"},
    {DEFSYNC_CAP_NEEDS_ACK, "needs_ack"}, {DEFSYNC_CAP_CANCEL, "cancel"},
    {DEFSYNC_CAP_DISCOVER, "discover"},	  {DEFSYNC_CAP_KEYS, "keys"},
    {DEFSYNC_CAP_POSITION, "position"},	  {0, NULL},
};

static const struct bit callbacks[] = {
    {PLUGIN_HAS_LOAD, "load"}, {PLUGIN_HAS_DISCOVER, "discover"}, {PLUGIN_HAS_DESCRIBE, "describe"},
    {PLUGIN_HAS_ACK, "ack"},   {PLUGIN_HAS_CANCEL, "cancel"},	  {0, NULL},
};

static uint64_t caps_of(const struct plugin *p)
{
	return p->kind == PLUGIN_SOURCE ? p->source.caps | p->source.caps_required
					: p->transform.caps | p->transform.caps_required;
}

/* ---- text ---- */

static int add_line(struct buf *b, const char *name, const char *text)
{
	if (buf_printf(b, "%-14s", name) < 0 || output_add_clean(b, text) < 0)
		return -1;
	return buf_add_char(b, '\n');
}

static int add_bits(struct buf *b, const char *name, const struct bit *bits, uint64_t set)
{
	int rc = buf_printf(b, "%-14s", name);
	const char *gap = "";

	for (; bits->name != NULL; bits++)
		if (set & bits->mask) {
			rc |= buf_printf(b, "%s%s", gap, bits->name);
			gap = ", ";
		}
	return rc | buf_add_str(b, gap[0] == '\0' ? "none\n" : "\n");
}

static int add_table(struct buf *b, const char *title, const struct option_table *t)
{
	if (t->n == 0)
		return 0;
	return buf_printf(b, "\n%s:\n", title) < 0 ? -1 : options_help(t, 2, b);
}

int plugin_facts_text(const struct plugin *p, struct buf *out)
{
	int rc = 0;

	rc |= buf_printf(out, "%s %s: ", plugin_kind_name(p->kind), p->name);
	rc |= output_add_clean(out, p->summary);
	rc |= buf_add_char(out, '\n');
	rc |= add_line(out, "version", p->version);
	rc |= add_line(out, "path", p->path);
	if (p->home[0] != '\0')
		rc |= add_line(out, "home", p->home);
	rc |=
	    buf_printf(out, "%-14s%d.%" PRIu32 "\n", "interface", DEFSYNC_ABI_MAJOR, p->abi_minor);
	rc |= add_bits(out, "capabilities", capabilities, caps_of(p));
	if (p->kind == PLUGIN_SOURCE)
		rc |= add_bits(out, "callbacks", callbacks, p->has);
	rc |= add_table(out, p->kind == PLUGIN_SOURCE ? "Options of the source" : "Options",
			&p->options);
	if (p->kind == PLUGIN_SOURCE)
		rc |= add_table(out, "Options of each of its tables", &p->table_options);
	return rc;
}

/* ---- JSON ---- */

static json_t *option_json(const struct defsync_option *o)
{
	json_t *j = json_object();
	int ranged = o->min != 0 || o->max != 0;
	int rc = 0;

	rc |= output_put(j, "name", output_json_string(NULL, o->name));
	rc |= output_put(j, "type", json_string(option_type_name(o->type)));
	rc |= output_put(j, "required", json_boolean(o->flags & DEFSYNC_OPTION_REQUIRED));
	rc |= output_put(j, "deprecated", json_boolean(o->flags & DEFSYNC_OPTION_DEPRECATED));
	rc |= output_put(j, "advanced", json_boolean(o->flags & DEFSYNC_OPTION_ADVANCED));
	rc |= output_put(j, "default", output_json_string(NULL, o->default_text));
	rc |= output_put(j, "values", output_json_string(NULL, o->values));
	rc |= output_put(j, "min", ranged ? json_integer(o->min) : json_null());
	rc |= output_put(j, "max", ranged ? json_integer(o->max) : json_null());
	rc |= output_put(j, "help", output_json_string(NULL, o->help));
	if (rc == 0)
		return j;
	json_decref(j);
	return NULL;
}

static json_t *table_json(const struct option_table *t)
{
	json_t *list = json_array();
	int rc = list == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < t->n; i++)
		rc = json_array_append_new(list, option_json(option_at(t, i)));
	if (rc == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *bits_json(const struct bit *bits, uint64_t set)
{
	json_t *list = json_array();
	int rc = list == NULL ? -1 : 0;

	for (; rc == 0 && bits->name != NULL; bits++)
		if (set & bits->mask)
			rc = json_array_append_new(list, json_string(bits->name));
	if (rc == 0)
		return list;
	json_decref(list);
	return NULL;
}

json_t *plugin_facts_json(const struct plugin *p)
{
	json_t *o = json_object();
	int rc = 0;

	rc |= output_put(o, "name", output_json_string(NULL, p->name));
	rc |= output_put(o, "kind", json_string(plugin_kind_name(p->kind)));
	rc |= output_put(o, "version", output_json_string(NULL, p->version));
	rc |= output_put(o, "summary", output_json_string(NULL, p->summary));
	rc |= output_put(o, "home", output_json_string(NULL, p->home));
	rc |= output_put(o, "path", output_json_string(NULL, p->path));
	rc |= output_put(o, "interface",
			 json_sprintf("%d.%u", DEFSYNC_ABI_MAJOR, (unsigned)p->abi_minor));
	rc |= output_put(o, "capabilities", bits_json(capabilities, caps_of(p)));
	rc |= output_put(o, "callbacks", bits_json(callbacks, p->has));
	rc |= output_put(o, "options", table_json(&p->options));
	rc |= output_put(o, "table_options", table_json(&p->table_options));
	if (rc == 0)
		return o;
	json_decref(o);
	return NULL;
}
