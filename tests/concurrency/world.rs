//! The rows that operations race for, and what must be true of them whatever the order.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeZone as _, Utc};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement};

use super::depot;
use support::{TestResult, domain, folder};

/// When a deletion happened: the year tells which one it was.
pub fn year(year: i32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap()
}

/// Tables, and the rows that each round starts with.
pub struct World {
    tables: &'static [Table],
    rows: &'static [&'static str],
}

struct Table {
    name: &'static str,
    key: &'static str,
    /// Columns of keys that cascade, and the tables they refer to.
    parents: &'static [(&'static str, &'static str)],
    has_deletion_id: bool,
}

/// A workspace with a project, two tasks, three comments, and a tag on both tasks.
pub const TRACKER: World = World {
    tables: &[
        Table {
            name: "workspace",
            key: "id",
            parents: &[],
            has_deletion_id: true,
        },
        Table {
            name: "project",
            key: "id",
            parents: &[("workspace_id", "workspace")],
            has_deletion_id: true,
        },
        Table {
            name: "task",
            key: "id",
            parents: &[("project_id", "project")],
            has_deletion_id: true,
        },
        Table {
            name: "comment",
            key: "id",
            parents: &[("task_id", "task")],
            has_deletion_id: true,
        },
        Table {
            name: "tag",
            key: "id",
            parents: &[],
            has_deletion_id: false,
        },
        Table {
            name: "task_tag",
            key: "task_id",
            parents: &[("task_id", "task"), ("tag_id", "tag")],
            has_deletion_id: true,
        },
    ],
    rows: &[
        "INSERT INTO workspace (id, name, slug) VALUES (1, 'main', 'main')",
        "INSERT INTO project (id, workspace_id, name) VALUES (1, 1, 'engine')",
        "INSERT INTO task (id, project_id, title) VALUES (1, 1, 'start'), (2, 1, 'finish')",
        "INSERT INTO comment (id, task_id, body) VALUES (1, 1, 'first'), (2, 1, 'second'), (3, 2, 'third')",
        "INSERT INTO tag (id, name) VALUES (1, 'urgent')",
        "INSERT INTO task_tag (task_id, tag_id) VALUES (1, 1), (2, 1)",
    ],
};

/// Folders in folders: 1 ── 2 ── 3 ── 4.
pub const FOLDERS: World = World {
    tables: &[Table {
        name: "folder",
        key: "id",
        parents: &[("parent_id", "folder")],
        has_deletion_id: true,
    }],
    rows: &[
        "INSERT INTO folder (id, parent_id) VALUES (1, NULL)",
        "INSERT INTO folder (id, parent_id) VALUES (2, 1)",
        "INSERT INTO folder (id, parent_id) VALUES (3, 2)",
        "INSERT INTO folder (id, parent_id) VALUES (4, 3)",
    ],
};

/// A depot with two bays.
pub const DEPOTS: World = World {
    tables: &[
        Table {
            name: "depot",
            key: "id",
            parents: &[],
            has_deletion_id: true,
        },
        Table {
            name: "bay",
            key: "id",
            parents: &[("depot_id", "depot")],
            has_deletion_id: true,
        },
        Table {
            name: "lease",
            key: "id",
            parents: &[("bay_id", "bay")],
            has_deletion_id: true,
        },
    ],
    rows: &[
        "INSERT INTO depot (id) VALUES (1)",
        "INSERT INTO bay (id, depot_id) VALUES (1, 1), (2, 1)",
    ],
};

/// Workspaces, of which none is there.
pub const SLUGS: World = World {
    tables: &[Table {
        name: "workspace",
        key: "id",
        parents: &[],
        has_deletion_id: true,
    }],
    rows: &[],
};

/// All rows: `task 1 active`, or `task 1 deleted 2021`.
pub type Rows = Vec<String>;

impl World {
    /// Creates the tables of all worlds.
    pub async fn create(db: &DatabaseConnection) -> Result<(), DbErr> {
        domain::create(db).await?;
        folder::create(db).await?;
        depot::create(db).await?;
        let unique = match db.get_database_backend() {
            DbBackend::Postgres => {
                "CREATE UNIQUE INDEX active_slug ON workspace (slug) WHERE deleted_at IS NULL"
            }
            _ => {
                "ALTER TABLE workspace ADD active INT AS (IF(deleted_at IS NULL, 1, NULL)), \
                 ADD UNIQUE active_slug (slug, active)"
            }
        };
        db.execute_unprepared(unique).await?;
        Ok(())
    }

    /// Puts the tables back to the rows that a round starts with.
    pub async fn reset(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        if self.tables.iter().any(|table| table.name == "folder") {
            db.execute_unprepared("UPDATE folder SET parent_id = NULL")
                .await?;
        }
        for table in self.tables.iter().rev() {
            db.execute_unprepared(&format!("DELETE FROM {}", table.name))
                .await?;
        }
        for rows in self.rows {
            db.execute_unprepared(rows).await?;
        }
        Ok(())
    }

    pub async fn rows(&self, db: &DatabaseConnection) -> TestResult<Rows> {
        let tables = self.tables.iter().map(|Table { name, key, .. }| {
            format!("SELECT '{name}' AS name, {key} AS row_key, CAST(deleted_at AS CHAR(4)) AS year FROM {name}")
        });
        let query = tables.collect::<Vec<_>>().join(" UNION ALL ");
        let mut found = Rows::new();
        for row in db
            .query_all_raw(Statement::from_string(db.get_database_backend(), query))
            .await?
        {
            let name: String = row.try_get("", "name")?;
            let key: i64 = row.try_get("", "row_key")?;
            let year: Option<String> = row.try_get("", "year")?;
            let state = year.map_or("active".to_owned(), |year| format!("deleted {year}"));
            found.push(format!("{name} {key} {state}"));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// What must never be: an active row below a deleted one, a stamp on an active row, two stamps of one deletion.
    pub async fn check(&self, db: &DatabaseConnection) -> TestResult {
        let violations = self.tables.iter().flat_map(Table::violations);
        let queries: Vec<_> = violations
            .map(|(name, rows)| {
                format!("SELECT '{name}' AS name, COUNT(*) AS violations FROM {rows}")
            })
            .collect();
        let query = Statement::from_string(db.get_database_backend(), queries.join(" UNION ALL "));
        let mut found = BTreeMap::new();
        for row in db.query_all_raw(query).await? {
            let name: String = row.try_get("", "name")?;
            let violations: i64 = row.try_get("", "violations")?;
            if violations > 0 {
                found.insert(name, violations);
            }
        }
        assert!(found.is_empty(), "{found:?}");
        Ok(())
    }
}

impl Table {
    /// Names of what must not be, and the rows that are it.
    fn violations(&self) -> Vec<(String, String)> {
        let name = self.name;
        let mut violations = Vec::new();
        for (column, parent) in self.parents {
            violations.push((
                format!("active {name} below a deleted {parent}"),
                format!(
                    "{name} AS child JOIN {parent} AS parent ON parent.id = child.{column} \
                     WHERE child.deleted_at IS NULL AND parent.deleted_at IS NOT NULL"
                ),
            ));
        }
        if self.has_deletion_id {
            violations.push((
                format!("active {name} with a deletion id"),
                format!("{name} WHERE deleted_at IS NULL AND deletion_id IS NOT NULL"),
            ));
            violations.push((
                format!("{name} of one deletion with two times"),
                format!(
                    "(SELECT deletion_id FROM {name} WHERE deletion_id IS NOT NULL \
                     GROUP BY deletion_id HAVING COUNT(DISTINCT deleted_at) > 1) AS deletions"
                ),
            ));
        }
        violations
    }
}
