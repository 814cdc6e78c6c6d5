/* SPDX-License-Identifier: MIT */
/* Between cv-path.c, cv-list.c and cv-match.c. */

#ifndef CSV_CV_LIST_H
#define CSV_CV_LIST_H

#include "cv.h"

/* *ret_there false: gone meanwhile, or not inside the folder (which is logged). */
int32_t cv_look(struct cv_source *s, const char *name, struct stat *ret, bool *ret_there);
int32_t cv_files_add(struct cv_source *s, struct cv_files *files, const char *name,
		     const struct stat *st);
/* Adds those that match, in their order. */
int32_t cv_list_pattern(struct cv_source *s, struct pool *pool, const char *pattern,
			struct cv_files *ret);
/* Where the former content of this file may be now: names in its folder that contain its own. */
int32_t cv_list_siblings(struct cv_source *s, struct pool *pool, const char *name,
			 struct cv_files *ret);

/* What a name that cv_list_siblings found tells. */
enum cv_relation {
	CV_UNRELATED,	/* "orders_returns.csv" */
	CV_MAYBE_OTHER, /* "orders-2023.csv": numbers, but as other tables may have them */
	CV_DATED,	/* "orders-20240131.csv", "orders.1.csv": a copy, or a table of a day */
	CV_GENERATION,	/* "orders.csv.1", "orders.csv-20240131.gz" */
};

enum cv_relation cv_relation_of(const char *name, const char *of);

/* "2024/orders.csv.gz" as "2024_orders"; NULL without memory. */
char *cv_target_name(struct pool *pool, const char *name);

#endif
