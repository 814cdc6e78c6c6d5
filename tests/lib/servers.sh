# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Real PostgreSQL and MariaDB servers for tests, about a second each.  Sourced after
# functions.sh.  The whole test is skipped where a server's programs are missing.
#
#	postgres_start FOLDER [LINE-OF-CONF...]
#	pg "SELECT 1"			as superuser over the socket, in PG_DATABASE
#	postgres_stop [fast|immediate|kill]
#	postgres_restart [fast|immediate|kill]	the same data and port
#
#	mariadb_start [--no-tls] FOLDER [LINE-OF-CNF...]
#	my "SELECT 1"			as root over the socket, in MY_DATABASE
#	mariadb_stop [fast|kill]
#	mariadb_restart [fast|kill]
#
# Each listens on 127.0.0.1 at a free port and on a socket.  FOLDER gets the log and
# the authority's certificate; the data is in a folder of its own, short and in memory,
# since the servers do not run as root and paths of sockets must be short.  They end with
# the test, also when that is killed.

SERVER_USER=nobody
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE \
	PGSYSCONFDIR PGSSLMODE PGSSLROOTCERT PGSSLCERT PGSSLKEY PGOPTIONS PGTZ PGCLIENTENCODING \
	PGAPPNAME PGCONNECT_TIMEOUT PGDATA MYSQL_HOST MYSQL_TCP_PORT MYSQL_UNIX_PORT MYSQL_PWD \
	MYSQL_HOME MYSQL_TEST_LOGIN_FILE

# --- what both share -----------------------------------------------------------

# server_as COMMAND...: as a user without privileges where this one is root.
server_as() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid="$SERVER_USER" --regid="$(id -g "$SERVER_USER")" --clear-groups "$@"
	else
		"$@"
	fi
}

# server_exec SIGNAL COMMAND...: becomes the command, which gets the signal when this
# shell dies.
server_exec() {
	local signal=$1 as=()
	shift
	[ "$(id -u)" != 0 ] || as=(--reuid="$SERVER_USER" --regid="$(id -g "$SERVER_USER")" --clear-groups)
	# After the change of user, which clears it: two calls.
	cd / && exec setpriv "${as[@]}" setpriv --pdeathsig "$signal" "$@"
}

# server_program NAME FOLDER...: prints its path, of the newest version.
server_program() {
	local name=$1 found
	shift
	found=$(for folder in "$@"; do
		[ ! -x "$folder/$name" ] || echo "$folder/$name"
	done | sort -V | tail -n 1)
	[ -n "$found" ] || found=$(command -v "$name") || return 1
	echo "$found"
}

# server_disk: in memory where there is plenty, since making a database waits for the
# disk hundreds of times.
server_disk() {
	if [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 1000000 ]; then
		echo /dev/shm
	else
		echo /tmp
	fi
}

# server_leftovers: folders of tests that were killed.
server_leftovers() {
	local folder pid
	for folder in "$(server_disk)"/ds-[mp][yg].*.*; do
		pid=${folder#*.}
		kill -0 "${pid%.*}" 2>/dev/null || rm -rf "$folder"
	done
}

# server_folder LETTERS FOLDER: prints a folder for data and socket, with server.pem
# and server.key in it; the authority is FOLDER/ca.pem.
server_folder() {
	local own
	server_leftovers
	[ -d "$TEST_DIR/certs" ] || make_certs "$TEST_DIR/certs" || return 1
	mkdir -p "$2" && cp "$TEST_DIR/certs/ca.pem" "$2/ca.pem" &&
		own=$(mktemp -d "$(server_disk)/ds-$1.$$.XXXXXX") &&
		cp "$TEST_DIR/certs/server.pem" "$TEST_DIR/certs/server.key" "$own" &&
		chmod 600 "$own/server.key" || return 1
	[ "$(id -u)" != 0 ] || chown -R "$SERVER_USER" "$own" || return 1
	echo "$own"
}

# free_port: prints one below those that the kernel gives to clients.
free_port() {
	local port
	while :; do
		port=$((10240 + (RANDOM << 2 ^ $$ ^ RANDOM) % 20000))
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# server_wait PID COMMAND...: until the command succeeds; fails when the process ends.
server_wait() {
	local pid=$1
	shift
	wait_until 60 server_settled "$pid" "$@" && "$@" >/dev/null 2>&1
}

server_settled() {
	local pid=$1
	shift
	"$@" || ! kill -0 "$pid"
}

# server_failed NAME LOG: tells why.
server_failed() {
	diag "$1 does not start:"
	tail -n 20 "$2" | diag
	return 1
}

# --- PostgreSQL ----------------------------------------------------------------

PG_PID=
PG_DATABASE=postgres
PG_PASSWORD=the-super-password
pg_own=

# postgres_start FOLDER [LINE-OF-CONF...]: sets PG_PID, PG_PORT, PG_SOCKET (a folder),
# PG_CA, PG_PASSWORD (of the superuser "postgres"), PG_LOG, PG_DATA and PG_BIN.  Passwords
# are asked for over the socket, too; TLS is offered and not demanded, see pg_hba.conf
# in PG_DATA and `pg "SELECT pg_reload_conf()"`.
postgres_start() {
	local folder=$1 try
	shift
	needs setpriv openssl psql
	PG_BIN=$(server_program postgres /usr/lib/postgresql/*/bin /usr/pgsql-*/bin) ||
		skip_all "the server of PostgreSQL is not installed"
	PG_BIN=$(dirname "$PG_BIN")
	pg_own=$(server_folder pg "$folder") || return 1
	at_exit postgres_clean_up "$pg_own"
	PG_SOCKET=$pg_own
	PG_DATA=$pg_own/data
	PG_CA=$folder/ca.pem
	PG_LOG=$folder/postgres.log
	postgres_make "$@" >"$PG_LOG" 2>&1 || server_failed PostgreSQL "$PG_LOG" || return 1
	for try in 1 2 3 4 5; do
		PG_PORT=$(free_port)
		postgres_launch && return 0
		grep -q 'Address already in use' "$PG_LOG" && [ "$try" != 5 ] || break
	done
	server_failed PostgreSQL "$PG_LOG"
}

# postgres_make [LINE-OF-CONF...]: the cluster.
postgres_make() {
	echo "$PG_PASSWORD" >"$pg_own/password" && chmod 644 "$pg_own/password" &&
		(cd / && server_as "$PG_BIN/initdb" -D "$PG_DATA" -U postgres --no-sync --no-instructions \
			--encoding=UTF8 --locale=C --auth=scram-sha-256 --pwfile="$pg_own/password") &&
		cat >>"$PG_DATA/postgresql.conf" <<-END &&
			listen_addresses = '127.0.0.1'
			unix_socket_directories = '$PG_SOCKET'
			ssl = on
			ssl_cert_file = '$pg_own/server.pem'
			ssl_key_file = '$pg_own/server.key'
			fsync = off
			full_page_writes = off
			shared_buffers = 16MB
			max_connections = 40
			autovacuum = off
			jit = off
			$(printf '%s\n' "$@")
		END
		cat >"$PG_DATA/pg_hba.conf" <<-END
			local all all scram-sha-256
			host all all 127.0.0.1/32 scram-sha-256
		END
}

postgres_launch() {
	(server_exec QUIT "$PG_BIN/postgres" -D "$PG_DATA" -p "$PG_PORT") </dev/null >>"$PG_LOG" 2>&1 &
	PG_PID=$!
	server_wait "$PG_PID" postgres_is_ready
}

# postgres_is_ready: by its own file, not by one that a killed server left.
postgres_is_ready() {
	[ "$(sed -n '1p;$p' "$PG_DATA/postmaster.pid" | tr -d ' \n')" = "${PG_PID}ready" ]
}

# pg SQL [OPTION-OF-PSQL...]: prints the values separated by "|"; fails at the first error.
pg() {
	local sql=$1
	shift
	PGPASSWORD=$PG_PASSWORD psql -qAtX -v ON_ERROR_STOP=1 -h "$PG_SOCKET" -p "$PG_PORT" \
		-U postgres -d "$PG_DATABASE" "$@" -f - <<<"$sql"
}

# postgres_stop [fast|immediate|kill]: sessions are cut off in any case.  "kill" leaves
# its processes to find out for themselves.
postgres_stop() {
	local pid=$PG_PID
	[ -n "$pid" ] || return 0
	PG_PID=
	case ${1:-immediate} in
	fast) stop_process "$pid" INT ;;
	kill) stop_process "$pid" KILL ;;
	*) stop_process "$pid" QUIT ;;
	esac
	return 0
}

postgres_restart() {
	local i
	postgres_stop "$@"
	# After a kill the shared memory may be in use for a moment.
	for i in 1 2 3 4 5 6 7 8 9 10; do
		postgres_launch && return 0
		sleep 0.$i
	done
	server_failed PostgreSQL "$PG_LOG"
}

postgres_clean_up() {
	postgres_stop
	rm -rf "$1"
}

# --- MariaDB -------------------------------------------------------------------

MY_PID=
MY_DATABASE=
my_own=

# mariadb_start [--no-tls] FOLDER [LINE-OF-CNF...]: sets MY_PID, MY_PORT, MY_SOCKET (a
# file), MY_CA, MY_LOG and MY_DATA.  "root" has no password and exists for the socket
# only.
mariadb_start() {
	local tls=1 folder try
	[ "$1" != --no-tls ] || { tls=0 && shift; }
	folder=$1
	shift
	needs setpriv openssl mariadb mariadb-install-db
	MY_SERVER=$(server_program mariadbd /usr/sbin /usr/libexec) ||
		skip_all "the server of MariaDB is not installed"
	my_own=$(server_folder my "$folder") || return 1
	at_exit mariadb_clean_up "$my_own"
	MY_SOCKET=$my_own/socket
	MY_DATA=$my_own/data
	MY_CA=$folder/ca.pem
	MY_LOG=$folder/mariadb.log
	mariadb_make "$tls" "$@" >"$MY_LOG" 2>&1 || server_failed MariaDB "$MY_LOG" || return 1
	for try in 1 2 3 4 5; do
		MY_PORT=$(free_port)
		mariadb_launch && break
		grep -q 'Address already in use' "$MY_LOG" && [ "$try" != 5 ] ||
			server_failed MariaDB "$MY_LOG" || return 1
	done
	my "DELETE FROM mysql.global_priv WHERE User = '' OR User = 'root' AND Host <> 'localhost';
		FLUSH PRIVILEGES"
}

# mariadb_make TLS [LINE-OF-CNF...]: my.cnf and the system's tables.
mariadb_make() {
	local tls=$1
	shift
	{
		cat <<-END
			[mariadbd]
			datadir = $MY_DATA
			socket = $MY_SOCKET
			pid-file = $my_own/pid
			bind-address = 127.0.0.1
			tmpdir = $my_own
			character-set-server = utf8mb4
			skip-log-bin
			max_connections = 40
			innodb_buffer_pool_size = 32M
			innodb_log_file_size = 8M
			innodb_flush_log_at_trx_commit = 2
			innodb_flush_method = nosync
			sync_frm = 0
			aria_sync_log_dir = NEVER
			innodb_use_native_aio = 0
		END
		if [ "$tls" = 1 ]; then
			printf '%s\n' "ssl-ca = $my_own/ca.pem" "ssl-cert = $my_own/server.pem" \
				"ssl-key = $my_own/server.key"
		else
			echo 'ssl = 0'
		fi
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$my_own/my.cnf"
	cp "$MY_CA" "$my_own/ca.pem" && chmod 644 "$my_own/ca.pem" "$my_own/my.cnf" &&
		(cd / && server_as mariadb-install-db --defaults-file="$my_own/my.cnf" --skip-test-db \
			--auth-root-authentication-method=normal)
}

mariadb_launch() {
	(server_exec KILL "$MY_SERVER" --defaults-file="$my_own/my.cnf" --port="$MY_PORT") \
		</dev/null >>"$MY_LOG" 2>&1 &
	MY_PID=$!
	server_wait "$MY_PID" mariadb_answers
}

mariadb_answers() {
	[ -S "$MY_SOCKET" ] && MY_DATABASE='' my 'DO 0'
}

# my SQL [OPTION-OF-MARIADB...]: prints the values as they are, separated by tabs; fails
# at the first error.
my() {
	local sql=$1
	shift
	mariadb --no-defaults --batch --raw --skip-column-names --default-character-set=utf8mb4 \
		-S "$MY_SOCKET" -u root "$@" ${MY_DATABASE:+"$MY_DATABASE"} <<<"$sql"
}

# mariadb_stop [fast|kill]
mariadb_stop() {
	local pid=$MY_PID
	[ -n "$pid" ] || return 0
	MY_PID=
	case ${1:-kill} in
	fast) stop_process "$pid" TERM ;;
	*) stop_process "$pid" KILL ;;
	esac
	return 0
}

mariadb_restart() {
	mariadb_stop "$@"
	# What a killed server left would look like the new one.
	rm -f "$MY_SOCKET"
	mariadb_launch || server_failed MariaDB "$MY_LOG"
}

mariadb_clean_up() {
	mariadb_stop
	rm -rf "$1"
}
