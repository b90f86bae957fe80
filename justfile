# The commands that one needs. `just` lists them.

default:
    @just --list

# The main job on embedded SQLite, no server needed
quickstart:
    cargo run --example quickstart

# All tests on all databases; arguments as of `cargo test`
test *arguments:
    tests/run.sh {{arguments}}

# The tests of SQLite alone, without servers
test-sqlite *arguments:
    env -u POSTGRES_URL -u MYSQL_URL -u MYSQL8_URL cargo test --workspace --all-features {{arguments}}

# All that has to pass before a change goes in
ci:
    .ci/run

# Takes the SQL that tests see now as what it should be: look at the diff
snapshots *arguments:
    INSTA_UPDATE=always tests/run.sh {{arguments}}

# A benchmark beside hand-written SQL: cascade, purge, schema, scoped or scopes
bench name:
    tests/run.sh -- cargo bench -p soft-delete-benches --all-features --bench {{name}}
