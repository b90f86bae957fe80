//! An application that was written for SeaORM alone: adding the derive changes what it does, and not a line of it.
#![deny(warnings)]

use sea_orm::entity::prelude::*;

mod plain {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod soft {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

macro_rules! application {
    ($function:ident, $project:ident) => {
        async fn $function(db: &sea_orm::DatabaseConnection) -> Result<u64, DbErr> {
            use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, TransactionTrait};
            use $project::{ActiveModel, Column, Entity as Project, Model};

            let projects: Vec<Model> = Project::find().order_by_asc(Column::Name).all(db).await?;
            let project: Option<Model> = Project::find_by_id(1).one(db).await?;
            let count: u64 = Project::find().filter(Column::Name.eq("a")).count(db).await?;
            let loaded = Project::load().all(db).await?;

            let project = project.ok_or(DbErr::RecordNotFound("project".to_owned()))?;
            let mut active: ActiveModel = project.clone().into_active_model();
            active.name = Set("b".to_owned());
            let project: Model = active.clone().update(db).await?;
            let active: ActiveModel = active.save(db).await?;
            Project::update(active.clone()).exec(db).await?;
            Project::update_many()
                .col_expr(Column::Name, Expr::value("c"))
                .filter(Column::Id.gt(1))
                .exec(db)
                .await?;

            let txn = db.begin().await?;
            let mut rows = Project::delete_by_id(1).exec(&txn).await?.rows_affected;
            txn.commit().await?;
            rows += Project::delete(active.clone()).exec(db).await?.rows_affected;
            rows += Project::delete_many()
                .filter(Column::Name.eq("c"))
                .exec(db)
                .await?
                .rows_affected;
            rows += active.delete(db).await?.rows_affected;
            rows += project.clone().cascade_delete(db).await?.rows_affected;
            project.delete(db).await?;
            Ok(rows + count + projects.len() as u64 + loaded.len() as u64)
        }
    };
}

application!(before, plain);
application!(after, soft);

fn main() {
    let _ = before;
    let _ = after;
}
