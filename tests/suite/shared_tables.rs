//! Entities that share a table share its keys, and the table counts once.

use sea_orm::{ConnectionTrait as _, DbErr, QueryOrder as _};
use soft_delete::{
    EntityMeta, Error, ForeignKeyMeta, OnDelete, Registry, ScopedConnection, SoftDelete as _,
};

use support::{self, TestDb, TestResult, create_table, shelf::log};

use self::{article::Entity as Article, headline::Entity as Headline};

mod author {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "author")]
    #[soft_delete(group = "reading")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub articles: HasMany<super::article::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// All of the table.
mod article {
    use sea_orm::entity::prelude::*;
    use soft_delete::{HookConnection, HookError, HookEvent, Hooks, SoftDelete};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "document")]
    #[soft_delete(group = "reading", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub author_id: i64,
        #[soft_delete(unique)]
        pub slug: String,
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub delete_reason: Option<String>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<super::author::Entity>,
        #[sea_orm(has_many)]
        pub loans: HasMany<super::loan::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Hooks for Entity {
        async fn after_delete(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            Ok(support::shelf::log::write(db, "after_delete", event).await?)
        }
    }
}

/// A light read model of it.
mod headline {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "document")]
    #[soft_delete(group = "reading", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
        /// The rest of the row.
        #[sea_orm(belongs_to, from = "id", to = "id")]
        pub article: BelongsTo<super::article::Entity>,
        #[sea_orm(has_many)]
        pub notes: HasMany<super::note::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// It knows the table by the read model.
mod note {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(group = "reading")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub document_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "document_id", to = "id", on_delete = "Cascade")]
        pub headline: BelongsTo<super::headline::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// It knows the table by the other.
mod loan {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "loan")]
    #[soft_delete(group = "reading")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub document_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "document_id", to = "id", on_delete = "Restrict")]
        pub article: BelongsTo<super::article::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// One author with two articles, the first of which has two notes.
async fn two_articles(db: &TestDb) -> TestResult {
    create_table(db, author::Entity).await?;
    create_table(db, Article).await?;
    create_table(db, note::Entity).await?;
    create_table(db, loan::Entity).await?;
    create_table(db, log::Entity).await?;
    for sql in [
        "INSERT INTO author (id) VALUES (1)",
        "INSERT INTO document (id, author_id, slug, title) VALUES (1, 1, 'looms', 'Looms'), (2, 1, 'notes', 'Notes')",
        "INSERT INTO note (id, document_id) VALUES (1, 1), (2, 1)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

async fn active(db: &TestDb) -> Result<Vec<i64>, DbErr> {
    let headlines = Headline::find()
        .order_by_asc(headline::Column::Id)
        .all(db)
        .await?;
    Ok(headlines.into_iter().map(|headline| headline.id).collect())
}

support::on_every_backend! {
    async fn a_delete_takes_the_same_rows_through_each_of_them(db: &TestDb) {
        two_articles(db).await?;
        let planned = Headline::delete_by_id(1).plan(db).await?;
        assert_eq!(planned.rows_by_table(), [("document", 1), ("note", 2)]);
        assert_eq!(Article::delete_by_id(1).plan(db).await?, planned);

        let deletion = Headline::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("document", 1), ("note", 2)]);
        let row = Article::only_deleted().one(db).await?.expect("the article");
        assert_eq!(row.deletion_id, Some(deletion.id()));
        assert_eq!(active(db).await?, [2]);

        let restored = Article::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("document", 1), ("note", 2)]);
        let again = Article::delete_by_id(1).exec(db).await?;
        assert_eq!(again.rows_by_table(), deletion.rows_by_table());
        let restored = Headline::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("document", 1), ("note", 2)]);
    }

    async fn a_reason_goes_into_the_table_s_column(db: &TestDb) {
        two_articles(db).await?;
        Headline::delete_by_id(1).reason("outdated").exec(db).await?;
        let row = Article::only_deleted().one(db).await?.expect("the article");
        assert_eq!(row.delete_reason.as_deref(), Some("outdated"));
    }

    async fn a_cascade_marks_the_table_once(db: &TestDb) {
        two_articles(db).await?;
        let deletion = author::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("author", 1), ("document", 2), ("note", 2)]);
        let roots = Headline::deletion_roots().all(db).await?;
        assert!(roots.is_empty(), "{roots:?}");
        let restored = deletion.undo().exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("author", 1), ("document", 2), ("note", 2)]);
    }

    async fn what_restricts_one_restricts_the_other(db: &TestDb) {
        two_articles(db).await?;
        db.execute_unprepared("INSERT INTO loan (id, document_id) VALUES (1, 1)").await?;
        let refused = Headline::delete_by_id(1).exec(db).await.map_err(Error::from).expect_err("a loan");
        assert!(matches!(refused, Error::Restricted { .. }), "{refused}");
        assert_eq!(active(db).await?, [1, 2]);
    }

    async fn unique_values_are_checked_through_each_of_them(db: &TestDb) {
        two_articles(db).await?;
        Headline::delete_by_id(1).exec(db).await?;
        db.execute_unprepared("UPDATE document SET slug = 'looms' WHERE id = 2").await?;
        let refused = Headline::restore_by_id(1).exec(db).await.expect_err("the slug is taken");
        let Error::Conflict(conflict) = refused else {
            panic!("{refused}");
        };
        assert_eq!(conflict.len(), 1);
    }

    async fn the_hooks_of_one_run_for_both(db: &TestDb) {
        two_articles(db).await?;
        Headline::delete_by_id(1).exec(db).await?;
        Article::delete_by_id(2).exec(db).await?;
        assert_eq!(
            log::lines(db).await?,
            ["after_delete document 1 []", "after_delete document 1 []"]
        );
    }
}

#[cfg(feature = "retention")]
support::on_every_backend! {
    async fn a_purge_and_the_figures_count_the_table_once(db: &TestDb) {
        use soft_delete::{Purge, schema::doctor, stats};

        two_articles(db).await?;
        let long_ago = chrono::DateTime::from_timestamp(1_600_000_000, 0).expect("a time");
        Headline::delete_by_id(1).at(long_ago).exec(db).await?;
        let registry = Registry::global().of_group("reading");

        let stats = stats(&registry, db).await?;
        let documents: Vec<_> = stats.tables().iter().filter(|table| table.table.name == "document").collect();
        assert_eq!(documents.len(), 1);
        let report = doctor::examine(&registry, db).await?;
        let findings: std::collections::BTreeSet<_> =
            report.findings().iter().map(|finding| format!("{finding:?}")).collect();
        assert_eq!(findings.len(), report.findings().len(), "{findings:#?}");
        let purged = Purge::new().registry(&registry).default_retention(std::time::Duration::ZERO).exec(db).await?;
        let purged: Vec<_> = purged.tables().iter().map(|table| (table.table.name.as_str(), table.purged)).collect();
        assert_eq!(purged.iter().filter(|(name, _)| *name == "document").collect::<Vec<_>>(), [&("document", 1)]);
        assert_eq!(Article::with_deleted().all(db).await?.len(), 1);
    }
}

/// The table as both describe it.
fn document() -> EntityMeta {
    let registry = Registry::global();
    let table = &Headline::meta().table;
    registry
        .entity("reading", table)
        .expect("they agree")
        .expect("the table")
        .clone()
}

#[test]
fn the_table_has_what_any_of_them_names() {
    let document = document();
    assert!(document.entity.ends_with("article"), "{}", document.entity);
    assert_eq!(document.columns.len(), Article::meta().columns.len());
    assert_eq!(document.foreign_keys, Article::meta().foreign_keys);
    assert_eq!(document.unique, Article::meta().unique);
    let children: Vec<_> = document
        .children
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(children, ["loan", "note"]);
    let tables: Vec<_> = Registry::global()
        .of_group("reading")
        .entities()
        .map(|meta| meta.table.name.clone())
        .collect();
    assert_eq!(tables, ["author", "document", "loan", "note"]);
}

/// What the check says of the article and a changed headline.
fn disagreement(change: impl FnOnce(&mut EntityMeta)) -> String {
    let mut changed = Headline::meta().clone();
    change(&mut changed);
    let registry = Registry::builder()
        .meta(changed)
        .entity::<author::Entity>()
        .meta(Article::meta().clone())
        .build();
    let error = registry.check().expect_err("they disagree");
    let used = registry
        .entity("reading", &Article::meta().table)
        .expect_err("the same");
    assert_eq!(used.to_string(), error.to_string());
    let Error::EntitiesDisagree {
        entities,
        differences,
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(
        **entities,
        [Article::meta().entity, Headline::meta().entity]
    );
    let message = error.to_string();
    for entity in entities.iter() {
        assert!(message.contains(entity), "{message}");
    }
    assert!(message.contains("share the table `document`"), "{message}");
    assert!(message.contains("make them agree"), "{message}");
    differences.join("; ")
}

fn key_of_author() -> ForeignKeyMeta {
    Article::meta().foreign_keys[0].clone()
}

#[test]
fn what_they_say_differently_is_told() {
    let second = std::time::Duration::from_secs(1);
    assert_eq!(
        disagreement(|meta| meta.primary_key.push("title".to_owned())),
        "the primary key is (id) and (id, title)"
    );
    assert_eq!(
        disagreement(|meta| meta.stamp.deleted_at = "removed_on".to_owned()),
        "`deleted_at` is the column `deleted_at` and `removed_on`"
    );
    assert_eq!(
        disagreement(|meta| meta.stamp.deleted_at_kind = soft_delete::TimeKind::ChronoNaive),
        "`deleted_at` has the type ChronoUtc and ChronoNaive"
    );
    assert_eq!(
        disagreement(|meta| meta.stamp.deletion_id = Some("batch".to_owned())),
        "`deletion_id` is the column `deletion_id` and `batch`"
    );
    assert_eq!(
        disagreement(|meta| meta.retention = Some(second)),
        "deleted rows are kept 30 days and 1 s"
    );
    assert_eq!(
        disagreement(|meta| meta.retention = None),
        "deleted rows are kept 30 days and for ever"
    );
    assert_eq!(
        disagreement(|meta| {
            let mut key = key_of_author();
            key.relation = "Writer".to_owned();
            key.on_delete = OnDelete::Restrict;
            meta.foreign_keys.push(key);
        }),
        "the key (author_id) to `author` has the rule Cascade in `Author` and Restrict in `Writer`"
    );
    assert_eq!(
        disagreement(|meta| {
            let mut unique = Article::meta().unique[0].clone();
            unique.columns.push("title".to_owned());
            meta.unique.push(unique);
        }),
        "the unique key `slug` is (slug) and (slug, title)"
    );
    assert_eq!(
        disagreement(|meta| meta.columns[0].value_type = sea_orm::sea_query::ArrayType::Int),
        "`id` has the type BigInt and Int"
    );
    assert_eq!(
        disagreement(|meta| {
            meta.retention = None;
            meta.primary_key.clear();
        }),
        "the primary key is (id) and (); deleted rows are kept 30 days and for ever"
    );
}

#[test]
fn another_name_for_the_same_key_is_no_disagreement() {
    let mut headline = Headline::meta().clone();
    let mut key = key_of_author();
    key.relation = "Writer".to_owned();
    headline.foreign_keys.push(key);
    let registry = Registry::builder()
        .meta(headline)
        .entity::<Article>()
        .build();
    registry.check().expect("they agree");
    let document = registry.entity("reading", &Article::meta().table);
    assert_eq!(
        document
            .expect("they agree")
            .expect("the table")
            .foreign_keys,
        [key_of_author()]
    );
}

#[test]
fn the_order_of_a_unique_key_is_no_disagreement() {
    let keyed = |meta: &EntityMeta, columns: [&str; 2]| {
        let mut meta = meta.clone();
        let mut key = Article::meta().unique[0].clone();
        key.name = "both".to_owned();
        key.columns = columns.map(str::to_owned).to_vec();
        meta.unique = vec![key];
        meta
    };
    let registry = Registry::builder()
        .meta(keyed(Headline::meta(), ["title", "id"]))
        .meta(keyed(Article::meta(), ["id", "title"]))
        .build();
    let document = registry.entity("reading", &Article::meta().table);
    assert_eq!(
        document
            .expect("they agree")
            .expect("the table")
            .unique
            .len(),
        1
    );
}

#[test]
fn both_with_hooks_is_a_disagreement() {
    // A copy of one with hooks, under the other's name.
    let mut headline = Article::meta().clone();
    headline.entity = Headline::meta().entity;
    let registry = Registry::builder()
        .meta(headline)
        .entity::<Article>()
        .build();
    let error = registry.check().expect_err("whose hooks are to run?");
    assert!(
        error.to_string().contains("both implement `Hooks`"),
        "{error}"
    );
}

support::on_every_backend! {
    async fn a_disagreement_stops_all_before_anything_is_sent(db: &TestDb) {
        // There is not even a table.
        let mut other = Headline::meta().clone();
        other.retention = None;
        let registry = Registry::builder().meta(other).entity::<Article>().build();

        let refused = Article::delete_by_id(1).registry(&registry).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::EntitiesDisagree { .. })));
        let refused = Headline::restore_by_id(1).registry(&registry).exec(db).await;
        assert!(matches!(refused, Err(Error::EntitiesDisagree { .. })));
    }
}

support::on_scoped! {
    async fn a_table_of_two_markers_can_t_be_scoped(db: &TestDb) {
        create_table(db, author::Entity).await?;
        let mut other = Headline::meta().clone();
        other.stamp.deleted_at = "removed_on".to_owned();
        let registry = Registry::builder().meta(other).entity::<Article>().entity::<author::Entity>().build();
        let scoped = ScopedConnection::with_registry(db.connection(), &registry);

        let refused = scoped.execute_unprepared("SELECT id FROM document").await.expect_err("two markers");
        assert!(refused.to_string().contains("`document` may mean more than one table"), "{refused}");
        scoped.execute_unprepared("SELECT id FROM author").await?;
    }
}
