# SPDX-License-Identifier: MIT
# The plugin interface, installed.

defsyncincludedir = $(includedir)/defsync
defsyncinclude_HEADERS = \
	include/defsync/plugin.h \
	include/defsync/source.h \
	include/defsync/transform.h
nodist_defsyncinclude_HEADERS = include/defsync/version.h
