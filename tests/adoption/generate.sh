#!/bin/sh
# Generates the entities of sakila_postgres.sql and sakila_mariadb.sql, once every table has `deleted_at` and `deletion_id`.
# They are kept exactly as they come.
#
# Needs servers, in POSTGRES_URL and MYSQL_URL, on which it makes a database of its own and drops it again; psql and
# mariadb; and sea-orm-cli 2.0.4 for both (`cargo install sea-orm-cli@2.0.4`; or SEA_ORM_CLI=path/to/it).
set -eu

cd "$(dirname "$0")"
cli=${SEA_ORM_CLI:-sea-orm-cli}
tables="actor address category city country customer film film_actor film_category inventory language payment rental
    staff store"
database=sakila_$$

# The same URL with our database in place of its own.
postgres=$(echo "$POSTGRES_URL" | sed "s|/[^/?]*\(?.*\)\{0,1\}\$|/$database\1|")
mysql=$(echo "$MYSQL_URL" | sed "s|/[^/?]*\(?.*\)\{0,1\}\$|/$database\1|")

# run_mysql [ARGUMENTS]: the client knows no URLs. Of one like mysql://user:password@host:port/database
run_mysql() {
    authority=${MYSQL_URL#*://}
    authority=${authority%%/*}
    user=${authority%@*}
    host=${authority##*@}
    MYSQL_PWD=${user#*:} mariadb --no-defaults --protocol=tcp --user="${user%%:*}" \
        --host="${host%:*}" --port="${host##*:}" "$@"
}

drop_databases() {
    psql --quiet "$POSTGRES_URL" --command="DROP DATABASE IF EXISTS $database" 2>/dev/null
    run_mysql --execute="DROP DATABASE IF EXISTS $database"
}
trap drop_databases EXIT

# add_columns TYPE_OF_DELETED_AT TYPE_OF_DELETION_ID: the migration, as SQL.
add_columns() {
    for table in $tables; do
        echo "ALTER TABLE $table ADD COLUMN deleted_at $1, ADD COLUMN deletion_id $2;"
    done
}

# generate URL NAME: writes entities_NAME.
generate() {
    rm -rf "entities_$2"
    "$cli" generate entity \
        --database-url "$1" \
        --tables "$(echo $tables | tr ' ' ,)" \
        --entity-format dense \
        --model-extra-derives soft_delete::SoftDelete \
        --model-extra-attributes "soft_delete(group = \"sakila_$2\")" \
        --output-dir "entities_$2"
}

psql --quiet "$POSTGRES_URL" --command="CREATE DATABASE $database"
{
    cat sakila_postgres.sql
    add_columns 'timestamptz NULL' 'uuid NULL'
} | psql --quiet --set=ON_ERROR_STOP=1 "$postgres"
generate "$postgres" postgres

run_mysql --execute="CREATE DATABASE $database"
{
    cat sakila_mariadb.sql
    add_columns 'timestamp(6) NULL' 'binary(16) NULL'
} | run_mysql "$database"
generate "$mysql" mariadb
