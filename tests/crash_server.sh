#!/usr/bin/env bash
# A throw-away server that can be killed, for tests/concurrency/killed_server.rs.
#
#   tests/crash_server.sh postgres|mariadb
#
# It reads commands, a line each, and answers each with a line:
#
#   start    starts the server, on the data it had      -> its URL
#   crash    kills it, all its processes, with SIGKILL  -> crashed
#
# At the end of its input it stops the server and removes the data. The exit status is 77 if the server's programs are
# not installed. Unlike those of tests/servers.sh, the server writes its log to disk before it says that it has committed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tests/servers.sh
source tests/servers.sh

kind=$1
server=
port=

main() {
    case $kind in
        postgres) [[ -n $(postgres_bin) ]] || exit 77 ;;
        mariadb) [[ -n $(mariadb_bin mariadbd) ]] || exit 77 ;;
    esac
    trap stop_servers EXIT
    trap 'exit 143' INT TERM HUP

    servers_dir=$(mktemp -d /tmp/soft-delete-tests.XXXXXX)
    chmod 711 "$servers_dir"
    "prepare_$kind"
    wait_for_all
    port=$(free_port)

    local command
    while read -r command; do
        case $command in
            start) "start_durable_$kind" ;;
            crash) crash ;;
            *) fail "unknown command: $command" ;;
        esac
    done
}

start_durable_postgres() {
    local dir=$servers_dir/postgres
    spawn postgres "$dir/log" "$(postgres_bin)/postgres" -D "$dir/data" -p "$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=on -c synchronous_commit=on
    server=${servers_pids[-1]}
    wait_until_ready "$server" "$dir/log" "$(postgres_bin)/pg_isready" --quiet --host=127.0.0.1 --port="$port"
    postgres_pid=$server
    echo "postgres://soft_delete:$servers_password@127.0.0.1:$port/postgres"
}

start_durable_mariadb() {
    local dir=$servers_dir/mariadb init=()
    # It creates what is there already after a crash.
    [[ -n $server ]] || init=(--init-file="$dir/init.sql")
    spawn mysql "$dir/log" "$(mariadb_bin mariadbd)" --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" "${init[@]}" \
        --bind-address=127.0.0.1 --port="$port" --socket="$dir/socket" --pid-file="$dir/pid" --skip-name-resolve \
        --skip-log-bin --innodb-buffer-pool-size=32M --innodb-flush-log-at-trx-commit=1
    server=${servers_pids[-1]}
    wait_until_ready "$server" "$dir/log" mariadb_answers "$port"
    echo "mysql://soft_delete:$servers_password@127.0.0.1:$port/soft_delete"
}

# PostgreSQL's processes would notice that their parent is gone, and end in an orderly way: it is stopped first.
crash() {
    local children
    kill -STOP "$server"
    children=$(cat /proc/"$server"/task/*/children)
    # shellcheck disable=SC2086
    kill -KILL "$server" $children
    wait "$server" 2>/dev/null || true
    # shellcheck disable=SC2086
    wait_until_gone $children
    servers_pids=()
    echo crashed
}

wait_until_gone() {
    local pid
    for pid; do
        # A zombie has no program.
        while [[ -e /proc/$pid/exe ]]; do sleep 0.01; done
    done
}

main
