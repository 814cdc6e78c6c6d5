/* SPDX-License-Identifier: MIT */
/* Where region and credentials of AWS come from. */

#include "push/aws.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "push/aws-internal.h"

#define ARENA_MAX ((size_t)4 * 1024 * 1024)

/* The two files, read when first needed. */
struct aws_files {
	struct buf credentials, config;
	const char *profile;
};

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

int aws_check_value(const char *name, const char *value, struct error *err)
{
	for (const unsigned char *p = (const unsigned char *)value; *p != '\0'; p++) {
		if (*p <= 0x20 || *p >= 0x7f)
			return error_set(err, ERR_CONFIG,
					 "aws: %s holds a blank, line break or character that it "
					 "cannot have; copy it again",
					 name);
	}
	return 0;
}

/* ---- The region ---- */

static int label_is(const char *label, size_t n, const char *text)
{
	return n == strlen(text) && strncasecmp(label, text, n) == 0;
}

/* sqs.REGION.amazonaws.com, vpce-x.sqs.REGION.vpce.amazonaws.com, REGION.queue.amazonaws.com */
int aws_region_of_url(const char *url, const char **ret, size_t *ret_len)
{
	static const char *const ends[] = {".amazonaws.com", ".amazonaws.com.cn", ".api.aws"};
	const char *host = strstr(url, "://");
	const char *before = NULL;
	size_t n, before_len = 0;
	int ours = 0;

	if (host == NULL)
		return 0;
	host += 3;
	n = strcspn(host, "/:?#");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		ours |= n > strlen(ends[i]) &&
			strncasecmp(host + n - strlen(ends[i]), ends[i], strlen(ends[i])) == 0;
	for (size_t at = 0; ours && at < n;) {
		size_t len = strcspn(host + at, "./:?#");
		const char *next = host + at + len + 1;

		if ((label_is(host + at, len, "sqs") || label_is(host + at, len, "sqs-fips")) &&
		    at + len < n) {
			*ret = next;
			*ret_len = strcspn(next, "./:?#");
			return 1;
		}
		if (label_is(host + at, len, "queue") && before != NULL) {
			*ret = before;
			*ret_len = before_len;
			return 1;
		}
		before = host + at;
		before_len = len;
		at += len + 1;
	}
	return 0;
}

/* It goes into a header. */
static int check_region(const char *region, struct error *err)
{
	if (region[0] != '\0' &&
	    region[strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0')
		return 0;
	return error_set(err, ERR_CONFIG,
			 "aws: this is not the name of a region: '%s'; set dlq.sqs_region", region);
}

/* ---- Files ---- */

/* A file that is only looked for may be missing, one that is named may not. */
static int read_one(const char *variable, const char *name, struct buf *out, struct error *err)
{
	const char *named = env(variable), *home = env("HOME");
	char *path = NULL;
	struct stat st;
	int rc = 0;

	if (named != NULL) {
		path = strdup(named);
	} else if (home != NULL) {
		path = file_join(home, name);
	} else {
		return 0;
	}
	if (path == NULL)
		return error_nomem(err);
	if (named != NULL || stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		rc = file_read(path, LIMIT_AWS_FILE_BYTES, out, err);
	if (rc < 0)
		error_prefix(err, "aws");
	free(path);
	return rc;
}

static int read_files(struct aws_files *f, struct error *err)
{
	buf_init(&f->credentials, LIMIT_AWS_FILE_BYTES);
	buf_init(&f->config, LIMIT_AWS_FILE_BYTES);
	f->profile = env("AWS_PROFILE");
	if (f->profile == NULL)
		f->profile = env("AWS_DEFAULT_PROFILE");
	if (f->profile == NULL)
		f->profile = "default";
	/* One allocation each, so that all of it can be wiped. */
	if (buf_reserve(&f->credentials, LIMIT_AWS_FILE_BYTES) < 0 ||
	    buf_reserve(&f->config, LIMIT_AWS_FILE_BYTES) < 0)
		return error_nomem(err);
	if (read_one("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", &f->credentials, err) < 0)
		return -1;
	return read_one("AWS_CONFIG_FILE", ".aws/config", &f->config, err);
}

static void forget_files(struct aws_files *f)
{
	if (f->credentials.data != NULL)
		explicit_bzero(f->credentials.data, f->credentials.cap);
	if (f->config.data != NULL)
		explicit_bzero(f->config.data, f->config.cap);
	buf_done(&f->credentials);
	buf_done(&f->config);
}

static struct aws_profile profile_of(const struct aws_files *f, int config)
{
	const struct buf *text = config ? &f->config : &f->credentials;

	return (struct aws_profile){
	    .text = text->data,
	    .len = text->len,
	    .name = f->profile,
	    .config = config,
	};
}

/* A copy of the value; NULL when it is not there, with err without memory. */
static const char *take_value(struct aws *a, const struct aws_profile *p, const char *key,
			      struct error *err)
{
	const char *value, *copy;
	size_t n;

	if (!aws_profile_get(p, key, &value, &n))
		return NULL;
	copy = arena_strndup(&a->arena, value, n);
	if (copy == NULL)
		(void)error_nomem(err);
	return copy;
}

/* ---- Finding ---- */

static const char *copy_env(struct aws *a, const char *name, struct error *err)
{
	const char *value = env(name), *copy;

	if (value == NULL)
		return NULL;
	copy = arena_strdup(&a->arena, value);
	if (copy == NULL)
		(void)error_nomem(err);
	return copy;
}

static int find_region(struct aws *a, const struct aws_settings *s, const struct aws_files *f,
		       struct error *err)
{
	struct aws_profile config = profile_of(f, 1);
	const char *found;
	size_t n;

	if (s->region != NULL)
		a->region = arena_strdup(&a->arena, s->region);
	else if (aws_region_of_url(s->queue_url, &found, &n))
		a->region = arena_strndup(&a->arena, found, n);
	else if ((found = env("AWS_REGION")) != NULL || (found = env("AWS_DEFAULT_REGION")) != NULL)
		a->region = arena_strdup(&a->arena, found);
	else if (!aws_profile_get(&config, "region", &found, &n))
		return error_set(err, ERR_CONFIG,
				 "aws: the region of the queue is not known: '%s'; set "
				 "dlq.sqs_region or AWS_REGION",
				 s->queue_url);
	else
		a->region = arena_strndup(&a->arena, found, n);
	return a->region == NULL ? error_nomem(err) : check_region(a->region, err);
}

/* Both or none; they go into headers and must not be printed. */
static int accept_credentials(struct aws *a, const struct aws_credentials *c, const char *where,
			      struct error *err)
{
	if (error_is_set(err))
		return -1;
	if (c->id == NULL && c->secret == NULL)
		return 0;
	if (c->id == NULL || c->secret == NULL)
		return error_set(err, ERR_CONFIG, "aws: %s has half of the credentials; %s", where,
				 "give both the access key's id and its secret");
	if (secrets_add(a->secrets, c->secret, strlen(c->secret)) < 0 ||
	    (c->token != NULL && secrets_add(a->secrets, c->token, strlen(c->token)) < 0))
		return error_set(err, ERR_INTERNAL, "aws: too many or too long secrets");
	if (aws_check_value("the access key's id", c->id, err) < 0 ||
	    aws_check_value("the secret access key", c->secret, err) < 0 ||
	    (c->token != NULL && aws_check_value("the session token", c->token, err) < 0))
		return -1;
	a->held = *c;
	return 1;
}

static int from_environment(struct aws *a, struct error *err)
{
	struct aws_credentials c = {
	    .id = copy_env(a, "AWS_ACCESS_KEY_ID", err),
	    .secret = copy_env(a, "AWS_SECRET_ACCESS_KEY", err),
	    .token = copy_env(a, "AWS_SESSION_TOKEN", err),
	};

	return accept_credentials(a, &c, "the environment", err);
}

static int from_file(struct aws *a, const struct aws_files *f, int config, struct error *err)
{
	struct aws_profile p = profile_of(f, config);
	struct aws_credentials c = {
	    .id = take_value(a, &p, "aws_access_key_id", err),
	    .secret = take_value(a, &p, "aws_secret_access_key", err),
	    .token = take_value(a, &p, "aws_session_token", err),
	};

	return accept_credentials(a, &c, config ? "~/.aws/config" : "~/.aws/credentials", err);
}

static int from_container(struct aws *a, struct error *err)
{
	const char *relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");

	if (relative == NULL && full == NULL)
		return 0;
	a->auth = copy_env(a, "AWS_CONTAINER_AUTHORIZATION_TOKEN", err);
	a->auth_file = copy_env(a, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", err);
	if (error_is_set(err))
		return -1;
	return aws_container_open(a, relative, full, err) < 0 ? -1 : 1;
}

static int nothing_found(const struct aws_files *f, struct error *err)
{
	struct aws_profile credentials = profile_of(f, 0), config = profile_of(f, 1);

	if (aws_profile_is_there(&credentials) || aws_profile_is_there(&config))
		return error_set(err, ERR_CONFIG,
				 "aws: the profile has no keys of its own: '%s'; roles, SSO and "
				 "credential processes are not supported, give keys or set "
				 "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
				 f->profile);
	return error_set(err, ERR_CONFIG,
			 "aws: there are no credentials in the environment, in the profile '%s' of "
			 "~/.aws/credentials, or from a container's service; set "
			 "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
			 f->profile);
}

static int find_credentials(struct aws *a, const struct aws_files *f, struct error *err)
{
	int rc = from_environment(a, err);

	if (rc == 0)
		rc = from_file(a, f, 0, err);
	if (rc == 0)
		rc = from_file(a, f, 1, err);
	if (rc == 0)
		rc = from_container(a, err);
	if (rc == 0)
		return nothing_found(f, err);
	return rc < 0 ? -1 : 0;
}

/* ---- The object ---- */

struct aws *aws_create(const struct aws_settings *settings, struct error *err)
{
	struct aws *a = calloc(1, sizeof(*a));
	struct error why = ERROR_INIT; /* looked at on the way, hence not the caller's */
	struct aws_files files = {0};

	if (a == NULL) {
		(void)error_nomem(err);
		return NULL;
	}
	arena_init(&a->arena, ARENA_MAX);
	arena_init(&a->given, ARENA_MAX);
	a->secrets = settings->secrets;
	a->ca_bundle = copy_env(a, "AWS_CA_BUNDLE", &why);
	if (error_is_set(&why) || read_files(&files, &why) < 0 ||
	    find_region(a, settings, &files, &why) < 0 || find_credentials(a, &files, &why) < 0) {
		aws_destroy(a);
		a = NULL;
	}
	forget_files(&files);
	if (err != NULL)
		error_move(err, &why);
	error_done(&why);
	return a;
}

void aws_destroy(struct aws *a)
{
	if (a == NULL)
		return;
	exchange_destroy(a->service);
	arena_done(&a->given);
	arena_done(&a->arena);
	free(a);
}

const char *aws_region(const struct aws *a)
{
	return a->region;
}

const char *aws_ca_bundle(const struct aws *a)
{
	return a->ca_bundle;
}

int aws_credentials(struct aws *a, struct aws_credentials *ret, struct error *err)
{
	int64_t now = clock_wall_us();
	struct error why = ERROR_INIT;

	if (a->service != NULL &&
	    (a->held.id == NULL || (a->renew_us != 0 && now >= a->renew_us)) &&
	    aws_container_fetch(a, &why) < 0) {
		/* What still holds is good enough. */
		if (a->held.id == NULL || now >= a->expires_us || why.class == ERR_CANCELLED) {
			if (err != NULL)
				error_move(err, &why);
			error_done(&why);
			return -1;
		}
		error_done(&why);
	}
	*ret = a->held;
	return 0;
}

int aws_renew(struct aws *a)
{
	if (a->service == NULL)
		return 0;
	a->held = (struct aws_credentials){0};
	return 1;
}

void aws_cut(struct aws *a)
{
	if (a->service != NULL)
		exchange_cut(a->service);
}
