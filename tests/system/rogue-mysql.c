/* SPDX-License-Identifier: MIT */
/*
 * A hostile server for the mysql source.  rogue-mysql PORT-FILE LOG-FILE [PLUGIN]:
 * listens on 127.0.0.1, writes its port, and serves connections until it is killed.
 * It lets anyone in and answers the first statement by asking for /etc/hostname; with
 * PLUGIN it asks for the password by that login instead.  With tls-close, tls-reset or
 * tls-hello it says that it has TLS and ends the connection when the client begins it, by
 * a reset, or behind the client's first message.  What the client did is in the log, a
 * line each:
 *
 *	capabilities: local files|no local files
 *	statement
 *	sent N bytes of the file
 *	login: N bytes
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CAPABILITIES                                                                               \
	(0x00000001u | 0x00000004u | 0x00000008u | 0x00000080u | 0x00000200u | 0x00002000u |       \
	 0x00008000u | 0x00080000u)
#define LOCAL_FILES 0x80u
#define HAS_TLS 0x800u

static FILE *log_file;

static bool read_all(int fd, unsigned char *buf, size_t n)
{
	while (n) {
		ssize_t got = read(fd, buf, n);

		if (got <= 0)
			return false;
		buf += got;
		n -= (size_t)got;
	}
	return true;
}

/* The payload's length, or -1; *seq: of the packet. */
static long read_packet(int fd, unsigned char *buf, size_t size, unsigned *seq)
{
	unsigned char head[4];
	size_t len;

	if (!read_all(fd, head, 4))
		return -1;
	len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
	*seq = head[3];
	if (len > size || !read_all(fd, buf, len))
		return -1;
	return (long)len;
}

static bool send_packet(int fd, const void *data, size_t len, unsigned seq)
{
	unsigned char packet[512] = {(unsigned char)len, (unsigned char)(len >> 8), 0,
				     (unsigned char)seq};

	memcpy(packet + 4, data, len);
	return send(fd, packet, len + 4, MSG_NOSIGNAL) == (ssize_t)(len + 4);
}

static bool greet(int fd, bool tls)
{
	static const char version[] = "8.0.36";
	static const char plugin[] = "mysql_native_password";
	unsigned char p[256] = {10};
	size_t n = 1;

	memcpy(p + n, version, sizeof(version));
	n += sizeof(version);
	p[n] = 1; /* the connection's number */
	n += 4;
	memcpy(p + n, "12345678", 9);
	n += 9;
	p[n++] = CAPABILITIES & 255;
	p[n++] = (CAPABILITIES >> 8 & 255) | (tls ? HAS_TLS >> 8 : 0);
	p[n++] = 45; /* utf8mb4 */
	p[n++] = 2;
	p[n++] = 0;
	p[n++] = CAPABILITIES >> 16 & 255;
	p[n++] = CAPABILITIES >> 24;
	p[n++] = 21;
	n += 10;
	memcpy(p + n, "abcdefghijkl", 13);
	n += 13;
	memcpy(p + n, plugin, sizeof(plugin));
	n += sizeof(plugin);
	return send_packet(fd, p, n, 0);
}

/* "Log in again, by this plugin." */
static void ask_password(int fd, const char *plugin, unsigned seq)
{
	unsigned char p[128] = {0xfe}, buf[65536];
	size_t len = strlen(plugin);
	long got;

	memcpy(p + 1, plugin, len + 1);
	if (!send_packet(fd, p, len + 2, seq + 1))
		return;
	got = read_packet(fd, buf, sizeof(buf), &seq);
	if (got > 0)
		(void)fprintf(log_file, "login: %ld bytes\n", got);
}

static void cut_tls(int fd, const char *how)
{
	const struct linger now = {.l_onoff = 1};
	unsigned char buf[4096];

	if (strcmp(how, "tls-hello") == 0)
		(void)!read(fd, buf, sizeof(buf));
	if (strcmp(how, "tls-reset") == 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)fprintf(log_file, "cut\n");
}

static void serve(int fd, const char *plugin)
{
	static const unsigned char ok[] = {0, 0, 0, 2, 0, 0, 0};
	static const char want[] = "\xfb/etc/hostname";
	unsigned char buf[65536];
	unsigned seq;
	bool tls = plugin && strncmp(plugin, "tls-", 4) == 0;
	long n;

	if (!greet(fd, tls) || read_packet(fd, buf, sizeof(buf), &seq) < 4)
		return;
	(void)fprintf(log_file, "capabilities: %slocal files\n", buf[0] & LOCAL_FILES ? "" : "no ");
	if (tls) {
		cut_tls(fd, plugin);
		return;
	}
	if (plugin) {
		ask_password(fd, plugin, seq);
		return;
	}
	if (!send_packet(fd, ok, sizeof(ok), seq + 1))
		return;
	do {
		n = read_packet(fd, buf, sizeof(buf), &seq);
	} while (n > 0 && buf[0] != 3);
	if (n <= 0)
		return;
	(void)fprintf(log_file, "statement\n");
	if (!send_packet(fd, want, sizeof(want) - 1, seq + 1))
		return;
	n = read_packet(fd, buf, sizeof(buf), &seq);
	if (n > 0)
		(void)fprintf(log_file, "sent %ld bytes of the file\n", n);
}

static int listen_here(const char *port_file)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *f;

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return -1;
	f = fopen(port_file, "we");
	if (!f)
		return -1;
	(void)fprintf(f, "%u\n", (unsigned)ntohs(a.sin_port));
	(void)fclose(f);
	return fd;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 3)
		return 2;
	log_file = fopen(argv[2], "ae");
	fd = log_file ? listen_here(argv[1]) : -1;
	if (fd < 0)
		return 1;
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			return 1;
		serve(client, argc > 3 ? argv[3] : NULL);
		(void)fflush(log_file);
		(void)close(client);
	}
}
