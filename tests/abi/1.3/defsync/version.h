/* SPDX-License-Identifier: MIT */
/* Version of the program and of the plugin interface: frozen, ABI 1.3. */

#ifndef DEFSYNC_VERSION_H
#define DEFSYNC_VERSION_H

#define DEFSYNC_VERSION "0.1.0"

#define DEFSYNC_ABI_MAJOR 1
#define DEFSYNC_ABI_MINOR 3

#endif
