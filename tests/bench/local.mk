# SPDX-License-Identifier: MIT
# Benchmarks: built and run by "make bench" only.

bench_programs = tests/bench/bench-encoder
if ENABLE_SQLITE
bench_programs += tests/bench/bench-sqlite
tests_bench_bench_sqlite_SOURCES = tests/bench/bench-sqlite.c tests/unit/plugin-host.c
tests_bench_bench_sqlite_CPPFLAGS = $(unit_plugin_cppflags)
tests_bench_bench_sqlite_LDADD = $(unit_sqlite_libs)
endif

EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
bench_scripts = tests/bench/bench-run.sh tests/bench/bench-push.sh
EXTRA_DIST += $(bench_scripts)

bench: all $(bench_programs)
	for program in $(bench_programs); do ./$$program || exit 1; done
	for script in $(bench_scripts); do \
		DEFSYNC=$(abs_builddir)/defsync DEFSYNC_PLUGINS=$(abs_builddir)/plugins/.libs \
		DEFSYNC_RECEIVER=$(abs_builddir)/defsync-receiver bash $(srcdir)/$$script || exit 1; done

.PHONY: bench
