//! The floor: what one would write by hand for these three tables.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Statement, TransactionTrait as _, Value,
    prelude::{DateTimeUtc, Uuid},
};

use support::TestDb;

/// A way to write it: statements that run in one transaction, or alone if it is one.
///
/// `:author`, `:deletion` and `:at` stand for values.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub name: &'static str,
    pub statements: &'static [&'static str],
}

/// The form that goes by no key: where `deletion_id` has no index, as here, it reads the tables.
pub const SCAN: &str = "by deletion_id";

/// What a statement's names stand for.
#[derive(Clone, Copy, Debug)]
pub struct Values {
    pub author: i64,
    pub deletion: Uuid,
    pub at: DateTimeUtc,
}

pub fn deletes(backend: DbBackend) -> Vec<Form> {
    let mut forms = vec![
        Form {
            name: "IN",
            statements: &[
                "UPDATE author SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id = :author AND deleted_at IS NULL",
                "UPDATE post SET deleted_at = :at, deletion_id = :deletion \
                 WHERE author_id = :author AND deleted_at IS NULL",
                "UPDATE comment SET deleted_at = :at, deletion_id = :deletion \
                 WHERE post_id IN (SELECT id FROM post WHERE author_id = :author AND deletion_id = :deletion) \
                 AND deleted_at IS NULL",
            ],
        },
        Form {
            name: "IN, children first",
            statements: &[
                "UPDATE comment SET deleted_at = :at, deletion_id = :deletion \
                 WHERE post_id IN (SELECT id FROM post WHERE author_id = :author AND deleted_at IS NULL) \
                 AND deleted_at IS NULL",
                "UPDATE post SET deleted_at = :at, deletion_id = :deletion \
                 WHERE author_id = :author AND deleted_at IS NULL",
                "UPDATE author SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id = :author AND deleted_at IS NULL",
            ],
        },
        Form {
            name: "EXISTS",
            statements: &[
                "UPDATE author SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id = :author AND deleted_at IS NULL",
                "UPDATE post SET deleted_at = :at, deletion_id = :deletion \
                 WHERE author_id = :author AND deleted_at IS NULL",
                "UPDATE comment SET deleted_at = :at, deletion_id = :deletion \
                 WHERE EXISTS (SELECT 1 FROM post WHERE post.id = comment.post_id \
                 AND post.author_id = :author AND post.deletion_id = :deletion) \
                 AND deleted_at IS NULL",
            ],
        },
    ];
    if backend == DbBackend::Sqlite {
        forms.push(Form {
            name: "IN keys",
            statements: &[
                "UPDATE author SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id = :author AND deleted_at IS NULL",
                "UPDATE post SET deleted_at = :at, deletion_id = :deletion \
                 WHERE author_id = :author AND deleted_at IS NULL",
                "UPDATE comment SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id IN (SELECT id FROM comment WHERE post_id IN \
                 (SELECT id FROM post WHERE author_id = :author AND deletion_id = :deletion)) \
                 AND deleted_at IS NULL",
            ],
        });
    }
    if backend == DbBackend::MySql {
        forms.push(Form {
            name: "JOIN",
            statements: &[
                "UPDATE author SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id = :author AND deleted_at IS NULL",
                "UPDATE post SET deleted_at = :at, deletion_id = :deletion \
                 WHERE author_id = :author AND deleted_at IS NULL",
                "UPDATE comment JOIN post ON comment.post_id = post.id \
                 SET comment.deleted_at = :at, comment.deletion_id = :deletion \
                 WHERE post.author_id = :author AND post.deletion_id = :deletion AND comment.deleted_at IS NULL",
            ],
        });
    } else {
        forms.push(Form {
            name: "FROM",
            statements: &[
                "UPDATE author SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id = :author AND deleted_at IS NULL",
                "UPDATE post SET deleted_at = :at, deletion_id = :deletion \
                 WHERE author_id = :author AND deleted_at IS NULL",
                "UPDATE comment SET deleted_at = :at, deletion_id = :deletion FROM post \
                 WHERE comment.post_id = post.id AND post.author_id = :author AND post.deletion_id = :deletion \
                 AND comment.deleted_at IS NULL",
            ],
        });
    }
    if backend == DbBackend::Postgres {
        forms.push(Form {
            name: "one statement",
            statements: &[
                "WITH a AS (UPDATE author SET deleted_at = :at, deletion_id = :deletion \
                 WHERE id = :author AND deleted_at IS NULL RETURNING id), \
                 p AS (UPDATE post SET deleted_at = :at, deletion_id = :deletion FROM a \
                 WHERE author_id = a.id AND deleted_at IS NULL RETURNING post.id) \
                 UPDATE comment SET deleted_at = :at, deletion_id = :deletion FROM p \
                 WHERE post_id = p.id AND deleted_at IS NULL",
            ],
        });
    }
    forms
}

pub fn restores(backend: DbBackend) -> Vec<Form> {
    let mut forms = vec![
        Form {
            name: "IN",
            statements: &[
                "UPDATE comment SET deleted_at = NULL, deletion_id = NULL \
                 WHERE post_id IN (SELECT id FROM post WHERE author_id = :author AND deletion_id = :deletion) \
                 AND deletion_id = :deletion",
                "UPDATE post SET deleted_at = NULL, deletion_id = NULL \
                 WHERE author_id = :author AND deletion_id = :deletion",
                "UPDATE author SET deleted_at = NULL, deletion_id = NULL \
                 WHERE id = :author AND deletion_id = :deletion",
            ],
        },
        Form {
            name: "EXISTS",
            statements: &[
                "UPDATE comment SET deleted_at = NULL, deletion_id = NULL \
                 WHERE EXISTS (SELECT 1 FROM post WHERE post.id = comment.post_id \
                 AND post.author_id = :author AND post.deletion_id = :deletion) \
                 AND deletion_id = :deletion",
                "UPDATE post SET deleted_at = NULL, deletion_id = NULL \
                 WHERE author_id = :author AND deletion_id = :deletion",
                "UPDATE author SET deleted_at = NULL, deletion_id = NULL \
                 WHERE id = :author AND deletion_id = :deletion",
            ],
        },
        Form {
            name: SCAN,
            statements: &[
                "UPDATE comment SET deleted_at = NULL, deletion_id = NULL WHERE deletion_id = :deletion",
                "UPDATE post SET deleted_at = NULL, deletion_id = NULL WHERE deletion_id = :deletion",
                "UPDATE author SET deleted_at = NULL, deletion_id = NULL WHERE deletion_id = :deletion",
            ],
        },
    ];
    if backend == DbBackend::Sqlite {
        forms.push(Form {
            name: "IN keys",
            statements: &[
                "UPDATE comment SET deleted_at = NULL, deletion_id = NULL \
                 WHERE id IN (SELECT id FROM comment WHERE post_id IN \
                 (SELECT id FROM post WHERE author_id = :author AND deletion_id = :deletion)) \
                 AND deletion_id = :deletion",
                "UPDATE post SET deleted_at = NULL, deletion_id = NULL \
                 WHERE author_id = :author AND deletion_id = :deletion",
                "UPDATE author SET deleted_at = NULL, deletion_id = NULL \
                 WHERE id = :author AND deletion_id = :deletion",
            ],
        });
    }
    if backend == DbBackend::MySql {
        forms.push(Form {
            name: "JOIN",
            statements: &[
                "UPDATE comment JOIN post ON comment.post_id = post.id \
                 SET comment.deleted_at = NULL, comment.deletion_id = NULL \
                 WHERE post.author_id = :author AND post.deletion_id = :deletion \
                 AND comment.deletion_id = :deletion",
                "UPDATE post SET deleted_at = NULL, deletion_id = NULL \
                 WHERE author_id = :author AND deletion_id = :deletion",
                "UPDATE author SET deleted_at = NULL, deletion_id = NULL \
                 WHERE id = :author AND deletion_id = :deletion",
            ],
        });
    } else {
        forms.push(Form {
            name: "FROM",
            statements: &[
                "UPDATE comment SET deleted_at = NULL, deletion_id = NULL FROM post \
                 WHERE comment.post_id = post.id AND post.author_id = :author AND post.deletion_id = :deletion \
                 AND comment.deletion_id = :deletion",
                "UPDATE post SET deleted_at = NULL, deletion_id = NULL \
                 WHERE author_id = :author AND deletion_id = :deletion",
                "UPDATE author SET deleted_at = NULL, deletion_id = NULL \
                 WHERE id = :author AND deletion_id = :deletion",
            ],
        });
    }
    if backend == DbBackend::Postgres {
        forms.push(Form {
            name: "one statement",
            statements: &[
                "WITH a AS (UPDATE author SET deleted_at = NULL, deletion_id = NULL \
                 WHERE id = :author AND deletion_id = :deletion RETURNING id), \
                 p AS (UPDATE post SET deleted_at = NULL, deletion_id = NULL FROM a \
                 WHERE author_id = a.id AND deletion_id = :deletion RETURNING post.id) \
                 UPDATE comment SET deleted_at = NULL, deletion_id = NULL FROM p \
                 WHERE post_id = p.id AND deletion_id = :deletion",
            ],
        });
    }
    forms
}

impl Form {
    /// How many statements it takes, the transaction's limits among them.
    pub fn statement_count(&self) -> usize {
        match self.statements {
            [_] => 1,
            statements => statements.len() + 2,
        }
    }

    pub async fn exec(&self, db: &TestDb, values: Values) -> Result<(), DbErr> {
        if let [statement] = self.statements {
            db.execute_raw(values.bind(statement, db.backend())).await?;
            return Ok(());
        }
        let transaction = db.begin().await?;
        for statement in self.statements {
            let statement = values.bind(statement, db.backend());
            transaction.execute_raw(statement).await?;
        }
        transaction.commit().await
    }
}

impl Values {
    /// Puts the backend's placeholders for the names.
    fn bind(&self, template: &str, backend: DbBackend) -> Statement {
        let mut sql = String::with_capacity(template.len());
        let mut values: Vec<Value> = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once(':') {
            let end = after
                .find(|character: char| !character.is_alphabetic())
                .unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            values.push(match name {
                "author" => self.author.into(),
                "deletion" => self.deletion.into(),
                _ => self.at.into(),
            });
            sql.push_str(before);
            match backend {
                DbBackend::Postgres => sql.push_str(&format!("${}", values.len())),
                _ => sql.push('?'),
            }
            rest = after;
        }
        sql.push_str(rest);
        Statement::from_sql_and_values(backend, sql, values)
    }
}
