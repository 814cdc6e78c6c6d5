/* SPDX-License-Identifier: MIT */
/* What the name of a host tells. */

#ifndef BASE_HOST_H
#define BASE_HOST_H

/* "localhost", 127.0.0.0/8, "[::1]": does what is sent there stay on this machine? */
int host_is_loopback(const char *host);

#endif
