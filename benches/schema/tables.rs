//! The pairs of tables.

use sea_orm::{ConnectionTrait as _, DbErr, Statement};
use soft_delete::schema::{ActiveParentTriggers, SoftDeleteColumns, UniqueActiveIndex};

use support::{Kind, TestDb, TestResult};

pub const POSTS: i64 = 100;

/// The first is what the others are measured against.
pub const VARIANTS: [Variant; 4] = [
    Variant::new("plain UNIQUE", "plain", Unique::AmongAll, false),
    Variant::new("unique among active", "active", Unique::AmongActive, false),
    Variant::new(
        "plain UNIQUE, triggers",
        "plain_guarded",
        Unique::AmongAll,
        true,
    ),
    Variant::new(
        "unique among active, triggers",
        "active_guarded",
        Unique::AmongActive,
        true,
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unique {
    AmongAll,
    AmongActive,
}

/// A pair of tables.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    pub name: &'static str,
    suffix: &'static str,
    slugs: Unique,
    has_triggers: bool,
}

impl Variant {
    const fn new(
        name: &'static str,
        suffix: &'static str,
        slugs: Unique,
        has_triggers: bool,
    ) -> Self {
        Self {
            name,
            suffix,
            slugs,
            has_triggers,
        }
    }

    fn post(&self) -> String {
        format!("post_{}", self.suffix)
    }

    pub fn comment(&self) -> String {
        format!("comment_{}", self.suffix)
    }

    pub async fn create(&self, db: &TestDb) -> TestResult {
        let (post, comment) = (self.post(), self.comment());
        // On SQLite only this type makes the key the number of the row.
        let id = match db.kind() {
            Kind::Postgres | Kind::MariaDb | Kind::MySql => "BIGINT PRIMARY KEY",
            _ => "INTEGER PRIMARY KEY",
        };
        run(db, format!("CREATE TABLE {post} (id {id})")).await?;
        run(
            db,
            format!(
                "CREATE TABLE {comment} (id {id}, post_id BIGINT NOT NULL, slug VARCHAR(100) NOT NULL, \
                 body VARCHAR(1000) NOT NULL, likes INTEGER NOT NULL DEFAULT 0, \
                 FOREIGN KEY (post_id) REFERENCES {post} (id) ON DELETE CASCADE)"
            ),
        )
        .await?;
        if db.kind() != Kind::MariaDb {
            // MariaDB makes it with the foreign key.
            run(
                db,
                format!("CREATE INDEX {comment}_post ON {comment} (post_id)"),
            )
            .await?;
        }

        let columns = SoftDeleteColumns::new().deletion_id();
        columns.add(post.clone(), db).await?;
        columns.add(comment.clone(), db).await?;
        match self.slugs {
            Unique::AmongAll => {
                run(
                    db,
                    format!("CREATE UNIQUE INDEX {comment}_slug ON {comment} (slug)"),
                )
                .await?;
            }
            Unique::AmongActive => {
                let index = UniqueActiveIndex::on(comment.clone()).col("slug");
                index.create(db).await?;
            }
        }
        if self.has_triggers {
            let triggers = ActiveParentTriggers::on(comment.clone())
                .key("post_id", "id")
                .parent(post.clone());
            triggers.create(db).await?;
        }

        if db.kind() == Kind::Postgres {
            // They are vacuumed between the measurements, and not while one runs.
            for table in [&post, &comment] {
                run(
                    db,
                    format!("ALTER TABLE {table} SET (autovacuum_enabled = off)"),
                )
                .await?;
            }
        }
        let posts: Vec<_> = (1..=POSTS).map(|id| format!("({id})")).collect();
        run(
            db,
            format!("INSERT INTO {post} (id) VALUES {}", posts.join(",")),
        )
        .await?;
        Ok(())
    }

    pub async fn remove_comments(&self, db: &TestDb) -> Result<(), DbErr> {
        let comment = self.comment();
        match db.kind() {
            Kind::Postgres | Kind::MariaDb | Kind::MySql => {
                run(db, format!("TRUNCATE TABLE {comment}")).await
            }
            _ => run(db, format!("DELETE FROM {comment}")).await,
        }
    }
}

/// Cleans up what the last statements left behind, so that the next find the tables as these did.
pub async fn settle(db: &TestDb) -> Result<(), DbErr> {
    match db.kind() {
        Kind::Postgres => run(db, "VACUUM (ANALYZE)").await,
        Kind::MariaDb | Kind::MySql => purge_history(db).await,
        _ => run(db, "PRAGMA wal_checkpoint(TRUNCATE)").await,
    }
}

/// InnoDB keeps old versions of rows and removes them in the background: waits until that is done.
async fn purge_history(db: &TestDb) -> Result<(), DbErr> {
    for _ in 0..50 {
        let history = "SELECT CAST(variable_value AS SIGNED) AS length FROM information_schema.global_status \
                       WHERE variable_name = 'Innodb_history_list_length'";
        let history = Statement::from_string(db.backend(), history);
        let Some(row) = db.query_one_raw(history).await? else {
            return Ok(());
        };
        if row.try_get::<i64>("", "length")? < 50 {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn run(db: &TestDb, sql: impl AsRef<str>) -> Result<(), DbErr> {
    db.execute_unprepared(sql.as_ref()).await.map(|_| ())
}
