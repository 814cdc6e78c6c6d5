/* SPDX-License-Identifier: MIT */
/*
 * What discover prints, gathered table by table.
 *
 *	discovery_init -> discovery_add ... -> discovery_print -> discovery_done
 */

#ifndef CLI_DISCOVER_H
#define CLI_DISCOVER_H

#include <defsync/source.h>
#include <jansson.h>

#include "cli/output.h"
#include "config/model.h"

enum discovery_form {
	DISCOVERY_TEXT,
	DISCOVERY_JSON,
	DISCOVERY_YAML
};

struct discovery {
	enum discovery_form form;
	struct grid grid;
	struct buf yaml;
	const struct config_source *last; /* of the YAML so far */
	int by_position;		  /* the source that is added knows by itself what is new */
	json_t *tables;
	int failed; /* no memory; discovery_print says so */
};

void discovery_init(struct discovery *d, enum discovery_form form);
void discovery_done(struct discovery *d);
void discovery_add(struct discovery *d, const struct config_source *source,
		   const struct defsync_table *table);
int discovery_print(struct discovery *d, struct error *err);

#endif
