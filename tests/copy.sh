#!/usr/bin/env bash
# Copies examples out of the repository as their readers do, points the one line of the manifest back at it, and runs
# their tests there, on SQLite where POSTGRES_URL is not set.
#
#   tests/copy.sh [EXAMPLE…]     starter if none is named
#
# What is built goes into the folder that tests of these examples use (APPS_TARGET_DIR), so that dependencies are built once.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

repository=$PWD
export CARGO_TARGET_DIR=${APPS_TARGET_DIR:-$PWD/target/apps}
(($#)) || set -- starter

copies=$(mktemp -d "${TMPDIR:-/tmp}/soft-delete-copies.XXXXXX")
trap 'rm -rf "$copies"' EXIT

for example; do
    copy=$copies/$example
    cp -r "examples/$example" "$copy"
    # As released, it would be `version = "0.1"`.
    sed -i '/^soft-delete = /s|path = "[^"]*"|path = "'"$repository"'"|' "$copy/Cargo.toml"
    if grep -q 'path = "\.\./\.\.' "$copy/Cargo.toml"; then
        echo "examples/$example/Cargo.toml: more than one line to change" >&2
        exit 1
    fi
    echo "== $example" >&2
    cargo test --locked --manifest-path "$copy/Cargo.toml"
done
