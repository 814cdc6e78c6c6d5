#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The ceiling of the mysql source where others keep the server's list of transactions old:
# a late commit is found all the same, or its loss is announced.

. "$(dirname "$0")/../lib/functions.sh"
. "$TESTS_DIR/lib/runs.sh"
. "$TESTS_DIR/lib/servers.sh"
needs sqlite3 jq curl

err() {
	cat "$TEST_DIR/err" "$TEST_DIR/out"
}

# session_begin STATEMENTS: in a transaction that stays open until session_commit.
session_begin() {
	rm -f "$TEST_DIR/session"
	mkfifo "$TEST_DIR/session"
	mariadb --no-defaults -S "$MY_SOCKET" -u root shop <"$TEST_DIR/session" >"$TEST_DIR/session.out" &
	session=$!
	kill_at_exit "$session"
	exec 9>"$TEST_DIR/session"
	echo "BEGIN; $1; SELECT 'begun';" >&9
}

session_commit() {
	echo 'COMMIT;' >&9
	exec 9>&-
	wait "$session"
}

# As a tool that watches a server does, but more often; until the client is ended.
statements() {
	yes 'SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_id = 0; DO SLEEP(0.01);'
}

mariadb_start "$TEST_DIR/server"
receiver_start
my "CREATE DATABASE shop;
	CREATE USER reader@'%' IDENTIFIED BY 'the-password';
	GRANT SELECT ON shop.* TO reader@'%';
	GRANT PROCESS ON *.* TO reader@'%'"
MY_DATABASE=shop
my "CREATE TABLE orders (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20),
		updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), KEY (updated_at, id));
	INSERT INTO orders (name) VALUES ('first');
	CREATE TABLE locked (id INT PRIMARY KEY);
	INSERT INTO locked SELECT seq FROM seq_1_to_20000"
{
	base_config
	cat <<-EOT
		sources:
		  shop:
		    plugin: mysql
		    host: 127.0.0.1
		    port: $MY_PORT
		    user: reader
		    password: the-password
		    database: shop
		    tables:
		      - { from: orders, to: bronze.orders, watermark: updated_at, lookback: 0 }
	EOT
} >"$CONFIG"
chmod 600 "$CONFIG"
run
run_is 0 'the first load'

# --- an old list --------------------------------------------------------------------------

mariadb --no-defaults -S "$MY_SOCKET" -u root < <(statements 2>/dev/null) >/dev/null &
watcher=$!
kill_at_exit "$watcher"
sleep 0.3
session_begin "INSERT INTO orders (name) VALUES ('late')"
wait_until 5 grep -q begun "$TEST_DIR/session.out"
my "INSERT INTO orders (name) VALUES ('after')"
# Behind the margin of two seconds.
sleep 3.2
began=$(date +%s%N)
run
took=$((($(date +%s%N) - began) / 1000000))
run_is 0 'a run while another session reads the list again and again'
unlike "$(err)" 'stays old' 'is told by the monitor of InnoDB what is open'
diag "$took ms"
session_commit
run
is "$(landed "SELECT count(*) FROM \"bronze.orders\" WHERE name = 'late'")" 1 \
	'and what was committed late arrives'

# --- and a monitor's text that is too long --------------------------------------------------

my "SET GLOBAL innodb_status_output_locks = ON"
session_begin 'SELECT MAX(id + 0) FROM locked FOR UPDATE'
wait_until 5 grep -q begun "$TEST_DIR/session.out"
like "$(my 'SHOW ENGINE INNODB STATUS' | grep truncated)" '\.\.\. truncated\.\.\.' 'the text is cut'
for _ in 1 2 3; do
	run
	! grep -q 'stays old' "$TEST_DIR/err" || break
done
run_is 0 'a run that cannot know'
like "$(err)" "ceiling of .*heuristic: another session reads .* stays old.*'lookback'" 'warns'
defsync_start run --config "$CONFIG"
sleep 0.6
stop_process "$DEFSYNC_PID" TERM
like $? '^(0|143)$' 'and can be ended while it waits'
stop_process "$watcher"
run
run_is 0 'without the other session'
unlike "$(err)" 'stays old' 'all is seen again'
session_commit
done_testing
