//! Handlers that were written without this library compile unchanged when the derive is added, with Loco's `Result` and its `?`:
//! `handlers.rs` is compiled twice, once over entities without the derive and once with it.

mod derived;
mod plain;

use loco_rs::{prelude::*, testing::prelude::request_with_create_db};
use notes::app::App;
use sea_orm::Schema;

async fn with_movies(ctx: &AppContext) {
    let schema = Schema::new(ctx.db.get_database_backend());
    let table = schema.create_table_from_entity(plain::entity::Entity);
    ctx.db.execute(&table).await.unwrap();
    for title in ["Alien", "Brazil", "Casablanca", "Dune", "Eraserhead"] {
        let movie = plain::entity::ActiveModel {
            title: Set(title.to_owned()),
            ..Default::default()
        };
        movie.insert(&ctx.db).await.unwrap();
    }
}

/// How many of the five the handlers leave in the table.
async fn rows_left(ctx: &AppContext) -> u64 {
    plain::entity::Entity::find().count(&ctx.db).await.unwrap()
}

#[tokio::test]
async fn without_the_derive_rows_are_removed() {
    request_with_create_db::<App, _, _>(|_, ctx| async move {
        with_movies(&ctx).await;
        let _ = plain::handlers::routes();
        plain::handlers::delete_all_ways(State(ctx.clone()))
            .await
            .unwrap();
        assert_eq!(rows_left(&ctx).await, 0);
    })
    .await;
}

#[tokio::test]
async fn with_the_derive_they_are_marked() {
    request_with_create_db::<App, _, _>(|_, ctx| async move {
        with_movies(&ctx).await;
        let _ = derived::handlers::routes();
        derived::handlers::delete_all_ways(State(ctx.clone()))
            .await
            .unwrap();
        assert_eq!(rows_left(&ctx).await, 5);
        assert_eq!(
            derived::entity::Entity::find()
                .count(&ctx.db)
                .await
                .unwrap(),
            0
        );
    })
    .await;
}
