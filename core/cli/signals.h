/* SPDX-License-Identifier: MIT */
/*
 * SIGINT, SIGTERM and SIGHUP of a run: the first one makes a descriptor
 * readable, so that the run drains; the same one again ends the process at once.
 * A signal that was ignored at the start (nohup) stays so.
 */

#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include "base/error.h"

/* The descriptor, or -1 with err.  Once a process, before threads. */
int signals_open(struct error *err);
/* The signal that came, or 0. */
int signals_caught(void);

#endif
