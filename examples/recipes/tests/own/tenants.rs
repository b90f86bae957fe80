//! Rows of several tenants in one table: nothing is read, deleted or restored across tenants.

use sea_orm::{
    Condition, ConnectOptions, Database, DatabaseConnection, Select, Set, entity::prelude::*,
};
use soft_delete::{Deletion, Error, Outcome, Restoration, SoftDelete, schema::SchemaSync};

// ANCHOR: recipe
pub mod page {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "page")]
    #[soft_delete(unique(tenant_id, slug))] // a slug is taken in its tenant, while its page is active
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i64,
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the tables of tenants have in common.
trait OfTenant: SoftDelete {
    const TENANT: Self::Column;
    const ID: Self::Column;
}

impl OfTenant for page::Entity {
    const TENANT: page::Column = page::Column::TenantId;
    const ID: page::Column = page::Column::Id;
}

/// Made where a request begins; handlers get no other way to the tables.
struct Tenant {
    id: i64,
    db: DatabaseConnection,
}

impl Tenant {
    fn find<E: OfTenant>(&self) -> Select<E> {
        E::active().filter(E::TENANT.eq(self.id))
    }

    fn trash<E: OfTenant>(&self) -> Select<E> {
        E::deletion_roots().filter(E::TENANT.eq(self.id))
    }

    async fn delete<E: OfTenant>(&self, id: i64) -> Result<Deletion, DbErr> {
        let rows = <E as SoftDelete>::delete_many().filter(self.row::<E>(id));
        rows.exec(&self.db).await
    }

    async fn restore<E: OfTenant>(&self, id: i64) -> Result<Restoration, Error> {
        let rows = E::restore_many().filter(self.row::<E>(id));
        rows.exec(&self.db).await
    }

    fn row<E: OfTenant>(&self, id: i64) -> Condition {
        Condition::all()
            .add(E::ID.eq(id))
            .add(E::TENANT.eq(self.id))
    }
}
// ANCHOR_END: recipe

async fn database() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    let tables = db.get_schema_builder().register(page::Entity);
    tables.apply(&db).await.unwrap();
    SchemaSync::of::<page::Entity>().exec(&db).await.unwrap();
    db
}

async fn add(tenant: &Tenant, slug: &str) -> page::Model {
    let page = page::ActiveModel {
        tenant_id: Set(tenant.id),
        slug: Set(slug.to_owned()),
        ..Default::default()
    };
    page.insert(&tenant.db).await.unwrap()
}

#[tokio::test]
async fn tenants_do_not_see_or_change_each_others_rows() {
    let db = database().await;
    let [one, two] = [1, 2].map(|id| Tenant { id, db: db.clone() });
    let page = add(&one, "about").await;
    add(&two, "about").await;

    let refused = two.delete::<page::Entity>(page.id).await.unwrap();
    assert_eq!(refused.rows_affected, 0);
    let deleted = one.delete::<page::Entity>(page.id).await.unwrap();
    assert_eq!(
        (deleted.rows_affected, deleted.outcome()),
        (1, Outcome::Deleted)
    );
    assert!(
        two.trash::<page::Entity>()
            .all(&db)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(two.find::<page::Entity>().all(&db).await.unwrap().len(), 1);

    let refused = two.restore::<page::Entity>(page.id).await.unwrap();
    assert_eq!(refused.rows_affected, 0);
    let restored = one.restore::<page::Entity>(page.id).await.unwrap();
    assert_eq!(restored.rows_affected, 1);
}

#[tokio::test]
async fn a_slug_is_taken_in_its_own_tenant() {
    let db = database().await;
    let [one, two] = [1, 2].map(|id| Tenant { id, db: db.clone() });
    let page = add(&one, "about").await;
    one.delete::<page::Entity>(page.id).await.unwrap();
    add(&two, "about").await;
    add(&one, "about").await;
    let refused = one.restore::<page::Entity>(page.id).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
}
