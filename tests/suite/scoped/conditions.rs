//! A relation that carries a condition of its own, in its very definition: SeaORM's loaders drop it.

use sea_orm::{EntityTrait as _, LoaderTrait as _, ModelTrait as _};

use super::pitfalls::a_task;
use support::{self, TestDb, domain::comment};

/// The tasks again, related to comments that do not say "first".
mod noted {
    use sea_orm::{
        RelationType,
        entity::prelude::*,
        sea_query::{Expr, ExprTrait as _, IntoCondition as _},
    };

    use super::comment;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub title: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl Related<comment::Entity> for Entity {
        fn to() -> RelationDef {
            let mut comments: RelationDef = Entity::belongs_to(comment::Entity)
                .from(Column::Id)
                .to(comment::Column::TaskId)
                .into();
            comments.rel_type = RelationType::HasMany;
            comments.is_owner = true;
            comments.on_condition(|_, comment| {
                Expr::col((comment, comment::Column::Body))
                    .ne("first")
                    .into_condition()
            })
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

support::on_scoped! {
    async fn a_related_with_a_condition_is_scoped_whether_or_not_the_condition_is_kept(db: &TestDb) {
        a_task(db).await?;
        let joined = noted::Entity::find().find_with_related(comment::Entity).all(db).await?;
        let [(task, comments)] = joined.as_slice() else {
            panic!("{joined:?}");
        };
        assert_eq!((task.id, comments.len()), (1, 0));
        let related = task.find_related(comment::Entity).all(db).await?;
        assert!(related.is_empty());
        let also = noted::Entity::find().find_also_related(comment::Entity).all(db).await?;
        assert_eq!(also, [(task.clone(), None)]);

        let tasks = vec![task.clone()];
        let loaded = tasks.load_many(comment::Entity, db).await?;
        let bodies: Vec<_> = loaded[0].iter().map(|comment| comment.body.as_str()).collect();
        assert_eq!(bodies, ["first"]);
        let scoped = db.scoped();
        let all = tasks.load_many(comment::Entity, &scoped.with_deleted()).await?;
        assert_eq!(all[0].len(), 2);
        let trash = tasks.load_many(comment::Entity, &scoped.only_deleted()).await?;
        assert_eq!(trash[0].len(), 1);
    }
}
