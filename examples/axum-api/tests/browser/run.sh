#!/usr/bin/env bash
# The pages in Chromium: starts a server on a free port with a throw-away database, runs the tests, and stops it.
# Arguments go to `node --test`, such as --test-name-pattern=undo. CHROMIUM says where the browser is, and AXUM_API where the
# program, which is built otherwise.
set -euo pipefail
cd "$(dirname "$0")"

export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$CHROMIUM" ] || { echo "Chromium is missing: apt-get install chromium" >&2; exit 1; }

npm ci --no-audit --no-fund
if [ -z "${AXUM_API:-}" ]; then
    cargo build -p axum-api
    target=$(cargo metadata --no-deps --format-version 1 | node -pe 'JSON.parse(fs.readFileSync(0)).target_directory')
    AXUM_API=$target/debug/axum-api
fi

work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

DATABASE_URL="sqlite://$work/test.sqlite?mode=rwc" PORT=0 RATE_LIMIT=0 PURGE_EVERY=0 RUST_LOG=warn \
    "$AXUM_API" serve >"$work/stdout" &
server=$!
for _ in $(seq 300); do
    ! grep -q '^listening on ' "$work/stdout" || break
    kill -0 "$server" 2>/dev/null || { echo "the server ended" >&2; exit 1; }
    sleep 0.1
done
token() { sed -n "s/^$1 //p" "$work/stdout"; }
BASE_URL=$(sed -n 's/^listening on //p' "$work/stdout")
ADMIN_TOKEN=$(token admin) MEMBER_TOKEN=$(token member) SUPPORT_TOKEN=$(token support)
export BASE_URL ADMIN_TOKEN MEMBER_TOKEN SUPPORT_TOKEN

rm -rf screenshots
node --test --test-concurrency=1 "$@" page.test.js
