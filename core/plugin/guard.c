/* SPDX-License-Identifier: MIT */
/* The order of calls into a source, and their results as error objects. */

#include <inttypes.h>

#include "plugin/guard.h"

static const char *const state_names[] = {
    [STATE_CREATED] = "before connect",
    [STATE_CONNECTED] = "without a cursor",
    [STATE_READING] = "while a cursor is open",
    [STATE_OVER] = "after the cursor's end",
};

#define IN(state) (1u << (state))

/* What is legal when; disconnect, end, destroy and cancel always are here. */
static const struct {
	const char *name;
	unsigned states;
} calls[] = {
    [CALL_CREATE] = {"create", IN(STATE_CREATED)},
    [CALL_CONNECT] = {"connect", IN(STATE_CREATED)},
    [CALL_DISCOVER] = {"discover", IN(STATE_CONNECTED)},
    [CALL_DESCRIBE] = {"describe", IN(STATE_CONNECTED)},
    [CALL_EXTRACT] = {"extract", IN(STATE_CONNECTED)},
    [CALL_NEXT] = {"next", IN(STATE_READING)},
    [CALL_PAUSE] = {"pause", IN(STATE_READING)},
    [CALL_ACK] = {"ack", IN(STATE_CONNECTED) | IN(STATE_READING) | IN(STATE_OVER)},
};

/* Checks the order and makes ready for the call; -1 when it must not be made. */
int guard_begin(struct source *s, enum call call, struct error *err)
{
	if (!(calls[call].states & IN(s->state)))
		return error_set(err, ERR_INTERNAL, "%s: plugin '%s': %s called %s", s->where,
				 s->plugin->name, calls[call].name, state_names[s->state]);
	host_begin_call(s->host);
	return 0;
}

/* The error of a rule that the plugin broke: who and where before the rule. */
int guard_broken(struct source *s, enum call call, struct error *err)
{
	if (s->table && s->n_rows > 0)
		error_prefix(err, "%s: plugin '%s': table '%s': row %" PRIu64, s->where,
			     s->plugin->name, s->table, s->n_rows);
	else if (s->table)
		error_prefix(err, "%s: plugin '%s': table '%s': %s", s->where, s->plugin->name,
			     s->table, calls[call].name);
	else
		error_prefix(err, "%s: plugin '%s': %s", s->where, s->plugin->name,
			     calls[call].name);
	return -1;
}

int guard_odd(struct source *s, enum call call, int32_t rc, struct error *err)
{
	error_set(err, ERR_INTERNAL, "returned %" PRId32 ", which it may not", rc);
	return guard_broken(s, call, err);
}

/* An error result of a call: host_failure with source and table before it. */
int guard_failed(struct source *s, enum call call, int32_t rc, struct error *err)
{
	host_failure(s->host, rc, calls[call].name, err);
	if (rc == DEFSYNC_E_BUG)
		return guard_broken(s, call, err);
	if (s->table)
		error_prefix(err, "%s: table '%s'", s->where, s->table);
	else
		error_prefix(err, "%s", s->where);
	return -1;
}

/* For all calls but next: OK, or an error class that fits the call. */
int guard_result(struct source *s, enum call call, int32_t rc, struct error *err)
{
	const char *undeclared = host_undeclared(s->host);

	if (undeclared) {
		error_set(err, ERR_INTERNAL, "asked for an option that it does not declare: '%s'",
			  undeclared);
		return guard_broken(s, call, err);
	}
	if (rc == DEFSYNC_OK)
		return 0;
	if (rc > 0 || rc == DEFSYNC_E_BAD_ROW)
		return guard_odd(s, call, rc, err);
	return guard_failed(s, call, rc, err);
}

int guard_give(struct error *to, struct error *own, int rc)
{
	if (to)
		error_move(to, own);
	error_done(own);
	return rc;
}
