# SPDX-License-Identifier: MIT
# Manual pages (mdoc).

dist_man_MANS = \
	man/defsync-receiver.1 \
	man/defsync.1 \
	man/defsync.yaml.5
