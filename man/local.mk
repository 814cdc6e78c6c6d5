# SPDX-License-Identifier: MIT
# Manual pages (mdoc).

dist_man_MANS = \
	man/defsync-receiver.1 \
	man/defsync-source-csv.7 \
	man/defsync-source-mysql.7 \
	man/defsync-source-postgres.7 \
	man/defsync-source-sqlite.7 \
	man/defsync-transform-add.7 \
	man/defsync-transform-cast.7 \
	man/defsync-transform-columns.7 \
	man/defsync-transform-filter.7 \
	man/defsync-transform-flatten.7 \
	man/defsync-transform-mask.7 \
	man/defsync.1 \
	man/defsync.yaml.5
