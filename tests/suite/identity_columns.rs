//! Keys that PostgreSQL numbers itself and lets nobody else set: `GENERATED ALWAYS AS IDENTITY`.

use std::time::Duration;

use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, PaginatorTrait as _};
use soft_delete::{Purge, Registry, archive::ArchiveTable};

use support::{self, TestDb, TestResult};

use self::receipt::Entity as Receipt;

mod receipt {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "receipt")]
    #[soft_delete(group = "receipts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub total: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn two_receipts(db: &TestDb) -> TestResult {
    for sql in [
        "CREATE TABLE receipt (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total bigint NOT NULL, \
         deleted_at timestamptz, deletion_id uuid)",
        "INSERT INTO receipt (total) VALUES (10), (20)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// The totals of a receipt that was deleted and removed into the archive.
async fn archived(db: &TestDb) -> TestResult<soft_delete::Deletion> {
    let archive = ArchiveTable::new();
    archive.create(db).await?;
    let deletion = Receipt::delete_by_id(1).exec(db).await?;
    let purge = Purge::new().registry(&Registry::global().of_group("receipts"));
    let purge = purge.default_retention(Duration::ZERO).archive(archive);
    assert_eq!(purge.exec(db).await?.rows_purged(), 1);
    Ok(deletion)
}

support::on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn rows_are_inserted_edited_deleted_and_restored(db: &TestDb) {
        two_receipts(db).await?;
        let third = receipt::ActiveModel { total: sea_orm::Set(30), ..Default::default() };
        let third = third.insert(db).await?;
        assert_eq!(third.id, 3);
        let mut edited: receipt::ActiveModel = third.clone().into();
        edited.total = sea_orm::Set(31);
        assert_eq!(edited.reset_all().update(db).await?.total, 31);
        let deletion = third.delete(db).await?;
        assert_eq!(Receipt::find().count(db).await?, 2);
        deletion.undo().exec(db).await?;
        assert_eq!(Receipt::find().count(db).await?, 3);
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn rows_come_back_from_the_archive_with_their_keys(db: &TestDb) {
        two_receipts(db).await?;
        let deletion = archived(db).await?;
        ArchiveTable::new().restore().deletion(deletion.id()).exec(db).await?;
        soft_delete::Undo::deletion(deletion.id()).group("receipts").exec(db).await?;
        let receipt = Receipt::find_by_id(1).one(db).await?.expect("the receipt");
        assert_eq!(receipt.total, 10);
        // And the numbering goes on.
        let next = receipt::ActiveModel { total: sea_orm::Set(30), ..Default::default() };
        assert_eq!(next.insert(db).await?.id, 3);
    }
}

support::on_backends! {
    [scoped_postgres Postgres Scoped]

    async fn from_the_archive_they_come_back_through_a_scoped_connection_too(db: &TestDb) {
        two_receipts(db).await?;
        let deletion = archived(db).await?;
        let archive = ArchiveTable::new();
        assert_eq!(Receipt::with_deleted().count(db).await?, 1);
        archive.restore().deletion(deletion.id()).exec(db).await?;
        assert_eq!(Receipt::with_deleted().count(db).await?, 2);
        assert_eq!(archive.list().all(db).await?.len(), 0);
    }
}
