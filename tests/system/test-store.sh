#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The store: one run at a time, never reset by itself, full means stop.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
needs sqlite3 jq curl

numbers_db 3000
receiver_scenario '{"rules":[{"match":{"from":1},"times":1,"action":{"delay_ms":3000}}]}'
receiver_start --scenario "$SCENARIO"
table_config numbers updated_at

lock_is_held() {
	[ "$(receiver_stat requests)" -ge 1 ]
}
defsync_start run --config "$CONFIG"
wait_until 20 lock_is_held
run
run_is 8 "a second run at the same time: exit status 8"
like "$(cat "$TEST_DIR/err")" "lock.*$DEFSYNC_PID" "and names the holder"
ok "status works beside a run" defsync status --config "$CONFIG"
wait "$DEFSYNC_PID"
is "$?" 0 "the first run is done"

stop_process "$DEFSYNC_PID" KILL
run
run_is 0 "the lock of a dead process does not count"

# broken NAME REGEX: the store is refused and left as it is.
broken() {
	local before
	before=$(cksum <"$STORE" 2>/dev/null)
	run
	run_is 9 "$1: exit status 9"
	like "$(cat "$TEST_DIR/err")" "$2" "$1: says so"
	is "$(cksum <"$STORE" 2>/dev/null)" "$before" "$1: left as it is"
}
cp "$STORE" "$TEST_DIR/good.db"
head -c 5000 "$TEST_DIR/good.db" >"$STORE"
broken "a truncated store" "$STORE"
head -c 20000 /dev/zero >"$STORE"
broken "a store of zeroes" "$STORE"
: >"$STORE"
broken "an empty store" "$STORE"
rm "$STORE"
run
run_is 9 "a store that is gone: exit status 9"
like "$(cat "$TEST_DIR/err")" "missing.*;" "and says what to do"
not_ok "no new one was made" test -e "$STORE"
sqlite3 "$STORE" "CREATE TABLE mine (x)"
broken "another program's database" "$STORE"
cp "$TEST_DIR/good.db" "$STORE"
chmod 600 "$STORE"
sqlite3 "$STORE" "PRAGMA user_version = 99" >/dev/null
broken "a newer store" "newer"
cp "$TEST_DIR/good.db" "$STORE"
run
run_is 0 "the good store works again"
is "$(stat -c %a "$STORE")" 600 "and is for its owner only"

# A disk that is full.
if [ "$(id -u)" = 0 ] && mkdir "$TEST_DIR/small" && mount -t tmpfs -o size=256k tmpfs "$TEST_DIR/small" 2>/dev/null; then
	at_exit umount "$TEST_DIR/small"
	STORE=$TEST_DIR/small/defsync.db
	sqlite3 -bail "$SHOP_DB" "UPDATE numbers SET half = CAST(x'ff' AS TEXT) || printf('%.*c', 2000, 'x')"
	table_config numbers updated_at
	run
	run_is 11 "a full disk: exit status 11"
	like "$(cat "$TEST_DIR/err")" "full.*;" "and says what to do"
	before=$(dead_letters)
	[ "$before" -lt 3000 ]
	result $? "the letters that there was room for are there: $before of 3000"
	run
	run_is 11 "as long as it is full"
	mount -o remount,size=64m "$TEST_DIR/small"
	run
	run_is 7 "with room the next run is done"
	is "$(defsync dlq list --config "$CONFIG" --json | jq -r '.dead_letters[].key | fromjson.id' | sort -n |
		cksum)" "$(seq 1 3000 | cksum)" "with room: every row is in the dead letters, once"
	is "$(sqlite3 "$STORE" 'PRAGMA integrity_check')" ok "with room: the store is whole"
else
	skip "a full disk" "needs root and tmpfs"
fi
done_testing
