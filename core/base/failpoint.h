/* SPDX-License-Identifier: MIT */
/*
 * Places at which a test can break the program (--enable-failpoints; otherwise
 * they compile to nothing).
 *
 *	DEFSYNC_FAILPOINT="before_commit=kill@3,after_ack=delay:200"
 *
 * Actions: kill (SIGKILL to itself), error (failpoint returns not 0), delay:MS.
 * @N: the N-th time that the place is passed and none other.
 */

#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#ifdef ENABLE_FAILPOINTS
int failpoint(const char *name);
#else
static inline int failpoint(const char *name)
{
	(void)name;
	return 0;
}
#endif

#endif
