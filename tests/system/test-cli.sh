#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The command line: help, mistakes and their exit codes, JSON of status, state and
# dlq, plugins, runs without a configuration file.

. "$(dirname "$0")/../lib/functions.sh"
needs jq sqlite3

store=$TEST_DIR/store/defsync.db
shop=$TEST_DIR/shop.db

# fails STATUS REGEX NAME ARGUMENT...: the exit code, one line on stderr, no output.
fails() {
	local status=$1 regex=$2 name=$3
	shift 3
	is "$(exit_status defsync "$@")" "$status" "$name: exit code $status"
	like "$(cat "$TEST_DIR/err")" "^defsync: $regex" "$name: what is said"
	is "$(grep -c . "$TEST_DIR/err") $(wc -c <"$TEST_DIR/out")" '1 0' "$name: one line, on stderr"
}

# json FILTER: true of the JSON in TEST_DIR/out.
json() {
	jq -e "$1" "$TEST_DIR/out"
}

# same_keys FILTER NAME...: the object there has these names and no others.
same_keys() {
	local filter=$1
	shift
	is "$(jq -r "$filter | keys[]" "$TEST_DIR/out" | sort)" "$(printf '%s\n' "$@" | sort)" \
		"names of $filter"
}

# --- help ---

overview=$(defsync --help)
is "$?" 0 '--help succeeds'
is "$(defsync help)" "$overview" 'help is the same'
is "$(defsync -h --verbose)" "$overview" '-h is the same'

commands=$(sed -nE '/^Commands:/,/^$/s/^  ([a-z ]+[a-z])  .*/\1/p' <<<"$overview")
is "$(wc -l <<<"$commands")" 20 'number of commands'
while read -r command; do
	# shellcheck disable=SC2206 # two words are two arguments
	words=($command)
	help=$(defsync help "${words[@]}")
	is "$(exit_status defsync "${words[@]}" --help)" 0 "$command --help succeeds"
	is "$(cat "$TEST_DIR/out")$(cat "$TEST_DIR/err")" "$help" "$command --help is help $command"
	like "$help" "^Usage: defsync $command" "help $command says how it is used"
	# Each option that the help names is one, with a value when it says so.
	bad=
	while read -r option value; do
		case $option in
		--log-format) value='=text' ;;
		*) value=${value:+=x} ;;
		esac
		defsync "${words[@]}" "$option$value" --help >/dev/null 2>&1 || bad+=" $option"
	done < <(sed -nE 's/^  (-., |    )(--[a-z-]+) ?([^ ]*).*/\2 \3/p' <<<"$help")
	is "$bad" '' "$command takes the options of its help"
done <<<"$commands"

for group in state dlq; do
	is "$(defsync $group --help)" "$(defsync help $group)" "$group --help is help $group"
done
like "$(defsync help config)" 'batch_rows' 'help config names keys'
is "$(defsync --version)" "$(defsync version)" '--version is version'
like "$(defsync version)" '^defsync [0-9]+\.[0-9]+\.[0-9]+$' 'version is one line'
like "$(defsync version --verbose)" 'plugin interface 1\.' 'version --verbose says more'

# --- mistakes ---

fails 2 'command missing' 'no command'
fails 2 "unknown command: 'runn'; did you mean 'run'" 'a misspelt command' runn
fails 2 "unknown command: 'zzzzzz'; see" 'an unknown command' zzzzzz
fails 2 "unknown command: 'state shwo'; did you mean 'show'" 'a misspelt second word' state shwo
fails 2 "command missing behind 'dlq'" 'half a command' dlq
fails 2 "unknown command: 'bogus'" 'help of no command' help bogus
fails 2 "run: unknown option: '--tabel'; did you mean '--table'" 'a misspelt option' run --tabel x
fails 2 "unknown option: '--confg'; did you mean '--config'" 'before the command' --confg x run
fails 2 "run: value missing: '--table'" 'an option without its value' run --table
fails 2 "run: option takes no value: '--dry-run'" 'a flag with a value' run --dry-run=1
fails 2 "run: argument too many: 'x'" 'one word too many' run x
fails 2 'state set: argument missing' 'one word too few' state set orders
fails 2 "run: --limit: not a number from 1 up: '0'" 'a number out of range' run --limit 0
fails 2 'run: --dry-run and --stdout' 'two sinks' run --dry-run --stdout
fails 2 "--log-format: not text or json: 'xml'" 'a form of log there is none' --log-format xml version
fails 2 'one --source PLUGIN' '--set alone' run --set a=b
fails 2 '--set and --config' '--set with a file' run --config x --set a=b
fails 3 'no configuration' 'no configuration' run
is "$(exit_status defsync run --config "$TEST_DIR/nowhere.yaml")" 3 \
	'a configuration that is not there'
like "$(cat "$TEST_DIR/err")" 'nowhere\.yaml' 'a configuration that is not there: what is said'
fails 9 'store: .*no store' 'no store' status --store "$store"
fails 9 'store: .*no store' 'no store to change' state reset --all --store "$store"
not_ok 'no store was made by that' test -e "$store"

is "$(exit_status defsync --log-format json run --bogus)" 2 'mistakes as JSON: exit code'
is "$(jq -r '.level + " " + .code' "$TEST_DIR/err")" 'error usage' 'mistakes as JSON'
if [ -e /dev/full ]; then
	is "$(defsync version 2>"$TEST_DIR/err" >/dev/full; echo $?)" 1 'no room for the output'
	like "$(cat "$TEST_DIR/err")" 'cannot write the output' 'no room for the output: what is said'
fi

# --- a run without a configuration file ---

sample_shop "$shop" 20
sqlite3 "$shop" "UPDATE customers SET notes = CAST(x'ff41' AS TEXT) WHERE id = 7"
receiver_start || exit 1
export DEFINITE_API_KEY=$RECEIVER_KEY
adhoc=(--source sqlite --set "database=$shop" --api-url "$RECEIVER_URL"
	--table orders:bronze.orders:updated_at:id
	--table customers:bronze.customers:updated_at:id)

is "$(exit_status defsync run "${adhoc[@]}" --store "$store" --report "$TEST_DIR/report.json")" 7 \
	'a run with a bad row'
like "$(cat "$TEST_DIR/out")" 'sqlite\.orders +40 +40 +0 +0 ' 'its table of results'
like "$(tail -1 "$TEST_DIR/err")" '^defsync: run: warning: 1 row went to the dead letters; .*defsync dlq list$' \
	'and what to do, last on stderr'
is "$(jq -c '[.exit_code, (.tables[] | [.table, .status, .rows_read, .rows_pushed,
	.rows_dead_lettered])]' "$TEST_DIR/report.json")" \
	'[7,["orders","done",40,40,0],["customers","done",20,19,1]]' 'its report'
is "$(stat -c %a "$TEST_DIR/report.json")" 600 'the report is private'
is "$(exit_status defsync run "${adhoc[@]}" --store "$store" --json)" 0 'a run with --json'
same_keys . run_id started_at duration_ms exit_code error tables
same_keys '.tables[0]' source table target status rows_read rows_pushed rows_filtered \
	rows_dead_lettered rows_repeated requests retries bytes duration_ms checkpoint ceiling error \
	phase notes drift
ok 'the books balance' json '[.tables[] | .rows_read == .rows_pushed + .rows_filtered +
	.rows_dead_lettered + .rows_repeated] | all'
is "$(exit_status defsync -q run "${adhoc[@]}" --store "$store")" 0 'a quiet run'
is "$(cat "$TEST_DIR/out" "$TEST_DIR/err")" '' 'says nothing'
is "$(exit_status defsync -q run "${adhoc[@]}" --store "$TEST_DIR/quiet.db")" 7 \
	'a quiet run with a bad row'
is "$(cat "$TEST_DIR/out")" '' 'prints nothing'
is "$(wc -l <"$TEST_DIR/err")" 1 'and one line on stderr'
like "$(cat "$TEST_DIR/err")" '1 row went to the dead letters' 'which says so'
is "$(exit_status defsync run "${adhoc[@]}" --dry-run)" 7 'a dry run with a bad row'
like "$(tail -1 "$TEST_DIR/err")" '1 row cannot be sent; a run would keep' 'says what a run would do'

is "$(exit_status defsync run "${adhoc[@]}" --store "$store" --full-refresh --limit 3 --stdout)" 10 \
	'a run to stdout with a limit'
is "$(jq -s length "$TEST_DIR/out")" 6 'prints so many rows'
like "$(cat "$TEST_DIR/err")" 'TABLE +READ' 'and the summary on stderr'

# A run that ends before it begins is reported, too.
is "$(DEFINITE_API_KEY='' exit_status defsync run "${adhoc[@]}" --store "$store" \
	--report "$TEST_DIR/report.json")" 3 'a run without a key'
is "$(jq -c '[.exit_code, .tables]' "$TEST_DIR/report.json")" '[3,[]]' 'its report'

# --- check ---

is "$(exit_status defsync check "${adhoc[@]}")" 0 'check'
is "$(cut -c1-5 "$TEST_DIR/out" | sort -u)" 'ok   ' 'all is well'
like "$(cat "$TEST_DIR/out")" 'api: reachable .*, the key was not refused' 'the API'
is "$(DEFINITE_API_KEY=wrong-key exit_status defsync check "${adhoc[@]}" --json)" 5 \
	'check with a wrong key'
ok 'is an error of the API' json '.exit_code == 5 and
	([.items[] | select(.level == "error") | .where] == ["api"])'
unlike "$(cat "$TEST_DIR/out" "$TEST_DIR/err")" wrong-key 'the key is not shown'
is "$(exit_status defsync check "${adhoc[@]}" --api-url http://127.0.0.1:1/)" 6 \
	'check of an API that is not there'
is "$(exit_status defsync check "${adhoc[@]}" --api-url http://127.0.0.1:1/ --no-network)" 0 \
	'check --no-network'
is "$(exit_status defsync check "${adhoc[@]/updated_at/nowhere}")" 4 'check of a missing column'
is "$(exit_status defsync check "${adhoc[@]/$shop/$TEST_DIR/none.db}")" 4 \
	'check of a missing database'
is "$(exit_status defsync check "${adhoc[@]}" --set bogus=1)" 3 'check of an unknown option'
like "$(cat "$TEST_DIR/out")" 'error +configuration: .*bogus' 'an unknown option: what is said'

# --- status and state ---

is "$(exit_status defsync status --json --store "$store")" 0 'status --json'
state_keys=(source table target phase checkpoint updated_at)
same_keys . tables
same_keys '.tables[0]' "${state_keys[@]}" lag_seconds dead_letters drift last_run
ok 'values of status' json '[.tables[] | [.table, .dead_letters, .last_run.status]] ==
	[["customers", 1, "done"], ["orders", 0, "done"]]'
ok 'the lag is small' json '[.tables[].lag_seconds | . >= 0 and . < 120] | all'
like "$(defsync status --store "$store")" 'sqlite +orders +bronze.orders +incremental +done' 'status'

is "$(exit_status defsync state show --json --store "$store")" 0 'state show --json'
same_keys . tables
same_keys '.tables[1]' "${state_keys[@]}"
before=$(jq -c '[.tables[] | [.source, .table, .target, .phase, .checkpoint]]' "$TEST_DIR/out")
for name in orders bronze.orders sqlite.orders; do
	is "$(defsync state show "$name" --json --store "$store" | jq -r '.tables[].table')" orders \
		"state show $name"
done
fails 2 "no such table in the store: 'bogus'; there are: sqlite.customers, sqlite.orders" \
	'a table that is not there' state show bogus --store "$store"

ok 'state export' defsync state export "$TEST_DIR/state.json" --store "$store"
is "$(stat -c %a "$TEST_DIR/state.json")" 600 'the export is private'
is "$(defsync state export --store "$store" | jq -c 'del(.exported_at)')" \
	"$(jq -c 'del(.exported_at)' "$TEST_DIR/state.json")" 'an export to stdout is the same'
ok 'state reset --all' defsync state reset --all --store "$store"
is "$(defsync state show --json --store "$store" | jq -c '[.tables[].checkpoint]')" '[null,null]' \
	'nothing is left of the checkpoints'

# state_now: as in `before`.
state_now() {
	defsync state show --json --store "$store" |
		jq -c '[.tables[] | [.source, .table, .target, .phase, .checkpoint]]'
}
ok 'state import' defsync state import "$TEST_DIR/state.json" --store "$store"
is "$(state_now)" "$before" 'all is back'
defsync state reset sqlite.orders --store "$store" 2>/dev/null
isnt "$(state_now)" "$before" 'one table is reset'
defsync state import - --store "$store" <"$TEST_DIR/state.json" 2>/dev/null
is "$(state_now)" "$before" 'all is back, from stdin'
ok 'an import makes a store' defsync state import "$TEST_DIR/state.json" \
	--store "$TEST_DIR/other.db"

ok 'state set' defsync state set orders some-checkpoint --phase load --store "$store"
is "$(defsync state show orders --json --store "$store" | jq -c '.tables[] | [.phase, .checkpoint]')" \
	'["load","some-checkpoint"]' 'it is set'
fails 2 'checkpoint is not printable' 'a checkpoint that cannot be one' \
	state set orders $'a\tb' --store "$store"
fails 2 'state reset: give one of' 'a reset of nothing' state reset --store "$store"

echo '{"format":"defsync-state","version":2,"tables":[]}' >"$TEST_DIR/bad.json"
fails 2 'not a file of state export' 'an import of a newer version' \
	state import "$TEST_DIR/bad.json" --store "$store"
echo '{"format":"defsync-state","version":1,"tables":[{"source":"s","table":"t","target":"u",
	"checkpoint":"c"},{"source":"s"}]}' >"$TEST_DIR/bad.json"
fails 2 'entry 2 of tables' 'an import of half an entry' \
	state import "$TEST_DIR/bad.json" --store "$store"
is "$(defsync state show --json --store "$store" | jq '.tables | length')" 2 \
	'nothing of it was imported'
echo '{' >"$TEST_DIR/bad.json"
fails 2 '.*not JSON' 'an import of something else' state import "$TEST_DIR/bad.json" --store "$store"

# --- the ledger ---

is "$(exit_status defsync state batches --json --store "$store")" 0 'state batches --json'
same_keys . batches
ok 'a list' json '.batches | type == "array"'
like "$(defsync state batches --store "$store")" '^AT +TABLE +TARGET +RUN +ROWS +BYTES +FIRST +LAST +REQUEST' \
	'state batches'
sqlite3 "$store" "
	WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)
	INSERT INTO ledger (at_us, run_no, table_id, key_first, key_last, request_id, rows, bytes)
	SELECT 1704067200000000 + i, 900 + i, (SELECT id FROM tables WHERE tbl = iif(i % 2, 'orders', 'customers')),
		'{\"id\":' || i || '}', '', iif(i = 700, 'req-7', ''), i, 10 * i FROM n;"
is "$(exit_status defsync state batches --json --store "$store")" 0 'a ledger with lines'
same_keys '.batches[0]' at source table target run_no rows bytes key_first key_last request_id
is "$(jq -c '[.batches[] | .rows] == [range(700; 680; -1)]' "$TEST_DIR/out")" true 'the newest 20, in order'
is "$(jq -c '.batches[0] | del(.at)' "$TEST_DIR/out")" \
	'{"source":"sqlite","table":"customers","target":"bronze.customers","run_no":1600,"rows":700,"bytes":7000,"key_first":"{\"id\":700}","key_last":null,"request_id":"req-7"}' \
	'the first of them'
is "$(jq -r '.batches[0].at' "$TEST_DIR/out")" 2024-01-01T00:00:00.000700Z 'its time'
is "$(defsync state batches --json -n 2 --table bronze.orders --source sqlite --store "$store" |
	jq -c '[.batches[] | [.table, .rows]]')" '[["orders",699],["orders",697]]' '-n, --table, --source'
is "$(defsync state batches --json --source other --store "$store" | jq -c .)" '{"batches":[]}' 'of no source'
is "$(defsync state batches -n 700 --store "$store" | grep -c '^AT ')" 2 'many lines, in stretches'
is "$(defsync state batches -n 700 --store "$store" | grep -c '^2024-')" 700 'and all of them'
like "$(defsync state batches -n 1 --store "$store")" \
	'2024-[^ ]+ +sqlite\.customers +bronze\.customers +1600 +700 +7000 +\{"id":700\} +- +req-7$' 'as text'
fails 2 "no such table in the store: 'nothing'" 'state batches of another table' \
	state batches --table nothing --store "$store"
fails 2 "--limit: .*'0'" 'no batches at all' state batches -n 0 --store "$store"

# --- the store of a configuration that lacks a variable ---

cat >"$TEST_DIR/defsync.yaml" <<-EOC
	store: { path: $store }
	sources:
	  shop: { plugin: sqlite, database: "\${NOT_SET_HERE}", tables: [ { from: a, to: b } ] }
EOC
ok 'status needs no variable' defsync --config "$TEST_DIR/defsync.yaml" status
is "$(DEFSYNC_CONFIG=$TEST_DIR/defsync.yaml exit_status defsync run)" 3 'a run does'
# shellcheck disable=SC2016 # a variable of the configuration
sed -i 's/path: .*}/path: "${NOT_SET_HERE}" }/' "$TEST_DIR/defsync.yaml"
is "$(exit_status defsync --config "$TEST_DIR/defsync.yaml" status)" 3 \
	'status does not guess which store is meant'

# --- dead letters ---

is "$(exit_status defsync dlq list --json --store "$store")" 0 'dlq list --json'
same_keys . dead_letters
same_keys '.dead_letters[0]' id source table target mode key position reason status message \
	first_seen attempts
ok 'values of dlq list' json '.dead_letters | length == 1 and (.[0] |
	[.source, .table, .target, .mode, .reason, .status] ==
	["sqlite", "customers", "bronze.customers", "append", "bad_utf8", null])'
id=$(jq .dead_letters[0].id "$TEST_DIR/out")
like "$(defsync dlq list --store "$store")" 'sqlite\.customers +bronze\.customers .*bad_utf8' 'dlq list'

# letters FILTER...: how many the filter lets through.
letters() {
	defsync dlq list --json --store "$store" "$@" | jq '.dead_letters | length'
}
is "$(letters --table customers) $(letters --table bronze.orders)" '1 0' '--table'
is "$(letters --source sqlite) $(letters --source other)" '1 0' '--source'
is "$(letters --reason bad_utf8) $(letters --reason rejected)" '1 0' '--reason'
is "$(letters --id "$id") $(letters --id 999999)" '1 0' '--id'
is "$(letters --before 0s) $(letters --before 1h)" '1 0' '--before'
fails 2 "--reason: no such reason: 'bad_utf'; did you mean 'bad_utf8'" 'a misspelt reason' \
	dlq list --reason bad_utf --store "$store"

is "$(exit_status defsync dlq show "$id" --json --store "$store")" 0 'dlq show --json'
ok 'shows the row' json '.payload.id == 7'
like "$(defsync dlq show "$id" --store "$store")" 'reason +bad_utf8' 'dlq show'
fails 2 "no dead letter has the id: '999999'" 'dlq show of another' dlq show 999999 --store "$store"

if [ -e /dev/full ]; then
	is "$(defsync dlq show "$id" --json --store "$store" 2>"$TEST_DIR/err" >/dev/full; echo $?)" 1 \
		'dlq show without room for it'
	is "$(defsync dlq list --json --store "$store" 2>"$TEST_DIR/err" >/dev/full; echo $?)" 1 \
		'dlq list without room for it'
fi

fails 2 'dlq purge: that would be all' 'dlq purge needs a filter' dlq purge --store "$store"
ok 'dlq purge of others' defsync dlq purge --reason rejected --store "$store"
is "$(letters)" 1 'leaves this one'
ok 'dlq purge --yes' defsync dlq purge --yes --store "$store"
is "$(letters)" 0 'leaves none'

# --- plugins ---

like "$(defsync plugins)" 'sqlite +source +[0-9.]+ ' 'plugins lists sqlite'
is "$(defsync plugins --json | jq -c '[.plugins[] | select(.name == "sqlite") | [.kind, .error]]')" \
	'[["source",null]]' 'plugins --json'
like "$(defsync plugins sqlite)" 'database +.*required' 'plugins sqlite shows its options'
is "$(exit_status defsync plugins sqlite --json)" 0 'plugins sqlite --json'
same_keys . name kind version summary home path interface capabilities callbacks options \
	table_options
ok 'its option' json '.options[] | select(.name == "database") | .required'
fails 3 "source plugin not found: 'bogus'; searched: " 'a plugin that is not there' plugins bogus

done_testing
