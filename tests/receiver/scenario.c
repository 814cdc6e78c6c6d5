/* SPDX-License-Identifier: MIT */
/* Scripted faults: which rule applies to a request. */

#define _GNU_SOURCE

#include "scenario.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"

struct rule {
	/* Conditions; all that are given must hold. */
	uint64_t from; /* 0: not given */
	uint64_t to;
	uint64_t every;
	double probability; /* negative: not given */
	uint64_t seed;
	const char *table;
	const char *row_contains;

	int early;
	int64_t left; /* how often it may still apply; -1: for ever */
	struct action action;
};

struct scenario {
	pthread_mutex_t lock; /* rule.left */
	json_t *root;	      /* owns all texts */
	struct rule *rules;
	size_t n;
};

/* The same request and seed give the same number, whatever the threads do. */
static double draw(uint64_t seed, uint64_t request)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ULL + request * 0xbf58476d1ce4e5b9ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	x ^= x >> 31;
	return (double)(x >> 11) / (double)(1ULL << 53);
}

static int matches(const struct rule *r, const struct scenario_event *event)
{
	if (r->left == 0 || r->early != event->early)
		return 0;
	if (r->from && (event->request < r->from || event->request > r->to))
		return 0;
	if (r->every && event->request % r->every != 0)
		return 0;
	if (r->table && (!event->table || strcmp(r->table, event->table) != 0))
		return 0;
	if (r->row_contains &&
	    !memmem(event->body.at, event->body.len, r->row_contains, strlen(r->row_contains)))
		return 0;
	return r->probability < 0 || draw(r->seed, event->request) < r->probability;
}

const struct action *scenario_match(struct scenario *scenario, const struct scenario_event *event)
{
	const struct action *found = NULL;

	if (!scenario)
		return NULL;
	pthread_mutex_lock(&scenario->lock);
	for (size_t i = 0; i < scenario->n && !found; i++) {
		struct rule *r = &scenario->rules[i];

		if (!matches(r, event))
			continue;
		if (r->left > 0)
			r->left--;
		found = &r->action;
	}
	pthread_mutex_unlock(&scenario->lock);
	return found;
}

static int parse_match(const json_t *match, struct rule *rule, char **ret_error)
{
	json_int_t request = 0;
	json_int_t from = 0;
	json_int_t to = INT64_MAX;
	json_int_t every = 0;
	json_int_t seed = 0;
	json_error_t error;

	rule->probability = -1;
	if (json_unpack_ex((json_t *)match, &error, JSON_STRICT,
			   "{s?I, s?I, s?I, s?I, s?F, s?I, s?s, s?s}", "request", &request, "from",
			   &from, "to", &to, "every", &every, "probability", &rule->probability,
			   "seed", &seed, "table", &rule->table, "row_contains",
			   &rule->row_contains) < 0)
		return scenario_error(ret_error, "match: %s", error.text);
	if (request < 0 || from < 0 || to < 0 || every < 0)
		return scenario_error(ret_error, "match: a number is negative");
	if (request)
		from = to = request;
	else if (!from && to != INT64_MAX)
		from = 1;
	rule->from = (uint64_t)from;
	rule->to = (uint64_t)to;
	rule->every = (uint64_t)every;
	rule->seed = (uint64_t)seed;
	return 0;
}

static int parse_rule(const json_t *value, struct rule *rule, char **ret_error)
{
	const json_t *match = NULL;
	const json_t *action = NULL;
	json_int_t times = -1;
	json_error_t error;

	if (json_unpack_ex((json_t *)value, &error, JSON_STRICT, "{s?o, s?I, s?b, s:o}", "match",
			   &match, "times", &times, "early", &rule->early, "action", &action) < 0)
		return scenario_error(ret_error, "%s", error.text);
	rule->left = times;
	rule->probability = -1;
	if (match && parse_match(match, rule, ret_error) < 0)
		return -1;
	if (action_parse(action, &rule->action, ret_error) < 0)
		return -1;
	if (rule->early && (rule->table || rule->row_contains))
		return scenario_error(ret_error, "an early rule cannot match what is in the body");
	if (rule->early && action_needs_body(&rule->action))
		return scenario_error(ret_error, "an early rule cannot take the batch in");
	return 0;
}

static int parse_rules(struct scenario *s, char **ret_error)
{
	const json_t *rules = NULL;
	json_error_t error;
	char *why = NULL;

	if (json_unpack_ex(s->root, &error, JSON_STRICT, "{s:o}", "rules", &rules) < 0)
		return scenario_error(ret_error, "%s", error.text);
	if (!json_is_array(rules))
		return scenario_error(ret_error, "rules: must be a list");
	s->rules = calloc(json_array_size(rules) + 1, sizeof(*s->rules));
	if (!s->rules)
		return scenario_error(ret_error, "out of memory");
	for (; s->n < json_array_size(rules); s->n++) {
		if (parse_rule(json_array_get(rules, s->n), &s->rules[s->n], &why) < 0) {
			scenario_error(ret_error, "rule %zu: %s", s->n + 1, why ? why : "");
			free(why);
			return -1;
		}
	}
	return 0;
}

struct scenario *scenario_load(const char *path, char **ret_error)
{
	struct scenario *s = calloc(1, sizeof(*s));
	json_error_t error;

	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	s->root = json_load_file(path, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!s->root) {
		scenario_error(ret_error, "line %d: %s", error.line, error.text);
	} else if (parse_rules(s, ret_error) == 0) {
		return s;
	}
	scenario_destroy(s);
	return NULL;
}

int scenario_has_raw(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->n; i++)
		if (scenario->rules[i].action.answer.raw ||
		    scenario->rules[i].action.answer.raw_file)
			return 1;
	return 0;
}

void scenario_destroy(struct scenario *scenario)
{
	if (!scenario)
		return;
	pthread_mutex_destroy(&scenario->lock);
	json_decref(scenario->root);
	free(scenario->rules);
	free(scenario);
}
