/* SPDX-License-Identifier: MIT */
/* Where the configuration and the store are. */

#include <stdlib.h>
#include <unistd.h>

#include "config/build.h"

#define IN_FOLDER "defsync.yaml"
#define IN_ETC "/etc/defsync/defsync.yaml"

const char *config_find(const char *given, struct error *err)
{
	const char *variable = getenv("DEFSYNC_CONFIG");

	if (given)
		return given;
	if (variable && *variable != '\0')
		return variable;
	if (access(IN_FOLDER, F_OK) == 0)
		return IN_FOLDER;
	if (access(IN_ETC, F_OK) == 0)
		return IN_ETC;
	(void)error_set(
	    err, ERR_CONFIG,
	    "no configuration: --config and DEFSYNC_CONFIG are not given, and neither "
	    "'./" IN_FOLDER "' nor '" IN_ETC
	    "' is there; see 'man 5 defsync.yaml', or give --source, --set and --table");
	return NULL;
}
