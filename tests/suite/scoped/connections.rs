//! The connections that can be scoped.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, MockDatabase,
    PaginatorTrait as _, Statement, StreamTrait as _,
    rbac::{RbacContext, RbacUserId},
};
use soft_delete::{Registry, Scope, ScopedConnection};

use support::{
    self, TestDb,
    domain::{self, comment, tag},
    folder,
};

fn all<E: EntityTrait>() -> sea_orm::Select<E> {
    E::find()
}

async fn two_tags_one_deleted(db: &TestDb) -> Result<(), DbErr> {
    domain::create(db).await?;
    domain::tag(db, "active").await?;
    domain::tag(db, "deleted").await?;
    tag::Entity::delete_by_id(2).exec(db).await?;
    Ok(())
}

support::on_scoped! {
    async fn a_connection_is_seen_in_each_scope(db: &TestDb) {
        two_tags_one_deleted(db).await?;
        let scoped = db.scoped();
        assert_eq!(all::<tag::Entity>().count(&scoped).await?, 1);
        assert_eq!(all::<tag::Entity>().count(&scoped.with_deleted()).await?, 2);
        assert_eq!(all::<tag::Entity>().count(&scoped.only_deleted()).await?, 1);
        assert_eq!(all::<tag::Entity>().count(scoped.unscoped()).await?, 2);
        let trash = scoped.in_scope(Scope::OnlyDeleted);
        assert_eq!(trash.scope(), Scope::OnlyDeleted);
        assert_eq!(all::<tag::Entity>().one(&trash).await?.expect("a tag").id, 2);
    }

    async fn what_says_itself_which_rows_it_wants_means_the_same_in_each_scope(db: &TestDb) {
        two_tags_one_deleted(db).await?;
        let scoped = db.scoped();
        for db in [scoped.clone(), scoped.clone().in_scope(Scope::WithDeleted), scoped.in_scope(Scope::OnlyDeleted)] {
            assert_eq!(tag::Entity::find().one(&db).await?.expect("a tag").id, 1);
            assert_eq!(tag::Entity::only_deleted().one(&db).await?.expect("a tag").id, 2);
            assert_eq!(tag::Entity::with_deleted().count(&db).await?, 2);
        }
    }

    async fn a_stream_is_scoped(db: &TestDb) {
        use futures_util::TryStreamExt as _;

        two_tags_one_deleted(db).await?;
        let scoped = db.scoped();
        let tags: Vec<_> = all::<tag::Entity>().stream(&scoped).await?.try_collect().await?;
        assert_eq!(tags.len(), 1);
        let by_hand = Statement::from_string(db.backend(), "SELECT id FROM tag");
        let rows: Vec<_> = scoped.stream_raw(by_hand).await?.try_collect().await?;
        assert_eq!(rows.len(), 1);
        let refused = Statement::from_string(db.backend(), "DELETE FROM tag");
        assert!(scoped.stream_raw(refused).await.is_err());
    }

    async fn a_restricted_connection_is_scoped_and_keeps_its_restrictions(db: &TestDb) {
        const READER: RbacUserId = RbacUserId(1);
        two_tags_one_deleted(db).await?;
        let pool = db.connection();
        sea_orm::rbac::schema::create_tables(&pool, Default::default()).await?;
        let mut context = RbacContext::load(&pool).await?;
        context.add_tables(&pool, &["tag", "comment"]).await?;
        context.add_crud_permissions(&pool).await?;
        context.add_roles(&pool, &["reader"]).await?;
        context.assign_user_role(&pool, &[(READER.0, "reader")]).await?;
        context.add_role_permissions(&pool, "reader", &["select"], &["tag"]).await?;
        pool.load_rbac().await?;

        let reader = ScopedConnection::new(pool.restricted_for(READER)?);
        assert_eq!(all::<tag::Entity>().all(&reader).await?.len(), 1);
        assert!(all::<comment::Entity>().all(&reader).await.is_err());
        assert!(tag::Entity::delete_by_id(1).exec(&reader).await.is_err());
        assert_eq!(all::<tag::Entity>().all(&reader).await?.len(), 1);
    }

    async fn a_registry_of_one_group_leaves_other_tables_alone(db: &TestDb) {
        two_tags_one_deleted(db).await?;
        folder::create(db).await?;
        folder::tree(db).await?;
        folder::Entity::delete_by_id(2).exec(db).await?;
        let everything = folder::Entity::with_deleted().count(db).await?;

        let folders = Registry::global().of_group("folders");
        let folders = ScopedConnection::with_registry(db.connection(), &folders);
        assert!(all::<folder::Entity>().count(&folders).await? < everything);
        assert_eq!(all::<tag::Entity>().count(&folders).await?, 2);
    }
}

#[test]
fn a_mock_connection_is_sent_the_scoped_statement() {
    let mock = MockDatabase::new(DbBackend::Postgres)
        .append_query_results([Vec::<tag::Model>::new()])
        .into_connection();
    let scoped = ScopedConnection::new(mock);
    assert!(scoped.is_mock_connection());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let found = runtime.block_on(all::<tag::Entity>().all(&scoped));
    assert_eq!(found, Ok(Vec::new()));
    let log = DatabaseConnection::into_transaction_log(scoped.into_unscoped());
    assert_eq!(
        log[0].statements()[0].sql,
        r#"SELECT "tag"."id", "tag"."name", "tag"."deleted_at" FROM "tag" WHERE "tag"."deleted_at" IS NULL"#
    );
}

/// Each of many texts is read, kept, and forgotten when there are too many.
#[test]
fn many_different_statements_are_scoped() {
    let scoped = ScopedConnection::new(MockDatabase::new(DbBackend::Sqlite).into_connection());
    for number in 0..20_000 {
        let sql = format!("SELECT id FROM tag WHERE id = {number}");
        let expected =
            format!(r#"SELECT id FROM tag WHERE (id = {number}) AND tag."deleted_at" IS NULL"#);
        for _ in 0..2 {
            assert_eq!(scoped.rewrite(&sql).as_deref(), Ok(expected.as_str()));
        }
    }
}
