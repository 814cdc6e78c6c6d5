# SPDX-License-Identifier: MIT
# The stand-in for the Stream API.  It shares nothing with the core, so that a
# mistake there cannot hide in both.

receiver_sources = \
	tests/receiver/action.c tests/receiver/action.h \
	tests/receiver/columns.c tests/receiver/columns.h \
	tests/receiver/exchange.c tests/receiver/exchange.h \
	tests/receiver/head.c tests/receiver/head.h \
	tests/receiver/inflate.c tests/receiver/inflate.h \
	tests/receiver/intake.c tests/receiver/intake.h \
	tests/receiver/landing.c tests/receiver/landing.h \
	tests/receiver/ledger.c tests/receiver/ledger.h \
	tests/receiver/main.c \
	tests/receiver/options.c tests/receiver/options.h \
	tests/receiver/peer.c tests/receiver/peer.h \
	tests/receiver/reply.c tests/receiver/reply.h \
	tests/receiver/request.c tests/receiver/request.h \
	tests/receiver/respond.c tests/receiver/respond.h \
	tests/receiver/row.c \
	tests/receiver/scan.c tests/receiver/scan.h \
	tests/receiver/scenario.c tests/receiver/scenario.h \
	tests/receiver/server.c tests/receiver/server.h

if ENABLE_RECEIVER
bin_PROGRAMS += defsync-receiver
else
check_PROGRAMS += defsync-receiver
endif

defsync_receiver_SOURCES = $(receiver_sources)
defsync_receiver_CPPFLAGS = $(PUBLIC_CPPFLAGS) $(JANSSON_CFLAGS) $(SQLITE3_CFLAGS) \
	$(MICROHTTPD_CFLAGS) $(GNUTLS_CFLAGS) $(CRYPTO_CFLAGS) $(ZLIB_CFLAGS)
defsync_receiver_LDADD = $(JANSSON_LIBS) $(SQLITE3_LIBS) $(MICROHTTPD_LIBS) $(GNUTLS_LIBS) $(CRYPTO_LIBS) \
	$(ZLIB_LIBS)
