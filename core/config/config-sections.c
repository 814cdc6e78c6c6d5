/* SPDX-License-Identifier: MIT */
/* The sections api, push, store and serve. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "config/build.h"
#include "config/expand.h"

#define REJECTED_ROWS_MAX INT64_C(1000000000)
#define REJECTED_ROWS_LEAST 20 /* with a percentage */

struct tree *config_map(struct tree *parent, const char *name, struct problems *problems)
{
	struct tree *map = tree_get(parent, name);

	if (!map || map->kind == TREE_NULL)
		return NULL;
	if (map->kind == TREE_MAP)
		return map;
	if (!map->broken)
		problems_add(problems, map, "%s: a map 'name: value' is expected here", name);
	return NULL;
}

struct defsync_options *config_section_read(struct build *b, const char *name,
					    struct tree **ret_map)
{
	const struct option_table *table = config_table_of(name);
	struct tree *map = config_map(b->config->root, name, b->problems);
	struct defsync_options *o;

	o = options_read(table, map, b->config->folder, &b->config->arena, b->secrets, b->problems);
	if (!o)
		b->no_memory = 1;
	options_unknown(map, &table, 1, NULL, 0, b->problems);
	*ret_map = map;
	return o;
}

int config_url_password(const char *url, const char **ret_start, size_t *ret_len)
{
	const char *user = strstr(url, "://");
	const char *colon, *at;
	size_t authority;

	if (!user)
		return 0;
	user += 3;
	authority = strcspn(user, "/?#");
	/* the last one, since people forget to escape it in passwords */
	for (at = user + authority; at > user && *at != '@'; at--)
		;
	colon = memchr(user, ':', (size_t)(at - user));
	if (at == user || !colon || colon + 1 == at)
		return 0;
	*ret_start = colon + 1;
	*ret_len = (size_t)(at - colon) - 1;
	return 1;
}

void config_add_secret(struct build *b, const char *p, size_t n)
{
	if (secrets_add(b->secrets, p, n) < 0)
		problems_add(b->problems, NULL, "too many or too long secrets");
}

static const char *environment_key(struct build *b)
{
	const char *key = getenv("DEFINITE_API_KEY");

	if (!key || *key == '\0')
		return NULL;
	config_add_secret(b, key, strlen(key));
	if (strpbrk(key, "\r\n")) {
		problems_add(b->problems, NULL, "DEFINITE_API_KEY: line break in the key");
		return NULL;
	}
	key = arena_strdup(&b->config->arena, key);
	if (!key)
		b->no_memory = 1;
	return key;
}

static const char *api_key(struct build *b, const struct defsync_options *o, struct tree *map)
{
	const char *key = options_string(o, "key"), *file = options_string(o, "key_file");
	const struct tree *at;

	if (!options_is_set(o, "key") && !options_is_set(o, "key_file"))
		return environment_key(b);
	at = tree_get(map, options_is_set(o, "key_file") ? "key_file" : "key");
	if (options_is_set(o, "key") && options_is_set(o, "key_file")) {
		problems_add_key(b->problems, at, "both key and key_file are given; keep one");
		return NULL;
	}
	if (key || !file)
		return key;
	key = expand_secret_file(file, at, &b->config->arena, b->problems);
	if (key)
		config_add_secret(b, key, strlen(key));
	return key;
}

/* Of the command line first; in the arena like all else. */
static const char *overridden(struct build *b, const char *override, const char *configured)
{
	const char *copy;

	if (!override)
		return configured;
	copy = arena_strdup(&b->config->arena, override);
	if (!copy)
		b->no_memory = 1;
	return copy;
}

static void build_api(struct build *b)
{
	struct config_api *api = &b->config->api;
	const struct defsync_options *o;
	const char *password;
	struct tree *map;
	size_t len;

	o = config_section_read(b, "api", &map);
	*api = (struct config_api){
	    .url = overridden(b, b->overrides->api_url, options_string(o, "url")),
	    .key = api_key(b, o, map),
	    .ca_file = overridden(b, b->overrides->api_ca_file, options_string(o, "ca_file")),
	    .client_cert = options_string(o, "client_cert"),
	    .client_key = options_string(o, "client_key"),
	    .pinned_key = options_string(o, "pinned_key"),
	    .proxy = options_string(o, "proxy"),
	    .allow_http = (int)options_int(o, "allow_http"),
	};
	api->onprem = o && strcmp(options_string(o, "flavor"), "onprem") == 0;
	if (api->proxy && config_url_password(api->proxy, &password, &len))
		config_add_secret(b, password, len);
	/* libcurl would guess one, and a password in it would not be known as such. */
	if (api->proxy && *api->proxy && strstr(api->proxy, "://") == NULL)
		problems_add_key(b->problems, tree_get(map, "proxy"),
				 "proxy: no URL; write http://HOST:PORT");
	if (api->url && config_url_password(api->url, &password, &len))
		config_add_secret(b, password, len);
	if (api->client_key && !api->client_cert)
		problems_add_key(b->problems, tree_get(map, "client_key"),
				 "client_key without client_cert");
}

static enum config_compression compression_of(const char *text)
{
	static const char *const names[COMPRESSIONS] = {
	    [COMPRESSION_NONE] = "none",
	    [COMPRESSION_GZIP] = "gzip",
	    [COMPRESSION_AUTO] = "auto",
	};
	int i = 0;

	while (i < COMPRESSIONS - 1 && strcmp(text, names[i]) != 0)
		i++;
	return (enum config_compression)i;
}

/* "100" rows, or "5%" of them but 20 at least: a few bad rows of a small table are no pattern. */
static void read_max_rejected(struct build *b, const struct defsync_options *o, struct tree *map)
{
	struct config_push *push = &b->config->push;
	const char *text = options_string(o, "max_rejected");
	size_t n = strlen(text);
	char digits[8];

	if (num_parse_i64(text, 0, REJECTED_ROWS_MAX, &push->max_rejected_rows) == 0)
		return;
	if (n > 1 && n <= sizeof(digits) && text[n - 1] == '%') {
		memcpy(digits, text, n - 1);
		digits[n - 1] = '\0';
		push->max_rejected_rows = REJECTED_ROWS_LEAST;
		if (num_parse_i64(digits, 0, 100, &push->max_rejected_percent) == 0)
			return;
	}
	problems_add(b->problems, tree_get(map, "max_rejected"),
		     "max_rejected: neither a number of rows nor a percentage: '%.64s'; write it "
		     "like 100 or 5%%",
		     text);
}

static void build_push(struct build *b)
{
	const struct defsync_options *o;
	struct tree *map;

	o = config_section_read(b, "push", &map);
	b->config->push = (struct config_push){
	    .batch_rows = options_int(o, "batch_rows"),
	    .batch_bytes = options_int(o, "batch_bytes"),
	    .in_flight = options_int(o, "in_flight"),
	    .memory = options_int(o, "memory"),
	    .wait = (int)options_int(o, "wait"),
	    .retry_for_ms = options_int(o, "retry_for"),
	    .connect_timeout_ms = options_int(o, "connect_timeout"),
	    .timeout_ms = options_int(o, "timeout"),
	    .compression_level = options_int(o, "compression_level"),
	    .max_requests_per_second = options_int(o, "max_requests_per_second"),
	    .max_bytes_per_second = options_int(o, "max_bytes_per_second"),
	    .tags = o,
	};
	if (o == NULL)
		return;
	b->config->push.compression = compression_of(options_string(o, "compression"));
	read_max_rejected(b, o, map);
	if (b->config->push.memory < b->config->push.batch_bytes)
		problems_add(b->problems, map,
			     "push: memory is less than batch_bytes; one batch must fit");
}

/* A service of systemd has its own folder; root has /var/lib. */
static const char *default_store(struct build *b)
{
	const char *state = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME"), *path = NULL;
	struct arena *arena = &b->config->arena;

	if (state && *state == '/')
		path = arena_printf(arena, "%.*s/defsync.db", (int)strcspn(state, ":"), state);
	else if (geteuid() == 0)
		return "/var/lib/defsync/defsync.db";
	else if (xdg && *xdg == '/')
		path = arena_printf(arena, "%s/defsync/defsync.db", xdg);
	else if (home && *home == '/')
		path = arena_printf(arena, "%s/.local/state/defsync/defsync.db", home);
	else
		problems_add(b->problems, NULL,
			     "no place for the store: HOME is not set; set store.path");
	return path;
}

static void build_store(struct build *b)
{
	const struct defsync_options *o;
	struct tree *map;

	o = config_section_read(b, "store", &map);
	b->config->store_recent_max = options_int(o, "recent_max");
	b->config->store_ledger_ms = options_int(o, "ledger");
	b->config->store_path = overridden(b, b->overrides->store_path, options_string(o, "path"));
	if (!b->config->store_path)
		b->config->store_path = default_store(b);
}

static void build_plugin_path(struct build *b)
{
	static const struct defsync_option option[] = {{
	    .name = "plugin_path",
	    .type = DEFSYNC_OPTION_LIST,
	    .help = "more folders of plugins",
	}};
	static const struct option_table table = OPTION_TABLE(option);
	struct config *c = b->config;
	const struct defsync_options *o;
	const char **items;
	uint32_t i, n;

	o = options_read(&table, c->root, c->folder, &c->arena, b->secrets, b->problems);
	n = options_count(o, "plugin_path");
	items = arena_array(&c->arena, n, sizeof(*items));
	if (!o || !items) {
		b->no_memory = 1;
		return;
	}
	for (i = 0; i < n; i++) {
		const char *item = options_item(o, "plugin_path", i);
		int joined = *item != '/' && *c->folder != '\0';

		items[i] = joined ? arena_printf(&c->arena, "%s/%s", c->folder, item) : item;
		if (!items[i])
			b->no_memory = 1;
		if (*item == '\0' || *item == '~')
			problems_add(b->problems, tree_get(c->root, "plugin_path"),
				     "plugin_path: no path: '%s'; '~' is not expanded", item);
	}
	c->plugin_path = items;
	c->n_plugin_path = n;
}

void config_build_sections(struct build *b)
{
	struct tree *map;

	build_api(b);
	build_push(b);
	build_store(b);
	config_build_dlq(b);
	(void)config_section_read(b, "serve", &map);
	build_plugin_path(b);
}
