#!/bin/sh
# Generates the entities of schema.sql in sea-orm-cli's three formats. They are kept exactly as they come.
#
# Needs sqlite3 and sea-orm-cli 2.0.4 (`cargo install sea-orm-cli@2.0.4`; or SEA_ORM_CLI=path/to/it).
set -eu

cd "$(dirname "$0")"
cli=${SEA_ORM_CLI:-sea-orm-cli}
database=$(mktemp)
trap 'rm -f "$database"' EXIT
sqlite3 "$database" <schema.sql

for format in compact dense expanded; do
    rm -rf "generated_$format"
    "$cli" generate entity \
        --database-url "sqlite://$database" \
        --entity-format "$format" \
        --model-extra-derives soft_delete::SoftDelete \
        --model-extra-attributes "soft_delete(group = \"generated_$format\")" \
        --output-dir "generated_$format"
done
