#!/usr/bin/env bash
# Runs all tests on all backends.
#
#   tests/run.sh [ARGUMENTS OF CARGO TEST…]     e.g. tests/run.sh cascade -- --nocapture
#   tests/run.sh --apps [ARGUMENTS…]            also what the app templates have beside `cargo test`: see tests/apps.sh
#   tests/run.sh -- COMMAND…                    runs any command beside the servers, e.g. cargo bench
#
# PostgreSQL, MariaDB and MySQL come from throw-away servers (installed with apt-get where missing; MySQL is unpacked into a
# cache of the project's), or from POSTGRES_URL, MYSQL_URL and MYSQL8_URL where these are set. The exit status is that of the
# command.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tests/servers.sh
source tests/servers.sh

apps=
if [[ ${1:-} == --apps ]]; then
    apps=1
    shift
fi
if [[ ${1:-} == -- ]]; then
    shift
    (($#)) || fail "no command after --"
    command=("$@")
else
    command=(cargo test --workspace --all-features "$@")
fi

command_pid=

stop_all() {
    trap '' INT TERM # A second Ctrl-C must not leave a server behind.
    [[ -z $command_pid ]] || stop_tree "$command_pid"
    stop_servers
}

# Cargo doesn't pass a signal on to the tests that it runs.
stop_tree() {
    local child children
    children=$(cat /proc/"$1"/task/*/children 2>/dev/null || true)
    kill -TERM "$1" 2>/dev/null || true
    for child in $children; do
        stop_tree "$child"
    done
}

trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

start_servers
# With it, a test whose backend is missing fails instead of being left out.
export SOFT_DELETE_REQUIRE_BACKENDS=1
# Most of a test is waiting for a server or a lock, so that two processors have time for four at once.
processors=$(nproc)
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((processors > 4 ? processors : 4))}

# In the background, because bash runs a trap only when the foreground command has ended. Bash lets background
# commands ignore Ctrl-C and read nothing; these two are undone.
(
    trap - INT
    [[ -n $apps ]] || exec "${command[@]}"
    "${command[@]}"
    exec tests/apps.sh
) <&0 &
command_pid=$!
status=0
wait "$command_pid" || status=$?
command_pid=
exit "$status"
