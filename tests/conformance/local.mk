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
