/* SPDX-License-Identifier: MIT */
/*
 * Region and credentials of AWS, found in the order of its SDKs:
 *
 *	AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *	the profile AWS_PROFILE in ~/.aws/credentials and ~/.aws/config
 *	the service of the container, AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI
 *
 * There is no instance metadata service: it would be asked on every machine, for
 * nothing on most.  aws_create reads environment and files, once, and must come
 * before threads; the container's service is asked by aws_credentials, and again
 * before what it gave expires.  All secrets are registered for redaction.
 *
 * One thread drives an object; aws_cut may come from any.
 */

#ifndef PUSH_AWS_H
#define PUSH_AWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/secrets.h"

struct aws_settings {
	const char *region;	 /* dlq.sqs_region, or NULL */
	const char *queue_url;	 /* whose host may name the region */
	struct secrets *secrets; /* lives as long */
};

struct aws_credentials {
	const char *id, *secret;
	const char *token; /* NULL: none */
};

struct aws;

/* ERR_CONFIG when there is no region, or nothing that credentials could come from. */
struct aws *aws_create(const struct aws_settings *settings, struct error *err);
void aws_destroy(struct aws *a); /* NULL is allowed */

const char *aws_region(const struct aws *a);
/* AWS_CA_BUNDLE, or NULL. */
const char *aws_ca_bundle(const struct aws *a);

/*
 * Valid ones, until the next call.  May ask the container's service: ERR_TEMPORARY
 * when that does not answer, ERR_CONFIG when it refuses, ERR_CANCELLED when cut.
 */
int aws_credentials(struct aws *a, struct aws_credentials *ret, struct error *err);
/* They are refused as expired: 1 when the next call will bring new ones. */
int aws_renew(struct aws *a);
void aws_cut(struct aws *a);

/* ---- The parts, pure ---- */

/* The region in the host's name of a queue's URL: 1 and where it stands, 0 none. */
int aws_region_of_url(const char *url, const char **ret, size_t *ret_len);

/* 1 and the value, borrowed from the text; 0 when it is not there. */
struct aws_profile {
	const char *text;
	size_t len;
	const char *name;
	int config; /* sections are "profile NAME" there, but for default */
};
int aws_profile_get(const struct aws_profile *p, const char *key, const char **ret,
		    size_t *ret_len);
int aws_profile_is_there(const struct aws_profile *p);

/* Where credentials may be fetched; ERR_CONFIG for addresses that AWS does not allow. */
int aws_container_url(const char *relative, const char *full, struct buf *out, struct error *err);

#endif
