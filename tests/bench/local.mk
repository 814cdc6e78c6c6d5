# SPDX-License-Identifier: MIT
# Benchmarks: built and run by "make bench" only.

bench_programs = tests/bench/bench-encoder
if ENABLE_SQLITE
bench_programs += tests/bench/bench-sqlite
tests_bench_bench_sqlite_SOURCES = tests/bench/bench-sqlite.c tests/unit/plugin-host.c
tests_bench_bench_sqlite_CPPFLAGS = $(unit_plugin_cppflags)
tests_bench_bench_sqlite_LDADD = $(unit_sqlite_libs)
endif

if ENABLE_CSV
bench_programs += tests/bench/bench-csv
tests_bench_bench_csv_SOURCES = tests/bench/bench-csv.c tests/unit/plugin-host.c
tests_bench_bench_csv_CPPFLAGS = $(unit_csv_cppflags)
tests_bench_bench_csv_LDADD = $(unit_csv_libs)
endif

# What the client libraries can do at best.
floor_programs =
if ENABLE_SQLITE
floor_programs += tests/bench/floor-sqlite
tests_bench_floor_sqlite_LDADD = $(SQLITE3_LIBS)
endif
if ENABLE_POSTGRES
floor_programs += tests/bench/floor-postgres
tests_bench_floor_postgres_CPPFLAGS = $(POSTGRES_PLUGIN_CFLAGS)
tests_bench_floor_postgres_LDADD = $(POSTGRES_PLUGIN_LIBS)
endif
if ENABLE_MYSQL
floor_programs += tests/bench/floor-mysql
tests_bench_floor_mysql_CPPFLAGS = $(MYSQL_PLUGIN_CFLAGS)
tests_bench_floor_mysql_LDADD = $(MYSQL_PLUGIN_LIBS)
endif

EXTRA_PROGRAMS += $(bench_programs) $(floor_programs)
CLEANFILES += $(bench_programs) $(floor_programs)
bench_scripts = tests/bench/bench-run.sh tests/bench/bench-push.sh tests/bench/bench-sources.sh \
	tests/bench/bench-transforms.sh
EXTRA_DIST += $(bench_scripts)

bench: all $(bench_programs) $(floor_programs)
	for program in $(bench_programs); do ./$$program || exit 1; done
	for script in $(bench_scripts); do \
		DEFSYNC=$(abs_builddir)/defsync DEFSYNC_PLUGINS=$(abs_builddir)/plugins \
		DEFSYNC_RECEIVER=$(abs_builddir)/defsync-receiver DEFSYNC_FLOORS=$(abs_builddir)/tests/bench bash $(srcdir)/$$script || exit 1; done

.PHONY: bench
