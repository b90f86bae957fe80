#!/usr/bin/env bash
# Runs the property-based API tester schemathesis against the API: every operation of the document, requests that keep to it and
# requests that don't, single and in sequences. Whatever the document doesn't foresee is a failure.
#
#   examples/axum-api/tests/schemathesis.sh [ARGUMENTS OF schemathesis run…]
#
# AXUM_API is the program to test; without it Cargo builds one. The requests are the same each time; `--seed N` makes others.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../../..
target=${CARGO_TARGET_DIR:-$root/target}
if [[ -z ${AXUM_API:-} ]]; then
    cargo build -q --manifest-path "$here/../Cargo.toml"
    AXUM_API=$target/debug/axum-api
fi

scratch=$(mktemp -d)
server=
stop() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap stop EXIT

tools=$target/schemathesis
if [[ ! -x $tools/bin/schemathesis ]]; then
    python3 -m venv "$tools" 2>/dev/null || { apt-get install -qy python3-venv && python3 -m venv "$tools"; }
    "$tools/bin/pip" install -q "schemathesis==4.32.5"
fi

DATABASE_URL="sqlite://$scratch/api.sqlite?mode=rwc" PORT=0 RATE_LIMIT=0 RUST_LOG=warn "$AXUM_API" >"$scratch/out" 2>"$scratch/log" &
server=$!
for _ in {1..100}; do
    base=$(sed -n 's/^listening on //p' "$scratch/out")
    [[ -z $base ]] || break
    kill -0 "$server" || { cat "$scratch/log" >&2; exit 1; }
    sleep 0.1
done

# A deletion for the operations on deletions to work with.
DELETION=$(curl -fsS -X DELETE -H 'Authorization: Bearer demo-admin-token' -H 'Prefer: return=representation' \
    "$base/api/v1/tasks/2" | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')
export DELETION

cd "$scratch"
status=0
"$tools/bin/schemathesis" --config-file "$here/schemathesis.toml" run "$base/openapi.json" --no-color \
    --seed 1 --max-examples 25 --continue-on-failure "$@" || status=$?
if ((status != 0)); then
    cat "$scratch/log" >&2
fi
exit "$status"
