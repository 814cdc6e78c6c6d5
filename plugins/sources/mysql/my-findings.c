/* SPDX-License-Identifier: MIT */
/* What `defsync check` says about a table of this server, beside what is said of all. */

#include <string.h>
#include <strings.h>

#include "my.h"

int32_t my_findings(struct reader_source *r, const struct reader_table *t,
		    const struct reader_column *watermark, void *list)
{
	const struct my_table *own = t->own;

	(void)r;
	if (!own->view && strcasecmp(own->engine, "InnoDB") != 0)
		reader_find(
		    list, DEFSYNC_FINDING_WARN, "no-snapshots", "ALTER TABLE ... ENGINE = InnoDB;",
		    "'%s' is of the engine %s, which has no snapshots: rows that move while "
		    "it is read may be missed until their next change",
		    t->name, own->engine);
	if (!watermark || watermark->kind != READER_TIME)
		return 0;
	reader_find(
	    list, DEFSYNC_FINDING_NOTE, "ceiling-limits", NULL,
	    "times that applications set themselves, and statements that waited for a lock, "
	    "are covered by 'lookback' only");
	if (watermark->type == DEFSYNC_TIMESTAMP_LOCAL)
		reader_find(list, DEFSYNC_FINDING_NOTE, "watermark-without-zone", NULL,
			    "watermark '%s' has no zone: its values are taken as times of the "
			    "server's zone",
			    watermark->name);
	return 0;
}
