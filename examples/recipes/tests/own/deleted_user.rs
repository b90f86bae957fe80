//! What a deleted user wrote stays, under a placeholder's name.

use std::collections::HashMap;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, LoaderTrait, Set, entity::prelude::*};
use soft_delete::SoftDelete;

// ANCHOR: entities
pub mod member {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "member")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod message {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "message")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub text: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        // Messages stay when their author goes, and don't stop it.
        #[sea_orm(belongs_to, from = "author_id", to = "id")]
        #[soft_delete(on_delete = "ignore")]
        pub author: BelongsTo<super::member::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
// ANCHOR_END: entities

// ANCHOR: recipe
async fn messages(db: &DatabaseConnection) -> Result<Vec<(String, String)>, DbErr> {
    let messages = message::Entity::find().all(db).await?;
    let authors = messages
        .load_one(member::Entity::with_deleted(), db)
        .await?;
    let name = |author: Option<member::Model>| match author {
        Some(author) if !author.is_deleted() => author.name,
        _ => "[deleted user]".to_owned(),
    };
    let texts = messages.into_iter().map(|message| message.text);
    Ok(authors.into_iter().map(name).zip(texts).collect())
}
// ANCHOR_END: recipe

#[tokio::test]
async fn messages_stay_without_their_authors_name() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    let tables = db.get_schema_builder();
    let tables = tables.register(member::Entity).register(message::Entity);
    tables.apply(&db).await.unwrap();
    for (id, name) in [(1, "Ada"), (2, "Bob")] {
        let member = member::ActiveModel {
            id: Set(id),
            name: Set(name.to_owned()),
            ..Default::default()
        };
        member.insert(&db).await.unwrap();
        let message = message::ActiveModel {
            author_id: Set(id),
            text: Set(format!("{name} was here")),
            ..Default::default()
        };
        message.insert(&db).await.unwrap();
    }
    member::Entity::delete_by_id(2).exec(&db).await.unwrap();

    let shown: HashMap<_, _> = messages(&db).await.unwrap().into_iter().collect();
    assert_eq!(shown["Ada"], "Ada was here");
    assert_eq!(shown["[deleted user]"], "Bob was here");
}
