/* SPDX-License-Identifier: MIT */
/* A shared object that is no plugin at all. */

int fake_noentry(void);

__attribute__((visibility("default"))) int fake_noentry(void)
{
	return 0;
}
