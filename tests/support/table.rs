//! Tables as the entities describe them.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, Schema,
    sea_query::{ColumnDef, ColumnType, Table, TableCreateStatement},
};

/// Creates the table of an entity, with its foreign keys: the tables it refers to must exist.
pub async fn create_table<E: EntityTrait>(
    db: &impl ConnectionTrait,
    entity: E,
) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let mut table = Schema::new(backend).create_table_from_entity(entity);
    if backend == DbBackend::MySql {
        table = with_microseconds(&table).table(entity.table_ref()).take();
    }
    db.execute(&table).await?;
    Ok(())
}

/// SeaORM gives times in MySQL and MariaDB whole seconds.
fn with_microseconds(table: &TableCreateStatement) -> TableCreateStatement {
    let mut exact = Table::create();
    for column in table.get_columns() {
        let mut column = column.clone();
        match column.get_column_type() {
            Some(ColumnType::Timestamp | ColumnType::TimestampWithTimeZone) => {
                make(&mut column, "timestamp(6)")
            }
            Some(ColumnType::DateTime) => make(&mut column, "datetime(6)"),
            Some(ColumnType::Time) => make(&mut column, "time(6)"),
            _ => {}
        }
        exact.col(column);
    }
    for foreign_key in table.get_foreign_key_create_stmts() {
        exact.foreign_key(&mut foreign_key.clone());
    }
    for index in table.get_indexes() {
        exact.index(&mut index.clone());
    }
    exact
}

fn make(column: &mut ColumnDef, precise: &'static str) {
    column.custom(precise);
    // A timestamp that doesn't say NULL may be NOT NULL, and set by every update.
    if column.get_column_spec().nullable.is_none() {
        column.null();
    }
}
