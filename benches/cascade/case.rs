//! What the tables are like, and what the database knows of them.

use sea_orm::{ConnectionTrait, TransactionTrait};
use soft_delete::{Deletion, Restoration};

use super::{blog, magazine};
use support::TestResult;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub name: &'static str,
    pub description: &'static str,
    /// How many posts an author has.
    pub posts: u64,
    /// Whether posts and comments have a column that is unique among active rows, too.
    pub is_unique: bool,
    /// Whether the tables have the index that a purge wants.
    pub has_purge_index: bool,
    pub statistics: Statistics,
}

/// When the database took its statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistics {
    /// Once, with a sixth of the rows deleted.
    Once,
    /// Before each operation.
    Fresh,
    /// When no row was deleted yet. And nothing is cleaned up between a delete and the restore that follows.
    Stale,
    /// Never.
    Never,
}

const PLAIN: Case = Case {
    name: "plain",
    description: "100 posts",
    posts: 100,
    is_unique: false,
    has_purge_index: false,
    statistics: Statistics::Once,
};

pub const ALL: [Case; 6] = [
    PLAIN,
    Case {
        name: "posts",
        description: "1,000 posts",
        posts: 1_000,
        ..PLAIN
    },
    Case {
        name: "unique",
        description: "unique columns",
        is_unique: true,
        has_purge_index: true,
        ..PLAIN
    },
    Case {
        name: "fresh",
        description: "fresh statistics",
        has_purge_index: true,
        statistics: Statistics::Fresh,
        ..PLAIN
    },
    Case {
        name: "stale",
        description: "stale statistics",
        has_purge_index: true,
        statistics: Statistics::Stale,
        ..PLAIN
    },
    Case {
        name: "never",
        description: "no statistics",
        has_purge_index: true,
        statistics: Statistics::Never,
        ..PLAIN
    },
];

impl Case {
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|case| case.name == name)
    }

    pub async fn delete<C>(self, author: i64, db: &C) -> TestResult<Deletion>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        Ok(match self.is_unique {
            true => {
                magazine::author::Entity::delete_by_id(author)
                    .exec(db)
                    .await?
            }
            false => blog::author::Entity::delete_by_id(author).exec(db).await?,
        })
    }

    pub async fn restore<C>(self, author: i64, db: &C) -> TestResult<Restoration>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        Ok(match self.is_unique {
            true => {
                magazine::author::Entity::restore_by_id(author)
                    .exec(db)
                    .await?
            }
            false => blog::author::Entity::restore_by_id(author).exec(db).await?,
        })
    }
}
