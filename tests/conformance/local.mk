# SPDX-License-Identifier: MIT
# The checks that every source passes, and the program that they drive a plugin with.

check_PROGRAMS += defsync-conform
defsync_conform_SOURCES = \
	tests/conformance/conform.c tests/conformance/conform.h \
	tests/conformance/conform-cancel.c \
	tests/conformance/conform-open.c \
	tests/conformance/conform-print.c \
	tests/conformance/conform-read.c \
	tests/conformance/conform-resume.c \
	tests/conformance/conform-serve.c \
	tests/conformance/conform-spy.c
defsync_conform_LDADD = $(CORE_LIBS)

conformance_libs = \
	tests/conformance/README.md \
	tests/conformance/checks.sh \
	tests/conformance/csv.sh \
	tests/conformance/interleavings.sh \
	tests/conformance/matrix.sh \
	tests/conformance/mysql.sh \
	tests/conformance/postgres.sh \
	tests/conformance/sqlite.sh \
	tests/conformance/suite.sh \
	tests/conformance/types.sh

conformance_csv = tests/conformance/test-conformance-csv.sh
conformance_mysql = \
	tests/conformance/test-conformance-mysql.sh \
	tests/conformance/test-interleavings-mysql.sh
conformance_postgres = \
	tests/conformance/test-conformance-postgres.sh \
	tests/conformance/test-interleavings-postgres.sh
conformance_sqlite = tests/conformance/test-conformance-sqlite.sh

EXTRA_DIST += $(conformance_libs) $(conformance_csv) $(conformance_mysql) $(conformance_postgres) \
	$(conformance_sqlite)

CONFORMANCE_TESTS =
if ENABLE_POSTGRES
CONFORMANCE_TESTS += $(conformance_postgres)
endif
if ENABLE_MYSQL
CONFORMANCE_TESTS += $(conformance_mysql)
endif
if ENABLE_SQLITE
CONFORMANCE_TESTS += $(conformance_sqlite)
endif
if ENABLE_CSV
CONFORMANCE_TESTS += $(conformance_csv)
endif

# What each source passes, from the last run of these tests.
check-conformance:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(CONFORMANCE_TESTS)' || :
	$(BASH) $(srcdir)/tests/conformance/matrix.sh tests/conformance

.PHONY: check-conformance
