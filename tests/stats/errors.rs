//! What can't be read.

use sea_orm::ConnectionTrait as _;
use soft_delete::{
    Error, Figure, Registry, SoftDelete as _, TableName, schema::SchemaError, stats,
};

use super::tables::{create, days_ago, insert, read, registry, ticket, ticket_as, tickets};
use support::{TestDb, on_every_backend};

on_every_backend! {
    async fn a_missing_table_is_named(db: &TestDb) {
        create(db, "tickets").await?;
        let error = stats(&tickets(), db).await.expect_err("there is no such table");
        let Error::Schema(SchemaError::UnknownTable { table, similar, .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(table, TableName::new("ticket"));
        assert_eq!(similar.as_deref(), Some("tickets"));
    }

    async fn a_missing_column_is_named(db: &TestDb) {
        db.execute_unprepared("CREATE TABLE ticket (id INTEGER, removed_at INTEGER)").await?;
        let error = stats(&tickets(), db).await.expect_err("there is no such column");
        assert!(
            matches!(&error, Error::Schema(SchemaError::UnknownColumn { column, .. }) if column == "deleted_at"),
            "{error:?}"
        );
    }

    async fn there_are_figures_of_the_other_tables(db: &TestDb) {
        create(db, "ticket").await?;
        insert(db, "ticket", &[None, Some(days_ago(40))]).await?;
        for note in ["", "CREATE TABLE note (id INTEGER, removed_at INTEGER)"] {
            if !note.is_empty() {
                db.execute_unprepared(note).await?;
            }
            let stats = read(db, &registry()).await?;
            assert_eq!(stats.tables().len(), 1);
            assert_eq!(stats.tables()[0].deleted, Figure::Exact(1));
            assert_eq!(stats.missing().len(), 1);
            assert_eq!(stats.missing()[0].table, "note");
            let missing = if note.is_empty() { "no table `note`" } else { "no column `deleted_at`" };
            assert!(stats.missing()[0].problem.contains(missing), "{stats}");
            assert!(stats.to_string().contains("\nno figures of `note`: "), "{stats}");
        }
    }

    async fn entities_that_say_different_things_of_one_table_are_refused(db: &TestDb) {
        create(db, "ticket").await?;
        let meta = ticket::Entity::meta();
        let mut other = meta.clone();
        other.primary_key = vec!["number".to_owned()];
        let both = Registry::builder().meta(meta.clone()).meta(other).build();
        let error = stats(&both, db).await.expect_err("two primary keys");
        assert!(matches!(error, Error::EntitiesDisagree { .. }), "{error:?}");
    }

    async fn a_table_of_two_entities_counts_once(db: &TestDb) {
        create(db, "ticket").await?;
        let meta = ticket::Entity::meta();
        let twice = Registry::builder().meta(meta.clone()).meta(meta.clone()).build();
        assert_eq!(stats(&twice, db).await?.tables().len(), 1);
    }

    async fn names_are_quoted(db: &TestDb) {
        let name = "select \"from\" `where`; --";
        let quoted = match db.backend() {
            sea_orm::DbBackend::MySql => "`select \"from\" ``where``; --`",
            _ => "\"select \"\"from\"\" `where`; --\"",
        };
        create(db, quoted).await?;
        let stats = stats(&ticket_as(TableName::new(name)), db).await?;
        assert_eq!(stats.tables()[0].table.name, name);
    }
}
