/* SPDX-License-Identifier: MIT */
/* Data of an aws object, shared by its files only. */

#ifndef PUSH_AWS_INTERNAL_H
#define PUSH_AWS_INTERNAL_H

#include "base/arena.h"
#include "push/aws.h"
#include "push/exchange.h"

struct aws {
	struct arena arena; /* what does not change */
	struct arena given; /* by the container's service; emptied with each answer */
	struct secrets *secrets;
	const char *region, *ca_bundle;
	struct aws_credentials held; /* id NULL: none yet */
	struct exchange *service;    /* NULL: credentials are fixed */
	const char *service_url, *auth, *auth_file;
	int64_t expires_us; /* UTC; 0 never */
	int64_t renew_us;   /* UTC: from then on new ones are fetched */
};

/* Is it printable ASCII without blanks?  Else ERR_CONFIG; the value is not repeated. */
int aws_check_value(const char *name, const char *value, struct error *err);

/* aws-container.c */
int aws_container_open(struct aws *a, const char *relative, const char *full, struct error *err);
int aws_container_fetch(struct aws *a, struct error *err);

#endif
