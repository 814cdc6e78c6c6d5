# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A small shop in SQLite for tests, changes to it, and the comparison of what
# landed with what it holds.  Sourced by functions.sh.
#
# Rows are the same in every run.  Watermarks: customers.updated_at (ISO text),
# orders.updated_at (timestamp with fraction), order_items.version (integer);
# many rows share one.  Each table has the key "id".

# sample_shop DB [CUSTOMERS]: 2000 customers by default, 2 orders and 5 items each.
sample_shop() {
	sqlite3 -bail "$1" >/dev/null <<-EOF
		PRAGMA journal_mode = WAL;
		BEGIN;
		CREATE TABLE customers (
			id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, country TEXT,
			balance DECIMAL(12,2), active BOOLEAN, score REAL, external_id BIGINT,
			avatar BLOB, notes TEXT, updated_at TEXT NOT NULL);
		CREATE TABLE orders (
			id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, status TEXT NOT NULL,
			total NUMERIC(12,2), paid BOOLEAN NOT NULL, placed_on DATE, comment TEXT,
			updated_at TIMESTAMP NOT NULL);
		CREATE TABLE order_items (
			id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, line INTEGER NOT NULL,
			sku VARCHAR(20) NOT NULL, quantity INTEGER, price DECIMAL(10,2), discount REAL,
			version INTEGER NOT NULL, UNIQUE (order_id, line));
		CREATE INDEX customers_updated ON customers (updated_at, id);
		CREATE INDEX orders_updated ON orders (updated_at, id);
		CREATE INDEX order_items_version ON order_items (version, id);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${2:-2000})
		INSERT INTO customers SELECT i,
			CASE i % 6 WHEN 0 THEN 'Ännchen Müller ' WHEN 1 THEN '王小明 ' WHEN 2 THEN '🦊🚀 '
				WHEN 3 THEN 'O''Brien "Bob" \\ ' WHEN 4 THEN 'Зоя ' ELSE 'Smith ' END || i,
			CASE WHEN i % 7 THEN 'user' || i || '@example.com' END,
			CASE WHEN i % 11 THEN substr('DEFRUSJPBR', i % 5 * 2 + 1, 2) ELSE '' END,
			CASE WHEN i % 13 THEN (i * 7919 % 2000000 - 1000000) / 100.0 END,
			CASE i % 3 WHEN 0 THEN 0 WHEN 1 THEN 1 END,
			CASE i % 8 WHEN 0 THEN NULL WHEN 1 THEN -0.5 WHEN 2 THEN i WHEN 3 THEN 1e15
				WHEN 4 THEN 1.5e-7 ELSE i / 8.0 END,
			CASE i % 5 WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775807 - 1
				WHEN 2 THEN 9007199254740993 WHEN 3 THEN -i END,
			CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN x'' WHEN 2 THEN x'00ff80'
				ELSE CAST(printf('%d', i) AS BLOB) END,
			CASE i % 9 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'two' || char(10) || 'lines'
				WHEN 3 THEN char(9, 27, 1) || ' control ' || char(127)
				WHEN 4 THEN printf('%.*c', 1 + i % 97 * 200, 'x') ELSE 'plain ' || i END,
			strftime('%Y-%m-%dT%H:%M:%SZ', 1704067200 + i / 40, 'unixepoch')
		FROM n;
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2 * ${2:-2000})
		INSERT INTO orders SELECT i, (i + 1) / 2,
			CASE i % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'shipped' ELSE 'done' END,
			CASE WHEN i % 17 THEN i * 37 % 100000 / 100.0 END, i % 2,
			date('2024-01-01', '-' || (i % 400) || ' days'),
			CASE WHEN i % 10 = 0 THEN 'comment 😀 ' || i END,
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 50, 'unixepoch') ||
				printf('.%03d', i / 5 % 10 * 100)
		FROM n;
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5 * ${2:-2000})
		INSERT INTO order_items SELECT i, (i + 4) / 5 * 2, i % 5 + 1,
			printf('SKU-%05d', i * 31 % 10007), CASE WHEN i % 19 THEN i % 12 - 2 END,
			i * 53 % 10000 / 100.0, CASE WHEN i % 3 THEN i % 100 / 4.0 END, i / 20
		FROM n;
		COMMIT;
	EOF
}

# shop_change DB N: the N-th round (1, 2, ...) of updates and inserts in all three
# tables, later than everything before, with ties inside the round, and one row
# with a low key that ties with the newest row of the round before.
shop_change() {
	sqlite3 -bail -cmd '.timeout 10000' "$1" <<-EOF
		BEGIN IMMEDIATE;
		UPDATE customers SET notes = 'tie $2', updated_at = (SELECT max(updated_at) FROM customers)
			WHERE id = $2;
		UPDATE customers SET name = name || ' $2', balance = coalesce(balance, 0) + $2 / 4.0,
			active = CASE active WHEN 1 THEN 0 WHEN 0 THEN NULL ELSE 1 END,
			updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 1704067200 + 3600 * $2 + id / 200,
				'unixepoch')
			WHERE id % 50 = $2 % 50;
		INSERT INTO orders SELECT m + id, id, 'new', id * $2 / 8.0, 0, '2024-02-29',
			CASE WHEN id % 2 THEN 'round $2' END,
			strftime('%Y-%m-%d %H:%M:%S', 1704067200 + 3600 * $2, 'unixepoch') ||
				printf('.%03d', id / 10 * 100)
			FROM customers, (SELECT max(id) AS m FROM orders) WHERE id <= 25;
		UPDATE orders SET status = 'returned', paid = 1 - paid,
			updated_at = strftime('%Y-%m-%d %H:%M:%S', 1704067200 + 3600 * $2 + 1, 'unixepoch') ||
				'.000'
			WHERE id % 100 = $2 % 100;
		UPDATE order_items SET quantity = coalesce(quantity, 0) + 1,
			version = (SELECT max(version) FROM order_items) + 1 + id / 500
			WHERE id % 40 = $2 % 40;
		COMMIT;
	EOF
}

# --- comparison --------------------------------------------------------------
#
# A row's normal form is one line: "name=type:value" for each column, by name,
# where type is JSON's (integer and real told apart) and value an SQL literal.
# Two rows are equal exactly when these are.

# shop_escaped SQL_EXPRESSION: line ends out of a text.
shop_escaped() {
	printf "replace(replace(replace(%s, '\\\\', '\\\\\\\\'), char(10), '\\\\n'), char(13), '\\\\r')" \
		"$1"
}

# shop_three_bytes EXPRESSION POSITION: an SQL expression for them as one number.
shop_three_bytes() {
	local sum=0 i
	for i in -1 0 1 2 3 4; do
		sum="($sum) * 16 + instr('0123456789ABCDEF', substr(hex($1), 2 * ($2) + $i, 1)) - 1"
	done
	echo "$sum"
}

# shop_base64 EXPRESSION: an SQL expression for the base64 text of a blob.  Its own
# names must not hide a column's.
shop_base64() {
	local letters="'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'"
	echo "(WITH RECURSIVE b64(b64_at, b64_n, b64_s) AS (
		SELECT 1, $(shop_three_bytes "$1" 1), ''
		UNION ALL SELECT b64_at + 3, $(shop_three_bytes "$1" "b64_at + 3"), b64_s ||
			substr($letters, (b64_n >> 18) + 1, 1) ||
			substr($letters, (b64_n >> 12 & 63) + 1, 1) ||
			CASE WHEN b64_at + 1 > length($1) THEN '='
				ELSE substr($letters, (b64_n >> 6 & 63) + 1, 1) END ||
			CASE WHEN b64_at + 2 > length($1) THEN '='
				ELSE substr($letters, (b64_n & 63) + 1, 1) END
			FROM b64 WHERE b64_at <= length($1))
		SELECT b64_s FROM b64 WHERE b64_at > length($1))"
}

# shop_column NAME DECLARED_TYPE: an SQL expression for "type:value", by the rules of
# the sqlite source: values as stored, but decimals as text, 0/1 of a boolean
# column as boolean, bytes in base64.
shop_column() {
	local c="\"$1\"" plain
	plain="CASE typeof($c) WHEN 'blob' THEN 'text:' || quote($(shop_base64 "$c"))
		ELSE typeof($c) || ':' || quote($c) END"
	case ${2^^} in
	BOOL*) echo "CASE WHEN $c IS 1 THEN 'true:1' WHEN $c IS 0 THEN 'false:0' ELSE $plain END" ;;
	DECIMAL* | NUMERIC*)
		echo "CASE WHEN $c IS NULL THEN 'null:NULL' ELSE 'text:' || quote(CAST($c AS TEXT)) END"
		;;
	*) echo "$plain" ;;
	esac
}

# source_rows DB TABLE [WHERE [EXCLUDED,...]]: the normal forms of a table's rows, sorted.
source_rows() {
	local expression="''" name type
	while IFS=$'\t' read -r name type; do
		[[ ,${4:-}, != *,$name,* ]] || continue
		expression+=" || '$name=' || $(shop_escaped "$(shop_column "$name" "$type")") || ' '"
	done < <(sqlite3 -separator $'\t' "$1" \
		"SELECT name, type FROM pragma_table_info('$2') ORDER BY name")
	sqlite3 -bail "$1" "SELECT $expression FROM \"$2\" WHERE ${3:-1}" | LC_ALL=C sort
}

# landed_rows TARGET [WHERE]: the normal forms of what the receiver holds, sorted.
landed_rows() {
	sqlite3 -bail "$RECEIVER_DB" "
		SELECT (SELECT group_concat(part, '') FROM (
				SELECT key || '=' || $(shop_escaped "type || ':' || quote(value)") || ' ' AS part
				FROM json_each(t._raw) ORDER BY key))
		FROM \"$1\" AS t WHERE ${2:-1}" | LC_ALL=C sort
}

# same_rows FILE_EXPECTED FILE_GOT NAME: one point; both sorted, the same lines as often.
# No lines at all are no agreement: more likely the queries failed.
same_rows() {
	[ -s "$1" ] && cmp -s "$1" "$2"
	result $? "$3" || {
		diag "rows: $(wc -l <"$1") expected, $(wc -l <"$2") got; < missing, > too many:"
		diff "$1" "$2" | grep '^[<>]' | head -6 | cut -c1-400 | diag
	}
}

# compare_landed DB TABLE TARGET [NAME]: what landed is exactly what the table holds,
# value for value and as often.  For merge, or append without changes.
compare_landed() {
	source_rows "$1" "$2" >"$TEST_DIR/expected.rows"
	landed_rows "$3" >"$TEST_DIR/landed.rows"
	same_rows "$TEST_DIR/expected.rows" "$TEST_DIR/landed.rows" \
		"${4:-$3 holds the rows of $2}"
}

# compare_landed_set DB TABLE TARGET [NAME]: every row of the table landed at least
# once, as it is now.  For append after changes or crashes.
compare_landed_set() {
	source_rows "$1" "$2" | uniq >"$TEST_DIR/expected.rows"
	landed_rows "$3" | uniq >"$TEST_DIR/landed.rows"
	LC_ALL=C comm -23 "$TEST_DIR/expected.rows" "$TEST_DIR/landed.rows" >"$TEST_DIR/missing.rows"
	[ -s "$TEST_DIR/expected.rows" ] && [ ! -s "$TEST_DIR/missing.rows" ]
	result $? "${4:-$3 holds every row of $2}" || {
		diag "$(wc -l <"$TEST_DIR/missing.rows") of $(wc -l <"$TEST_DIR/expected.rows") rows missing:"
		head -6 "$TEST_DIR/missing.rows" | cut -c1-400 | diag
	}
}
