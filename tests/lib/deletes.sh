# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What landed of deleted rows.  Sourced after functions.sh.

# gone_are TABLE KEY LEFT NAME: of bronze.TABLE all but LEFT rows landed as deleted, each
# once, under a key with which it had come.
gone_are() {
	local expected
	expected=$(landed "SELECT count(*) FROM \"bronze.$1\" WHERE _cdc_op = 'c'")
	expected=$((expected - $3))
	is "$(landed "SELECT count(*), count(DISTINCT $2), sum($2 IN (SELECT $2 FROM \"bronze.$1\" WHERE _cdc_op = 'c'))
		FROM \"bronze.$1\" WHERE _cdc_op = 'd'")" "$expected|$expected|$expected" "$4"
}
