# SPDX-License-Identifier: MIT
# Unit tests: one program each, from the file of the same name.

unit_tests = \
	tests/unit/test-base-arena \
	tests/unit/test-base-buf \
	tests/unit/test-base-clock \
	tests/unit/test-base-error \
	tests/unit/test-base-file \
	tests/unit/test-base-log \
	tests/unit/test-base-num \
	tests/unit/test-base-secrets \
	tests/unit/test-base-suggest \
	tests/unit/test-cli-args \
	tests/unit/test-cli-letter \
	tests/unit/test-cli-view \
	tests/unit/test-config-expand \
	tests/unit/test-config-model \
	tests/unit/test-config-options \
	tests/unit/test-config-suite \
	tests/unit/test-config-tree \
	tests/unit/test-plugin-chain \
	tests/unit/test-plugin-host \
	tests/unit/test-plugin-loader \
	tests/unit/test-plugin-source \
	tests/unit/test-plugin-template \
	tests/unit/test-push-aws \
	tests/unit/test-push-backoff \
	tests/unit/test-push-batch \
	tests/unit/test-push-batch-rows \
	tests/unit/test-push-bisect \
	tests/unit/test-push-classify \
	tests/unit/test-push-complaint \
	tests/unit/test-push-divide \
	tests/unit/test-push-engine \
	tests/unit/test-push-gzip \
	tests/unit/test-push-head \
	tests/unit/test-push-learn \
	tests/unit/test-push-limit \
	tests/unit/test-push-modes \
	tests/unit/test-push-part \
	tests/unit/test-push-rate \
	tests/unit/test-push-reply \
	tests/unit/test-push-reply-rows \
	tests/unit/test-push-sqs-message \
	tests/unit/test-push-sqs-reply \
	tests/unit/test-row-base64 \
	tests/unit/test-row-encoder-limits \
	tests/unit/test-row-encoder-random \
	tests/unit/test-row-encoder \
	tests/unit/test-row-fault \
	tests/unit/test-row-hash \
	tests/unit/test-row-json-check \
	tests/unit/test-row-json-members \
	tests/unit/test-row-json-string \
	tests/unit/test-row-time \
	tests/unit/test-row-utf8 \
	tests/unit/test-store-commit \
	tests/unit/test-store-damage \
	tests/unit/test-store-dead \
	tests/unit/test-store-hosts \
	tests/unit/test-store-keys \
	tests/unit/test-store-ledger \
	tests/unit/test-store-open \
	tests/unit/test-store-outbox \
	tests/unit/test-store-recent \
	tests/unit/test-store-shape \
	tests/unit/test-sync-cdc \
	tests/unit/test-sync-drift \
	tests/unit/test-sync-key \
	tests/unit/test-sync-key-set \
	tests/unit/test-sync-letters \
	tests/unit/test-sync-prefix \
	tests/unit/test-transforms
common_unit_tests = \
	tests/unit/test-common-celltext \
	tests/unit/test-common-checkpoint \
	tests/unit/test-common-ident \
	tests/unit/test-common-keyset \
	tests/unit/test-common-number \
	tests/unit/test-common-reader \
	tests/unit/test-common-reader-ceiling \
	tests/unit/test-common-reader-rules \
	tests/unit/test-common-reader-value
sqlite_unit_tests = \
	tests/unit/test-sqlite-checkpoint \
	tests/unit/test-sqlite-describe \
	tests/unit/test-sqlite-file \
	tests/unit/test-sqlite-keys \
	tests/unit/test-sqlite-read \
	tests/unit/test-sqlite-types \
	tests/unit/test-sqlite-watermark
mysql_unit_tests = \
	tests/unit/test-mysql-dsn \
	tests/unit/test-mysql-rules \
	tests/unit/test-mysql-values
postgres_unit_tests = \
	tests/unit/test-postgres-decode \
	tests/unit/test-postgres-errors \
	tests/unit/test-postgres-filled \
	tests/unit/test-postgres-rules \
	tests/unit/test-postgres-values

csv_unit_tests = \
	tests/unit/test-csv-files \
	tests/unit/test-csv-parse \
	tests/unit/test-csv-read \
	tests/unit/test-csv-resume \
	tests/unit/test-csv-rotation \
	tests/unit/test-csv-types

unit_headers = \
	tests/unit/csv-fixture.h \
	tests/unit/plugin-fixture.h \
	tests/unit/plugin-host.h \
	tests/unit/push-fixture.h \
	tests/unit/reader-fake.h \
	tests/unit/row-fixture.h \
	tests/unit/source-fixture.h \
	tests/unit/sqlite-fixture.h \
	tests/unit/store-fixture.h \
	tests/unit/transform-case.h

EXTRA_DIST += $(unit_headers)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests) $(common_unit_tests)
UNIT_TESTS = $(unit_tests) $(common_unit_tests)
if ENABLE_SQLITE
check_PROGRAMS += $(sqlite_unit_tests)
UNIT_TESTS += $(sqlite_unit_tests)
endif
if ENABLE_MYSQL
check_PROGRAMS += $(mysql_unit_tests)
UNIT_TESTS += $(mysql_unit_tests)
endif
if ENABLE_POSTGRES
check_PROGRAMS += $(postgres_unit_tests)
UNIT_TESTS += $(postgres_unit_tests)
endif
if ENABLE_CSV
check_PROGRAMS += $(csv_unit_tests)
UNIT_TESTS += $(csv_unit_tests)
endif
endif

# What a program without flags of its own is linked with.
LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

# Tests of plugins from within: a host of their own instead of the core.
unit_plugin_cppflags = $(plugin_cppflags) -I$(srcdir)/plugins/sources/sqlite -I$(srcdir)/tests/unit \
	$(SQLITE3_CFLAGS)
unit_sqlite_libs = plugins/libsource-sqlite.a plugins/libdefsync-common.a $(SQLITE_PLUGIN_LIBS) $(CMOCKA_LIBS)
unit_csv_cppflags = $(plugin_cppflags) -I$(srcdir)/plugins/sources/csv -I$(srcdir)/tests/unit
unit_csv_libs = plugins/libsource-csv.a plugins/libdefsync-common.a $(CSV_PLUGIN_LIBS) $(CMOCKA_LIBS)
unit_common_libs = plugins/libdefsync-common.a $(SQLITE3_LIBS) $(CMOCKA_LIBS)

tests_unit_test_common_celltext_SOURCES = tests/unit/test-common-celltext.c
tests_unit_test_common_celltext_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/plugins
tests_unit_test_common_celltext_LDADD = plugins/libdefsync-reshape.a $(LDADD)

tests_unit_test_common_number_SOURCES = tests/unit/test-common-number.c
tests_unit_test_common_number_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/plugins
tests_unit_test_common_number_LDADD = plugins/libdefsync-reshape.a $(LDADD)

tests_unit_test_common_checkpoint_SOURCES = tests/unit/test-common-checkpoint.c
tests_unit_test_common_checkpoint_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_common_checkpoint_LDADD = $(unit_common_libs)

tests_unit_test_common_ident_SOURCES = tests/unit/test-common-ident.c
tests_unit_test_common_ident_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_common_ident_LDADD = $(unit_common_libs)

tests_unit_test_common_keyset_SOURCES = tests/unit/test-common-keyset.c
tests_unit_test_common_keyset_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_common_keyset_LDADD = $(unit_common_libs)

tests_unit_test_common_reader_SOURCES = tests/unit/test-common-reader.c \
	tests/unit/reader-fake.c tests/unit/plugin-host.c
tests_unit_test_common_reader_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_common_reader_LDADD = $(unit_common_libs)

tests_unit_test_common_reader_ceiling_SOURCES = tests/unit/test-common-reader-ceiling.c \
	tests/unit/reader-fake.c tests/unit/plugin-host.c
tests_unit_test_common_reader_ceiling_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_common_reader_ceiling_LDADD = $(unit_common_libs)

tests_unit_test_common_reader_rules_SOURCES = tests/unit/test-common-reader-rules.c \
	tests/unit/reader-fake.c tests/unit/plugin-host.c
tests_unit_test_common_reader_rules_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_common_reader_rules_LDADD = $(unit_common_libs)

tests_unit_test_common_reader_value_SOURCES = tests/unit/test-common-reader-value.c
tests_unit_test_common_reader_value_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_common_reader_value_LDADD = $(unit_common_libs)

tests_unit_test_csv_files_SOURCES = tests/unit/test-csv-files.c tests/unit/plugin-host.c
tests_unit_test_csv_files_CPPFLAGS = $(unit_csv_cppflags)
tests_unit_test_csv_files_LDADD = $(unit_csv_libs)

tests_unit_test_csv_parse_SOURCES = tests/unit/test-csv-parse.c tests/unit/plugin-host.c
tests_unit_test_csv_parse_CPPFLAGS = $(unit_csv_cppflags)
tests_unit_test_csv_parse_LDADD = $(unit_csv_libs)

tests_unit_test_csv_read_SOURCES = tests/unit/test-csv-read.c tests/unit/plugin-host.c
tests_unit_test_csv_read_CPPFLAGS = $(unit_csv_cppflags)
tests_unit_test_csv_read_LDADD = $(unit_csv_libs)

tests_unit_test_csv_resume_SOURCES = tests/unit/test-csv-resume.c tests/unit/plugin-host.c
tests_unit_test_csv_resume_CPPFLAGS = $(unit_csv_cppflags)
tests_unit_test_csv_resume_LDADD = $(unit_csv_libs)

tests_unit_test_csv_rotation_SOURCES = tests/unit/test-csv-rotation.c tests/unit/plugin-host.c
tests_unit_test_csv_rotation_CPPFLAGS = $(unit_csv_cppflags)
tests_unit_test_csv_rotation_LDADD = $(unit_csv_libs)

tests_unit_test_csv_types_SOURCES = tests/unit/test-csv-types.c tests/unit/plugin-host.c
tests_unit_test_csv_types_CPPFLAGS = $(unit_csv_cppflags)
tests_unit_test_csv_types_LDADD = $(unit_csv_libs)

tests_unit_test_sqlite_checkpoint_SOURCES = tests/unit/test-sqlite-checkpoint.c tests/unit/plugin-host.c
tests_unit_test_sqlite_checkpoint_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_sqlite_checkpoint_LDADD = $(unit_sqlite_libs)

tests_unit_test_sqlite_describe_SOURCES = tests/unit/test-sqlite-describe.c tests/unit/plugin-host.c
tests_unit_test_sqlite_describe_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_sqlite_describe_LDADD = $(unit_sqlite_libs)

tests_unit_test_sqlite_file_SOURCES = tests/unit/test-sqlite-file.c tests/unit/plugin-host.c
tests_unit_test_sqlite_file_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_sqlite_file_LDADD = $(unit_sqlite_libs)

tests_unit_test_sqlite_keys_SOURCES = tests/unit/test-sqlite-keys.c tests/unit/plugin-host.c
tests_unit_test_sqlite_keys_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_sqlite_keys_LDADD = $(unit_sqlite_libs)

tests_unit_test_sqlite_read_SOURCES = tests/unit/test-sqlite-read.c tests/unit/plugin-host.c
tests_unit_test_sqlite_read_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_sqlite_read_LDADD = $(unit_sqlite_libs)

tests_unit_test_sqlite_types_SOURCES = tests/unit/test-sqlite-types.c tests/unit/plugin-host.c
tests_unit_test_sqlite_types_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_sqlite_types_LDADD = $(unit_sqlite_libs)

tests_unit_test_sqlite_watermark_SOURCES = tests/unit/test-sqlite-watermark.c tests/unit/plugin-host.c
tests_unit_test_sqlite_watermark_CPPFLAGS = $(unit_plugin_cppflags)
tests_unit_test_sqlite_watermark_LDADD = $(unit_sqlite_libs)

VALGRIND_UNIT_TESTS = \
	tests/unit/test-base-buf \
	tests/unit/test-config-tree \
	tests/unit/test-plugin-source \
	tests/unit/test-push-batch \
	tests/unit/test-row-encoder \
	tests/unit/test-sync-prefix

unit_mysql_cppflags = $(plugin_cppflags) -I$(srcdir)/plugins/sources/mysql -I$(srcdir)/tests/unit \
	$(MYSQL_PLUGIN_CFLAGS)
unit_mysql_libs = plugins/libsource-mysql.a plugins/libdefsync-common.a $(MYSQL_PLUGIN_LIBS) $(CMOCKA_LIBS)

tests_unit_test_mysql_dsn_SOURCES = tests/unit/test-mysql-dsn.c tests/unit/plugin-host.c
tests_unit_test_mysql_dsn_CPPFLAGS = $(unit_mysql_cppflags)
tests_unit_test_mysql_dsn_LDADD = $(unit_mysql_libs)

tests_unit_test_mysql_rules_SOURCES = tests/unit/test-mysql-rules.c
tests_unit_test_mysql_rules_CPPFLAGS = $(unit_mysql_cppflags)
tests_unit_test_mysql_rules_LDADD = $(unit_mysql_libs)

tests_unit_test_mysql_values_SOURCES = tests/unit/test-mysql-values.c tests/unit/plugin-host.c
tests_unit_test_mysql_values_CPPFLAGS = $(unit_mysql_cppflags)
tests_unit_test_mysql_values_LDADD = $(unit_mysql_libs)

unit_postgres_cppflags = $(plugin_cppflags) -I$(srcdir)/plugins/sources/postgres $(POSTGRES_PLUGIN_CFLAGS)
unit_postgres_libs = plugins/libsource-postgres.a plugins/libdefsync-common.a $(POSTGRES_PLUGIN_LIBS) $(CMOCKA_LIBS)

tests_unit_test_postgres_decode_SOURCES = tests/unit/test-postgres-decode.c
tests_unit_test_postgres_decode_CPPFLAGS = $(unit_postgres_cppflags)
tests_unit_test_postgres_decode_LDADD = $(unit_postgres_libs)

tests_unit_test_postgres_filled_SOURCES = tests/unit/test-postgres-filled.c
tests_unit_test_postgres_filled_CPPFLAGS = $(unit_postgres_cppflags)
tests_unit_test_postgres_filled_LDADD = $(unit_postgres_libs)

tests_unit_test_postgres_rules_SOURCES = tests/unit/test-postgres-rules.c
tests_unit_test_postgres_rules_CPPFLAGS = $(unit_postgres_cppflags)
tests_unit_test_postgres_rules_LDADD = $(unit_postgres_libs)

tests_unit_test_postgres_errors_SOURCES = tests/unit/test-postgres-errors.c tests/unit/plugin-host.c
tests_unit_test_postgres_errors_CPPFLAGS = $(unit_postgres_cppflags) -I$(srcdir)/tests/unit
tests_unit_test_postgres_errors_LDADD = $(unit_postgres_libs)

tests_unit_test_postgres_values_SOURCES = tests/unit/test-postgres-values.c
tests_unit_test_postgres_values_CPPFLAGS = $(unit_postgres_cppflags)
tests_unit_test_postgres_values_LDADD = $(unit_postgres_libs)

tests_unit_test_transforms_SOURCES = tests/unit/test-transforms.c tests/unit/transform-case.c
