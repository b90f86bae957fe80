//! The main job in one sitting: `cargo run --example quickstart`. The database is SQLite in memory.

use sea_orm::{Database, Set, entity::prelude::*};
use soft_delete::{Error, Outcome, SelectScope};

/// An author. Slugs are unique among active authors, so that a deleted one's can be taken again.
mod author {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>, // found by name: this is all the derive needs
        pub deletion_id: Option<Uuid>,       // optional: tells deletions apart
        pub deleted_by: Option<i64>,         // optional: who
        pub delete_reason: Option<String>,   // optional: why
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A post. Its foreign key says what becomes of it when its author is deleted.
mod post {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "post")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<super::author::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use author::Entity as Author;
use post::Entity as Post;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let db = Database::connect("sqlite::memory:").await?;
    let schema = db.get_schema_builder().register(Author).register(Post);
    schema.apply(&db).await?;

    println!("1. Create an author with three posts.");
    let ada = new_author("ada").insert(&db).await?;
    for title in ["Looms", "Notes", "Numbers"] {
        new_post(ada.id, title).insert(&db).await?;
    }

    println!("2. Delete one post. `find` does not see it any more; the trash does.");
    let deletion = Post::delete_by_id(1).exec(&db).await?;
    assert_eq!(deletion.outcome(), Outcome::Deleted);
    println!("   find:         {:?}", titles(Post::find(), &db).await?);
    println!(
        "   only_deleted: {:?}",
        titles(Post::only_deleted(), &db).await?
    );
    println!(
        "   with_deleted: {:?}",
        titles(Post::with_deleted(), &db).await?
    );

    println!("3. Deleting is idempotent: the second time changes nothing, and says so.");
    let again = Post::delete_by_id(1).exec(&db).await?;
    println!("   rows affected: {}", again.rows_affected);

    println!("4. Delete the author: the foreign key takes the active posts along.");
    let plan = Author::delete_by_id(ada.id).plan(&db).await?;
    println!("   would delete: {:?}", plan.rows_by_table());
    let deletion = Author::delete_by_id(ada.id)
        .by(42)
        .reason("left the site")
        .exec(&db)
        .await?;
    println!("   deleted:      {:?}", deletion.rows_by_table());

    println!("5. The slug is free again: it is unique among active authors.");
    let other_ada = new_author("ada").insert(&db).await?;

    println!("6. So the first one can't come back as it is, and nothing is half restored.");
    match Author::restore_by_id(ada.id).exec(&db).await {
        Err(Error::Conflict(conflict)) => conflict.iter().for_each(|row| println!("   {row}")),
        other => println!("   unexpected: {other:?}"),
    }

    println!("7. With the other one gone, it brings back exactly what its deletion took.");
    Author::force_delete_by_id(other_ada.id).exec(&db).await?;
    let restored = deletion.undo().exec(&db).await?;
    println!("   restored: {:?}", restored.rows_by_table());
    println!("   find:     {:?}", titles(Post::find(), &db).await?);

    println!("8. Selects that SeaORM builds from relations take a scope, too.");
    let visible = titles(ada.find_related(Post).active(), &db).await?;
    println!("   active posts of {}: {visible:?}", ada.slug);
    Ok(())
}

fn new_author(slug: &str) -> author::ActiveModel {
    author::ActiveModel {
        slug: Set(slug.to_owned()),
        ..Default::default()
    }
}

fn new_post(author_id: i64, title: &str) -> post::ActiveModel {
    post::ActiveModel {
        author_id: Set(author_id),
        title: Set(title.to_owned()),
        ..Default::default()
    }
}

async fn titles(select: Select<Post>, db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let posts = select.all(db).await?;
    Ok(posts.into_iter().map(|post| post.title).collect())
}
