//! Keys of several columns that become NULL.

use soft_delete::{
    Registry,
    schema::doctor::{self, Check, Severity::Error},
};

use super::{found, mends};
use crate::schema::tables::{number, run};
use support::{TestDb, on_every_backend};

/// Labels of a tenant.
mod label {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "label")]
    #[soft_delete(group = "doctor-tenants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(has_many)]
        pub issues: HasMany<super::issue::Entity>,
        #[sea_orm(has_many)]
        pub stickers: HasMany<super::sticker::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// May be without a label, but not without a tenant.
mod issue {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "issue")]
    #[soft_delete(group = "doctor-tenants")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub tenant_id: i32,
        pub label_id: Option<i32>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            from = "(tenant_id, label_id)",
            to = "(tenant_id, id)",
            on_delete = "SetNull",
            skip_fk
        )]
        pub label: BelongsTo<Option<super::label::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Has both.
mod sticker {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "sticker")]
    #[soft_delete(group = "doctor-tenants-firm")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub tenant_id: i32,
        pub label_id: i32,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            from = "(tenant_id, label_id)",
            to = "(tenant_id, id)",
            on_delete = "SetNull",
            skip_fk
        )]
        pub label: BelongsTo<super::label::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const LABEL: &str = "CREATE TABLE label (tenant_id INTEGER NOT NULL, id INTEGER NOT NULL, deleted_at TIME, PRIMARY KEY (tenant_id, id))";

on_every_backend! {
    async fn the_tenant_stays_not_null(db: &TestDb) {
        run(db, &[
            LABEL,
            "CREATE TABLE issue (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL, label_id INTEGER NULL, deleted_at TIME)",
            "CREATE INDEX issue_label ON issue (tenant_id, label_id)",
        ]).await?;
        let registry = Registry::global().of_group("doctor-tenants");
        assert_eq!(found(&doctor::examine(&registry, db).await?), []);
    }

    async fn a_column_that_the_entity_lets_be_null_has_to_be_so_in_the_table(db: &TestDb) {
        run(db, &[
            LABEL,
            "CREATE TABLE issue (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL, label_id INTEGER NOT NULL, deleted_at TIME)",
            "CREATE INDEX issue_label ON issue (tenant_id, label_id)",
        ]).await?;
        let registry = Registry::global().of_group("doctor-tenants");
        let finding = mends(db, &registry, Error, Check::SetNullOfRequired, "issue").await?;
        assert!(finding.problem().contains("sets (label_id) to NULL"), "{}", finding.problem());
        assert!(run(db, &["INSERT INTO issue VALUES (1, NULL, NULL, NULL)"]).await.is_err());
        run(db, &["INSERT INTO issue VALUES (1, 1, NULL, NULL)"]).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM issue WHERE deleted_at IS NULL").await?, 1);
    }

    async fn where_no_column_may_be_null_a_delete_is_refused(db: &TestDb) {
        run(db, &[
            "CREATE TABLE sticker (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL, label_id INTEGER NOT NULL, deleted_at TIME)",
            "CREATE INDEX sticker_label ON sticker (tenant_id, label_id)",
        ]).await?;
        let registry = Registry::global().of_group("doctor-tenants-firm");
        let report = doctor::examine(&registry, db).await?;
        assert_eq!(found(&report), [(Error, Check::SetNullOfRequired, "sticker".to_owned())], "{report}");
        assert!(report.findings()[0].consequence().contains("it is refused"), "{report}");
        assert!(!report.to_string().contains("DROP NOT NULL"), "{report}");
        assert!(!report.findings()[0].apply(db).await?);
    }
}
