/* SPDX-License-Identifier: MIT */
/* Region and credentials of AWS: environment, files, and a container's service on a real socket. */

#include "push/aws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "push/http.h"

#define QUEUE "https://sqs.eu-west-1.amazonaws.com/123456789012/dead"
#define ELSEWHERE "https://queue.example/123456789012/dead"
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* ---- Pure parts ---- */

struct region_case {
	const char *url, *region; /* NULL: none */
};

static const struct region_case regions[] = {
    {QUEUE, "eu-west-1"},
    {"https://sqs.cn-north-1.amazonaws.com.cn/1/q", "cn-north-1"},
    {"https://sqs-fips.us-gov-west-1.amazonaws.com/1/q", "us-gov-west-1"},
    {"https://vpce-0a-1b.sqs.us-east-1.vpce.amazonaws.com/1/q", "us-east-1"},
    {"https://SQS.eu-west-1.AmazonAWS.com:443/1/q", "eu-west-1"},
    {"https://sqs.eu-west-1.api.aws/1/q", "eu-west-1"},
    {"https://eu-west-1.queue.amazonaws.com/1/q", "eu-west-1"},
    {"https://queue.amazonaws.com/1/q", NULL},
    {"https://sqs.eu-west-1.amazonaws.com.evil.example/1/q", NULL},
    {"https://sqs.eu-west-1.example/1/q", NULL},
    {"https://host/sqs.eu-west-1.amazonaws.com", NULL},
    {"https://sqs.", NULL},
    {"https://.amazonaws.com", NULL},
    {"no url", NULL},
};

static void region_of_a_url(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(regions); i++) {
		const struct region_case *c = &regions[i];
		const char *p = NULL;
		size_t n = 0;
		int found = aws_region_of_url(c->url, &p, &n);

		if (found != (c->region != NULL) ||
		    (found && (n != strlen(c->region) || memcmp(p, c->region, n) != 0)))
			fail_msg("%s: %d, '%.*s'", c->url, found, (int)n, p != NULL ? p : "");
	}
}

static const char profiles[] = "# comment\n"
			       "early = 1\n"
			       "[default]\r\n"
			       "key = one\r\n"
			       "KEY2=two # comment\n"
			       "hash = a#b;c\n"
			       "empty =\n"
			       "s3 =\n"
			       "  key = inner\n"
			       "  region = inner\n"
			       "[profile named]\n"
			       "  key = indented\n"
			       "key = last\n"
			       "[profile \"two words\"]\n"
			       "key = quoted\n"
			       "[ other ]\n"
			       "key = other\n"
			       "[default]\n"
			       "more = again\n"
			       "[broken\n"
			       "key = lost";

struct profile_case {
	const char *name;
	int config;
	const char *key, *value; /* NULL: none */
};

static const struct profile_case profile_cases[] = {
    {"default", 0, "key", "one"},	 {"default", 1, "key", "one"},
    {"default", 0, "key2", "two"},	 {"default", 0, "hash", "a#b;c"},
    {"default", 0, "empty", NULL},	 {"default", 0, "region", NULL},
    {"default", 0, "more", "again"},	 {"default", 0, "early", NULL},
    {"named", 1, "key", "last"},	 {"named", 0, "key", NULL},
    {"profile named", 0, "key", "last"}, {"two words", 1, "key", "quoted"},
    {"other", 0, "key", "other"},	 {"other", 1, "key", NULL},
    {"nobody", 0, "key", NULL},		 {"", 1, "key", NULL},
};

static void profile_files(void **state)
{
	struct aws_profile p = {.text = profiles, .len = strlen(profiles)};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(profile_cases); i++) {
		const struct profile_case *c = &profile_cases[i];
		const char *v = NULL;
		size_t n = 0;
		int found;

		p.name = c->name;
		p.config = c->config;
		found = aws_profile_get(&p, c->key, &v, &n);
		if (found != (c->value != NULL) ||
		    (found && (n != strlen(c->value) || memcmp(v, c->value, n) != 0)))
			fail_msg("[%s] %s: %d, '%.*s'", c->name, c->key, found, (int)n,
				 v != NULL ? v : "");
	}
	p.name = "named";
	p.config = 1;
	assert_true(aws_profile_is_there(&p));
	p.config = 0;
	assert_false(aws_profile_is_there(&p));
}

struct url_case {
	const char *relative, *full, *url; /* NULL: refused */
};

static const struct url_case urls[] = {
    {"/v2/creds", NULL, "http://169.254.170.2/v2/creds"},
    {"/v2/creds", "https://wins.example/", "http://169.254.170.2/v2/creds"},
    {"@evil.example/", NULL, NULL},
    {"v2", NULL, NULL},
    {NULL, "https://creds.example/x", "https://creds.example/x"},
    {NULL, "http://127.0.0.1:80/x", "http://127.0.0.1:80/x"},
    {NULL, "http://localhost/x", "http://localhost/x"},
    {NULL, "http://[::1]/x", "http://[::1]/x"},
    {NULL, "http://169.254.170.2/x", "http://169.254.170.2/x"},
    {NULL, "http://169.254.170.23/x", "http://169.254.170.23/x"},
    {NULL, "http://[fd00:ec2::23]/x", "http://[fd00:ec2::23]/x"},
    {NULL, "http://169.254.169.254/x", NULL},
    {NULL, "http://creds.example/x", NULL},
    {NULL, "http://127.0.0.1.evil.example/", NULL},
    {NULL, "http://127.0.0.1@evil.example/", NULL},
    {NULL, "ftp://127.0.0.1/x", NULL},
    {NULL, "no url", NULL},
};

static void container_urls(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		const struct url_case *c = &urls[i];
		struct error err = ERROR_INIT;
		int rc = aws_container_url(c->relative, c->full, &out, &err);

		if (rc != (c->url != NULL ? 0 : -1) ||
		    (rc == 0 && strcmp(buf_str(&out), c->url) != 0))
			fail_msg("%s, %s: %d", c->relative, c->full, rc);
		assert_int_equal(err.class, c->url != NULL ? ERR_NONE : ERR_CONFIG);
		error_done(&err);
	}
	buf_done(&out);
}

/* ---- A home of its own ---- */

struct home {
	char path[64], folder[80], credentials[128], config[128];
	struct secrets *secrets;
};

static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_CA_BUNDLE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
};

static int home_setup(void **state)
{
	struct home *h = calloc(1, sizeof(*h));

	for (size_t i = 0; i < COUNT_OF(variables); i++)
		(void)unsetenv(variables[i]);
	(void)snprintf(h->path, sizeof(h->path), "/tmp/defsync-aws-XXXXXX");
	if (mkdtemp(h->path) == NULL)
		return -1;
	(void)snprintf(h->folder, sizeof(h->folder), "%s/.aws", h->path);
	(void)snprintf(h->credentials, sizeof(h->credentials), "%s/credentials", h->folder);
	(void)snprintf(h->config, sizeof(h->config), "%s/config", h->folder);
	(void)mkdir(h->folder, 0700);
	(void)setenv("HOME", h->path, 1);
	h->secrets = secrets_create();
	*state = h;
	return 0;
}

static int home_teardown(void **state)
{
	struct home *h = *state;

	(void)unlink(h->credentials);
	(void)unlink(h->config);
	(void)rmdir(h->folder);
	(void)rmdir(h->path);
	secrets_destroy(h->secrets);
	free(h);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct aws *create(struct home *h, const char *region, const char *url, struct error *err)
{
	const struct aws_settings s = {.region = region, .queue_url = url, .secrets = h->secrets};

	return aws_create(&s, err);
}

static void assert_created(struct home *h, const char *region, const char *id, const char *secret,
			   const char *token)
{
	struct error err = ERROR_INIT;
	struct aws *a = create(h, NULL, QUEUE, &err);
	struct aws_credentials c;

	if (a == NULL)
		fail_msg("%s", error_text(&err));
	assert_int_equal(aws_credentials(a, &c, &err), 0);
	assert_string_equal(aws_region(a), region);
	assert_string_equal(c.id, id);
	assert_string_equal(c.secret, secret);
	if (token == NULL)
		assert_null(c.token);
	else
		assert_string_equal(c.token, token);
	assert_false(aws_renew(a));
	aws_destroy(a);
}

static void assert_fails(struct home *h, const char *region, const char *url, const char *words)
{
	struct error err = ERROR_INIT;
	struct aws *a = create(h, region, url, &err);

	assert_null(a);
	if (err.class != ERR_CONFIG || strstr(error_text(&err), words) == NULL)
		fail_msg("class %d, '%s'; wanted '%s'", (int)err.class, error_text(&err), words);
	assert_null(strstr(error_text(&err), "topsecret"));
	error_done(&err);
}

/* ---- Environment and files ---- */

static void from_the_environment(void **state)
{
	struct home *h = *state;
	struct buf text;

	assert_fails(h, NULL, QUEUE, "there are no credentials");
	(void)setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	assert_fails(h, NULL, QUEUE, "half");
	(void)setenv("AWS_SECRET_ACCESS_KEY", "topsecret/+=x", 1);
	write_file(h->credentials, "[default]\naws_access_key_id = F\naws_secret_access_key = F\n");
	assert_created(h, "eu-west-1", "AKID", "topsecret/+=x", NULL);
	(void)setenv("AWS_SESSION_TOKEN", "session-token", 1);
	assert_created(h, "eu-west-1", "AKID", "topsecret/+=x", "session-token");

	buf_init(&text, 1000);
	(void)buf_add_str(&text, "a topsecret/+=x b session-token c");
	assert_int_equal(secrets_redact(h->secrets, &text), 0);
	assert_string_equal(buf_str(&text), "a [redacted] b [redacted] c");
	buf_done(&text);

	(void)setenv("AWS_SECRET_ACCESS_KEY", "topsecret\r\nX: y", 1);
	assert_fails(h, NULL, QUEUE, "the secret access key holds");
	(void)unsetenv("AWS_ACCESS_KEY_ID");
	assert_fails(h, NULL, QUEUE, "half");
}

static void from_files(void **state)
{
	struct home *h = *state;

	write_file(h->config, "[default]\nregion = eu-a\naws_access_key_id = C\n"
			      "aws_secret_access_key = topsecret-c\n"
			      "[profile p]\nregion = eu-p\n[profile role]\nrole_arn = arn:x\n");
	assert_created(h, "eu-west-1", "C", "topsecret-c", NULL);
	write_file(h->credentials, "[default]\naws_access_key_id = D\n"
				   "aws_secret_access_key = topsecret-d\n"
				   "[p]\naws_access_key_id=P\naws_secret_access_key=topsecret-p\n"
				   "aws_session_token=token-p\n"
				   "[half]\naws_access_key_id=H\n");
	assert_created(h, "eu-west-1", "D", "topsecret-d", NULL);
	(void)setenv("AWS_PROFILE", "p", 1);
	assert_created(h, "eu-west-1", "P", "topsecret-p", "token-p");
	(void)setenv("AWS_PROFILE", "role", 1);
	assert_fails(h, NULL, QUEUE, "has no keys of its own: 'role'");
	(void)setenv("AWS_PROFILE", "half", 1);
	assert_fails(h, NULL, QUEUE, "half of the credentials");
	(void)setenv("AWS_PROFILE", "absent", 1);
	assert_fails(h, NULL, QUEUE, "there are no credentials");
	(void)unsetenv("AWS_PROFILE");
	(void)setenv("AWS_SHARED_CREDENTIALS_FILE", h->config, 1);
	assert_created(h, "eu-west-1", "C", "topsecret-c", NULL);
	(void)setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials", 1);
	assert_fails(h, NULL, QUEUE, "/nowhere/credentials");
}

static void assert_region(struct home *h, const char *given, const char *url, const char *region)
{
	struct error err = ERROR_INIT;
	struct aws *a = create(h, given, url, &err);

	if (a == NULL)
		fail_msg("%s", error_text(&err));
	assert_string_equal(aws_region(a), region);
	aws_destroy(a);
}

static void region_order(void **state)
{
	struct home *h = *state;

	(void)setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	(void)setenv("AWS_SECRET_ACCESS_KEY", "topsecret", 1);
	assert_fails(h, NULL, ELSEWHERE, "set dlq.sqs_region");
	write_file(h->config, "[default]\nregion = of-file\n");
	assert_region(h, NULL, ELSEWHERE, "of-file");
	(void)setenv("AWS_DEFAULT_REGION", "of-default", 1);
	assert_region(h, NULL, ELSEWHERE, "of-default");
	(void)setenv("AWS_REGION", "of-variable", 1);
	assert_region(h, NULL, ELSEWHERE, "of-variable");
	assert_region(h, NULL, QUEUE, "eu-west-1");
	assert_region(h, "of-option", QUEUE, "of-option");
	assert_fails(h, "eu:west", QUEUE, "not the name of a region");
	assert_fails(h, "", QUEUE, "not the name of a region");
}

/* ---- The container's service ---- */

struct service {
	int fd;
	unsigned short port;
	pthread_t thread;
	const char *const *answers; /* one a connection; the last is repeated */
	size_t n;
	atomic_int asked;
	char last[4096]; /* request */
};

static void *serve(void *arg)
{
	struct service *s = arg;

	for (;;) {
		int fd = accept(s->fd, NULL, NULL);
		size_t at = (size_t)atomic_fetch_add(&s->asked, 1), len = 0;
		const char *answer;

		if (fd < 0)
			return NULL;
		while (len + 1 < sizeof(s->last)) {
			ssize_t n = read(fd, s->last + len, sizeof(s->last) - 1 - len);

			if (n <= 0)
				break;
			len += (size_t)n;
			s->last[len] = '\0';
			if (strstr(s->last, "\r\n\r\n") != NULL)
				break;
		}
		answer = s->answers[at < s->n ? at : s->n - 1];
		(void)!write(fd, answer, strlen(answer));
		(void)close(fd);
	}
}

static void service_start(struct service *s, const char *const *answers, size_t n)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	char url[64];

	*s = (struct service){.answers = answers, .n = n};
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(s->fd, 5), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/creds", ntohs(at.sin_port));
	(void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void service_stop(struct service *s)
{
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
}

#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define CREDENTIALS(id, until)                                                                     \
	OK "{\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"topsecret-" id                       \
	   "\",\"Token\":\"token-" id "\",\"Expiration\":\"" until "\"}"

static void from_the_container(void **state)
{
	static const char *const answers[] = {CREDENTIALS("one", "2999-01-01T00:00:00Z"),
					      CREDENTIALS("two", "2999-01-01T00:00:00Z")};
	struct home *h = *state;
	struct error err = ERROR_INIT;
	struct aws_credentials c;
	struct service s;
	struct aws *a;
	struct buf text;

	service_start(&s, answers, COUNT_OF(answers));
	(void)setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic topsecret-auth", 1);
	a = create(h, NULL, QUEUE, &err);
	assert_non_null(a);
	assert_int_equal(atomic_load(&s.asked), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(aws_credentials(a, &c, &err), 0);
	assert_string_equal(c.id, "one");
	assert_string_equal(c.secret, "topsecret-one");
	assert_string_equal(c.token, "token-one");
	assert_int_equal(atomic_load(&s.asked), 1);
	assert_non_null(strstr(s.last, "GET /creds HTTP/1.1\r\n"));
	assert_non_null(strstr(s.last, "Authorization: Basic topsecret-auth\r\n"));
	assert_true(aws_renew(a));
	assert_int_equal(aws_credentials(a, &c, &err), 0);
	assert_string_equal(c.id, "two");
	aws_destroy(a);
	service_stop(&s);

	buf_init(&text, 1000);
	(void)buf_add_str(&text, "topsecret-one topsecret-two token-two topsecret-auth");
	(void)secrets_redact(h->secrets, &text);
	assert_null(strstr(buf_str(&text), "topsecret-one"));
	assert_null(strstr(buf_str(&text), "topsecret-two"));
	assert_null(strstr(buf_str(&text), "token-two"));
	buf_done(&text);
}

static void token_file_is_read_each_time(void **state)
{
	static const char *const answers[] = {CREDENTIALS("one", "2000-01-01T00:00:00Z")};
	struct home *h = *state;
	struct error err = ERROR_INIT;
	struct aws_credentials c;
	struct service s;
	struct aws *a;

	service_start(&s, answers, COUNT_OF(answers));
	write_file(h->config, "token-a\n");
	(void)setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", h->config, 1);
	(void)setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one", 1);
	(void)setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	(void)unsetenv("AWS_CONFIG_FILE");
	a = create(h, NULL, QUEUE, &err);
	assert_non_null(a);
	assert_int_equal(aws_credentials(a, &c, &err), 0);
	assert_non_null(strstr(s.last, "Authorization: token-a\r\n"));
	/* What it gave is over already: it is asked again. */
	write_file(h->config, "token-b\r\n");
	assert_int_equal(aws_credentials(a, &c, &err), 0);
	assert_non_null(strstr(s.last, "Authorization: token-b\r\n"));
	write_file(h->config, "token-b\nX: y\n");
	assert_int_equal(aws_credentials(a, &c, &err), -1);
	assert_int_equal(err.class, ERR_CONFIG);
	error_done(&err);
	assert_int_equal(atomic_load(&s.asked), 2);
	aws_destroy(a);
	service_stop(&s);
}

struct service_case {
	const char *answer;
	enum error_class class;
	const char *words;
};

static const struct service_case service_cases[] = {
    {"HTTP/1.1 403 No\r\nContent-Length: 44\r\n\r\n{\"code\":\"AccessDenied\",\"message\":\"no "
     "\\u001brole\"}",
     ERR_CONFIG, "status 403"},
    {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", ERR_CONFIG, "status 404; check the role"},
    {"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", ERR_CONFIG,
     "status 302"},
    {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", ERR_TEMPORARY, "status 500"},
    {"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", ERR_TEMPORARY, "status 429"},
    {"", ERR_TEMPORARY, "does not answer"},
    {OK, ERR_TEMPORARY, "not understood"},
    {OK "[]", ERR_TEMPORARY, "not understood"},
    {OK "{\"AccessKeyId\":\"x\"}", ERR_TEMPORARY, "not understood"},
    {CREDENTIALS("x", "tomorrow"), ERR_TEMPORARY, "not understood"},
    {CREDENTIALS("x y", "2999-01-01T00:00:00Z"), ERR_CONFIG, "id holds"},
};

static void trouble_with_the_container(void **state)
{
	struct home *h = *state;

	for (size_t i = 0; i < COUNT_OF(service_cases); i++) {
		const struct service_case *c = &service_cases[i];
		struct error err = ERROR_INIT;
		struct aws_credentials got;
		struct service s;
		struct aws *a;

		service_start(&s, &c->answer, 1);
		a = create(h, NULL, QUEUE, &err);
		assert_non_null(a);
		assert_int_equal(aws_credentials(a, &got, &err), -1);
		if (err.class != c->class || strstr(error_text(&err), c->words) == NULL)
			fail_msg("case %zu: class %d, '%s'", i, (int)err.class, error_text(&err));
		error_done(&err);
		aws_destroy(a);
		service_stop(&s);
	}
}

/* Half of their life is over; new ones are wanted, but not there. */
static void what_still_holds_is_used(void **state)
{
	struct home *h = *state;
	char first[512], until[CLOCK_TEXT_MAX];
	const char *answers[] = {first, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"};
	struct error err = ERROR_INIT;
	struct aws_credentials c;
	struct service s;
	struct aws *a;
	int64_t end = clock_wall_us() + 1000000;

	clock_format(end, until);
	(void)snprintf(first, sizeof(first),
		       OK "{\"AccessKeyId\":\"one\",\"SecretAccessKey\":\"topsecret\","
			  "\"Expiration\":\"%s\"}",
		       until);
	service_start(&s, answers, COUNT_OF(answers));
	a = create(h, NULL, QUEUE, &err);
	assert_non_null(a);
	assert_int_equal(aws_credentials(a, &c, &err), 0);
	while (clock_wall_us() < end - 400000)
		(void)usleep(10000);
	assert_int_equal(aws_credentials(a, &c, &err), 0);
	assert_string_equal(c.id, "one");
	assert_null(c.token);
	assert_int_equal(atomic_load(&s.asked), 2);
	while (clock_wall_us() <= end)
		(void)usleep(10000);
	assert_int_equal(aws_credentials(a, &c, &err), -1);
	assert_int_equal(err.class, ERR_TEMPORARY);
	error_done(&err);
	aws_destroy(a);
	service_stop(&s);
}

static void a_cut_ends_it(void **state)
{
	static const char *const answers[] = {OK};
	struct home *h = *state;
	struct error err = ERROR_INIT;
	struct aws_credentials c;
	struct service s;
	struct aws *a;

	service_start(&s, answers, 1);
	a = create(h, NULL, QUEUE, &err);
	assert_non_null(a);
	aws_cut(a);
	assert_int_equal(aws_credentials(a, &c, &err), -1);
	assert_int_equal(err.class, ERR_CANCELLED);
	error_done(&err);
	aws_destroy(a);
	service_stop(&s);
}

#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(region_of_a_url),
	    cmocka_unit_test(profile_files),
	    cmocka_unit_test(container_urls),
	    WITH_HOME(from_the_environment),
	    WITH_HOME(from_files),
	    WITH_HOME(region_order),
	    WITH_HOME(from_the_container),
	    WITH_HOME(token_file_is_read_each_time),
	    WITH_HOME(trouble_with_the_container),
	    WITH_HOME(what_still_holds_is_used),
	    WITH_HOME(a_cut_ends_it),
	};

	if (http_global_init(NULL) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
