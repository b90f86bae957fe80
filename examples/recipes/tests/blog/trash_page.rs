//! A trash page over all tables, with a title for each row.

use crate::support;

use recipes::{Comment, Post, User};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use soft_delete::{Error, RowValue, Trash};

// ANCHOR: recipe
#[derive(Debug, PartialEq)]
struct Entry {
    table: String,
    key: Vec<String>,
    title: String,
}

/// What was deleted last, and not along with a parent.
async fn trash_page(db: &(impl ConnectionTrait + TransactionTrait)) -> Result<Vec<Entry>, Error> {
    let trash = Trash::global()?;
    let mut entries = Vec::new();
    for item in trash.list().limit(20).exec(db).await?.items {
        let key: Vec<String> = item.key.iter().map(RowValue::text).collect();
        let table = &item.table.name;
        // One statement or two for each row of the page.
        let row = trash.show(table, trash.key(table, &key)?, db).await?;
        let title = ["title", "name", "text"].into_iter().find_map(|wanted| {
            let (_, value) = row.columns.iter().find(|(column, _)| column == wanted)?;
            Some(value.text())
        });
        entries.push(Entry {
            table: table.clone(),
            key,
            title: title.unwrap_or_default(),
        });
    }
    Ok(entries)
}

/// What its "Restore" button calls: the table and key are as the page sent them.
async fn restore(table: &str, key: &[String], db: &DatabaseConnection) -> Result<u64, Error> {
    let trash = Trash::global()?;
    let restored = trash
        .restore(table, trash.key(table, key)?)?
        .exec(db)
        .await?;
    Ok(restored.rows_by_table().total())
}
// ANCHOR_END: recipe

#[tokio::test]
async fn the_page_lists_what_was_deleted_and_restores_it() {
    let db = support::blog().await;
    Post::delete_by_id(1).exec(&db).await.unwrap();
    User::delete_by_id(2).exec(&db).await.unwrap();

    let page = trash_page(&db).await.unwrap();
    let shown: Vec<_> = page
        .iter()
        .map(|it| (it.table.as_str(), it.title.as_str()))
        .collect();
    assert_eq!(shown, [("user", "Bob"), ("post", "looms")]);

    let restored = restore("post", &page[1].key, &db).await.unwrap();
    assert_eq!(restored, 2);
    assert!(Comment::find_by_id(1).one(&db).await.unwrap().is_some());
    let unknown = restore("passwords", &page[1].key, &db).await;
    assert!(
        matches!(unknown, Err(Error::UnknownTable { .. })),
        "{unknown:?}"
    );
}
