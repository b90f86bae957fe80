#!/usr/bin/env bash
# Tests the front end against the real API, in a real browser.
#
#   ./test.sh [ARGUMENTS OF PLAYWRIGHT…]        e.g. ./test.sh conflict --headed
#
# It installs what it needs, builds the API and the front end, starts both on free ports of the loopback interface with a
# throw-away database, and stops what it has started. The exit status is that of the first check that failed.
#
#   AXUM_API=/path/to/axum-api     this binary instead of one that Cargo builds
#   SKIP_INSTALL=1, SKIP_BUILD=1   what is there already is good enough
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
export NEXT_TELEMETRY_DISABLED=1

work=$(mktemp -d)
api_pid=
front_pid=
lost_pid=
tests_pid=

# shellcheck disable=SC2329 # A trap calls it.
stop_all() {
    trap '' INT TERM # A second Ctrl-C must not leave a server behind.
    for pid in $tests_pid $lost_pid $front_pid $api_pid; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}

trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "test.sh: $1" >&2
    exit 1
}

# await PID LOG COMMAND…: until the command succeeds, as long as the process lives.
await() {
    local pid=$1 log=$2
    shift 2
    for _ in {1..150}; do
        if "$@" >/dev/null 2>&1; then return; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.2
    done
    cat "$log" >&2
    fail "it did not start: $log"
}

if [[ -z ${SKIP_INSTALL:-} ]]; then
    npm ci
    if ! command -v "${CHROMIUM:-chromium}" >/dev/null; then
        sudo=
        ((EUID == 0)) || sudo=sudo
        $sudo apt-get update
        $sudo apt-get install -y --no-install-recommends chromium fonts-dejavu-core
    fi
fi

if [[ -z ${AXUM_API:-} ]]; then
    messages=$(cargo build --quiet -p axum-api --message-format json-render-diagnostics)
    AXUM_API=$(grep -o '"executable":"[^"]*/axum-api"' <<<"$messages" | tail -1 | cut -d '"' -f 4)
fi
[[ -x ${AXUM_API:-} ]] || fail "there is no binary of the API"

"$AXUM_API" openapi >"$work/openapi.json"
OPENAPI="$work/openapi.json" npm run --silent generate:check

if [[ -z ${SKIP_BUILD:-} ]]; then
    npm run --silent lint
    npm run --silent typecheck
    npm run --silent build
fi

DATABASE_URL="sqlite://$work/api.sqlite?mode=rwc" HOST=127.0.0.1 PORT=0 RATE_LIMIT=0 \
    "$AXUM_API" >"$work/api.log" 2>"$work/api.err" &
api_pid=$!
await "$api_pid" "$work/api.err" grep -q '^listening on ' "$work/api.log"
API_URL=$(sed -n 's/^listening on //p' "$work/api.log")
ADMIN_TOKEN=$(sed -n 's/^admin //p' "$work/api.log")
MEMBER_TOKEN=$(sed -n 's/^member //p' "$work/api.log")
SUPPORT_TOKEN=$(sed -n 's/^support //p' "$work/api.log")
export API_URL ADMIN_TOKEN MEMBER_TOKEN SUPPORT_TOKEN

free_port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))'
}

# shellcheck disable=SC2329 # It is an argument of `await`.
is_up() {
    node -e "fetch('$1/healthz').then(({ ok }) => process.exit(ok ? 0 : 1))"
}

export HOSTNAME=127.0.0.1
PORT=$(free_port)
export PORT

# Without a secret it ends, and says why.
status=0
env -u SESSION_SECRET timeout 30 node .next/standalone/server.js >"$work/no-secret.log" 2>&1 || status=$?
((status == 1)) || fail "without a SESSION_SECRET the front end ended with $status"
grep -q '^SESSION_SECRET must have' "$work/no-secret.log" || fail "the front end did not ask for a SESSION_SECRET"

SESSION_SECRET=$(node -p 'require("crypto").randomBytes(32).toString("base64")')
export SESSION_SECRET
BASE_URL="http://127.0.0.1:$PORT"
node .next/standalone/server.js >"$work/front.log" 2>&1 &
front_pid=$!
await "$front_pid" "$work/front.log" is_up "$BASE_URL"

# The same once more, whose API is not there.
PORT=$(free_port)
LOST_URL="http://127.0.0.1:$PORT"
API_URL=http://127.0.0.1:1 node .next/standalone/server.js >"$work/lost.log" 2>&1 &
lost_pid=$!
await "$lost_pid" "$work/lost.log" is_up "$LOST_URL"
export BASE_URL LOST_URL

# In the background, because bash runs a trap only when the foreground command has ended. Bash lets background commands
# ignore Ctrl-C; this is undone.
(
    trap - INT
    exec node_modules/.bin/playwright test "$@"
) <&0 &
tests_pid=$!
status=0
wait "$tests_pid" || status=$?
tests_pid=
if ((status)); then
    echo "--- the front end said:" >&2
    tail -40 "$work/front.log" >&2
fi
exit "$status"
