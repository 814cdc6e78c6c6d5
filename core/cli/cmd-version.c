/* SPDX-License-Identifier: MIT */
/* defsync version. */

#include <curl/curl.h>
#include <sqlite3.h>
#include <yaml.h>

#include <defsync/version.h>

#include "cli/command.h"
#include "cli/output.h"

static int add_details(struct buf *b)
{
	int rc = 0;

	rc |= buf_printf(b, "plugin interface %d.%d\n", DEFSYNC_ABI_MAJOR, DEFSYNC_ABI_MINOR);
	rc |= buf_printf(b, "plugin folder %s\n", DEFSYNC_PLUGIN_DIR);
	rc |= buf_printf(b, "%s\n", curl_version());
	rc |= buf_printf(b, "SQLite %s\n", sqlite3_libversion());
	rc |= buf_printf(b, "jansson %s\n", jansson_version_str());
	rc |= buf_printf(b, "libyaml %s\n", yaml_get_version_string());
	return rc;
}

static int version_run(struct cli *cli, const struct args *args, struct error *err)
{
	struct buf b;
	int rc;

	(void)args;
	buf_init(&b, OUTPUT_MAX);
	rc = buf_add_str(&b, "defsync " DEFSYNC_VERSION "\n");
	if (cli->verbose)
		rc |= add_details(&b);
	rc = rc < 0 ? error_nomem(err) : output_write(&b, err);
	buf_done(&b);
	return rc;
}

const struct command command_version = {
    .name = "version",
    .usage = "",
    .summary = "show the version; with --verbose also those of interface and libraries",
    .run = version_run,
};
