# SPDX-License-Identifier: MIT
# The whole program, driven by shell scripts.  Those that take longest come first.

system_tests = \
	tests/system/test-kill.sh \
	tests/system/test-transport.sh \
	tests/system/test-sqs.sh \
	tests/system/test-stop.sh \
	tests/system/test-view.sh \
	tests/system/test-replay-rejected.sh \
	tests/system/test-faults.sh \
	tests/system/test-isolate.sh \
	tests/system/test-pause.sh \
	tests/system/test-cli.sh \
	tests/system/test-csv.sh \
	tests/system/test-deletes.sh \
	tests/system/test-dead-letters.sh \
	tests/system/test-discover.sh \
	tests/system/test-dlq-export.sh \
	tests/system/test-drift.sh \
	tests/system/test-exactly-once.sh \
	tests/system/test-man.sh \
	tests/system/test-merge.sh \
	tests/system/test-refusals.sh \
	tests/system/test-replace.sh \
	tests/system/test-replay.sh \
	tests/system/test-retry.sh \
	tests/system/test-run-forms.sh \
	tests/system/test-secrets.sh \
	tests/system/test-store.sh \
	tests/system/test-transforms.sh

other_tests = \
	tests/abi/test-headers.sh \
	tests/receiver/test-receiver.sh \
	tests/receiver/test-scenarios.sh

# With a hostile server for it.
mysql_tests = tests/system/test-mysql.sh tests/system/test-mysql-ceiling.sh \
	tests/system/test-mysql-deletes.sh
if ENABLE_MYSQL
MYSQL_TESTS = $(mysql_tests)
check_PROGRAMS += tests/system/rogue-mysql
tests_system_rogue_mysql_SOURCES = tests/system/rogue-mysql.c
tests_system_rogue_mysql_LDADD =
else
MYSQL_TESTS =
endif

postgres_tests = tests/system/test-postgres.sh tests/system/test-postgres-deletes.sh
if ENABLE_POSTGRES
POSTGRES_TESTS = $(postgres_tests)
else
POSTGRES_TESTS =
endif

if ENABLE_SQLITE
SYSTEM_TESTS = $(MYSQL_TESTS) $(POSTGRES_TESTS) $(system_tests) $(other_tests)
else
SYSTEM_TESTS = $(MYSQL_TESTS) $(POSTGRES_TESTS) $(other_tests)
endif

EXTRA_DIST += $(mysql_tests) $(postgres_tests) $(system_tests) $(other_tests)
