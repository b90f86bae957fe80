//! Random rows in random states: what stays is what has to, and no more.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DbErr, EntityTrait, IntoActiveModel, PrimaryKeyTrait,
};
use soft_delete::{PurgeReport, SoftDelete};
use tokio::{runtime::Handle, task::block_in_place};

use super::fixture::{days_ago, purge, table};
use support::{
    self, Kind, TestDb,
    domain::{self, comment, project, tag, task, task_tag, workspace},
};

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Active,
    Recent,
    Expired,
    Held,
}

impl State {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            1 => Just(Self::Active),
            1 => Just(Self::Recent),
                8 => Just(Self::Expired),
            1 => Just(Self::Held),
        ]
    }

    fn deleted_at(self) -> Option<chrono::DateTime<chrono::Utc>> {
        match self {
            Self::Active => None,
            Self::Recent => Some(days_ago(5)),
            Self::Expired | Self::Held => Some(days_ago(50)),
        }
    }
}

/// A row, by its table's place in [`TABLES`] and its id; a tag on a task has the task's id times 100, and the tag's.
type Row = (usize, i64);

const TABLES: [&str; 6] = ["workspace", "project", "task", "comment", "tag", "task_tag"];

/// Which rows there are, in which state, and which they refer to.
#[derive(Clone, Debug)]
struct Case {
    rows: BTreeMap<Row, (State, Vec<Row>)>,
    batch: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let rows = |most: usize| {
        vec(
            (
                State::any(),
                any::<prop::sample::Index>(),
                any::<prop::sample::Index>(),
            ),
            1..most,
        )
    };
    let tables = (rows(3), rows(5), rows(8), rows(16), rows(4), rows(10));
    (tables, 1_u64..6).prop_map(
        |((workspaces, projects, tasks, comments, tags, task_tags), batch)| {
            let mut rows = BTreeMap::new();
            let parents = [None, Some(0), Some(1), Some(2), None];
            let mut sizes = Vec::new();
            for (table, generated) in [workspaces, projects, tasks, comments, tags]
                .into_iter()
                .enumerate()
            {
                for (id, (state, parent, _)) in generated.iter().enumerate() {
                    let above: Option<usize> = parents[table];
                    let refers = above.map(|above| (above, parent.index(sizes[above]) as i64 + 1));
                    rows.insert(
                        (table, id as i64 + 1),
                        (*state, refers.into_iter().collect()),
                    );
                }
                sizes.push(generated.len());
            }
            for (state, task, tag) in task_tags {
                let (task, tag) = (
                    task.index(sizes[2]) as i64 + 1,
                    tag.index(sizes[4]) as i64 + 1,
                );
                // It has no name to tell a hold by.
                let state = if state == State::Held {
                    State::Expired
                } else {
                    state
                };
                rows.insert((5, task * 100 + tag), (state, vec![(2, task), (4, tag)]));
            }
            Case { rows, batch }
        },
    )
}

impl Case {
    /// The rows that go: expired, not held, and referred to by rows that go alone.
    fn purged(&self) -> BTreeSet<Row> {
        let mut gone = BTreeSet::new();
        loop {
            let free = |row: &Row| {
                let mut others = self.rows.iter().filter(|(other, _)| !gone.contains(*other));
                others.all(|(_, (_, refers))| !refers.contains(row))
            };
            let next: Vec<_> = self
                .rows
                .iter()
                .filter(|(row, (state, _))| {
                    *state == State::Expired && !gone.contains(*row) && free(row)
                })
                .map(|(row, _)| *row)
                .collect();
            if next.is_empty() {
                return gone;
            }
            gone.extend(next);
        }
    }

    async fn write(&self, db: &TestDb) -> Result<(), DbErr> {
        let at = |row: &Row| self.rows[row].0.deleted_at();
        for (row, (state, refers)) in &self.rows {
            let (id, deleted_at) = (row.1, at(row));
            // What is held is told by its name.
            let name = format!("{}{id}", if *state == State::Held { "held" } else { "row" });
            let parent = refers.first().map_or(0, |(_, id)| *id);
            match row.0 {
                0 => {
                    let slug = Set(id.to_string());
                    insert(
                        db,
                        workspace::ActiveModel {
                            id: Set(id),
                            name: Set(name),
                            slug,
                            deleted_at: Set(deleted_at),
                            ..Default::default()
                        },
                    )
                    .await?;
                }
                1 => {
                    insert(
                        db,
                        project::ActiveModel {
                            id: Set(id),
                            workspace_id: Set(parent),
                            name: Set(name),
                            deleted_at: Set(deleted_at),
                            ..Default::default()
                        },
                    )
                    .await?
                }
                2 => {
                    insert(
                        db,
                        task::ActiveModel {
                            id: Set(id),
                            project_id: Set(parent),
                            title: Set(name),
                            deleted_at: Set(deleted_at),
                            ..Default::default()
                        },
                    )
                    .await?
                }
                3 => {
                    insert(
                        db,
                        comment::ActiveModel {
                            id: Set(id),
                            task_id: Set(parent),
                            body: Set(name),
                            deleted_at: Set(deleted_at),
                            ..Default::default()
                        },
                    )
                    .await?
                }
                4 => {
                    insert(
                        db,
                        tag::ActiveModel {
                            id: Set(id),
                            name: Set(name),
                            deleted_at: Set(deleted_at),
                        },
                    )
                    .await?
                }
                _ => {}
            }
        }
        for (row, (_, refers)) in self.rows.iter().filter(|(row, _)| row.0 == 5) {
            let tagged = task_tag::ActiveModel {
                task_id: Set(refers[0].1),
                tag_id: Set(refers[1].1),
                deleted_at: Set(at(row)),
                ..Default::default()
            };
            insert(db, tagged).await?;
        }
        Ok(())
    }

    fn check(
        &self,
        report: &PurgeReport,
        left: Option<&BTreeSet<Row>>,
    ) -> Result<(), TestCaseError> {
        let gone = self.purged();
        if let Some(left) = left {
            let expected: BTreeSet<_> = self
                .rows
                .keys()
                .filter(|row| !gone.contains(*row))
                .copied()
                .collect();
            prop_assert_eq!(left, &expected);
        }
        for (place, name) in TABLES.iter().enumerate() {
            let told = table(report, name);
            let of_table =
                |set: &BTreeSet<Row>| set.iter().filter(|row| row.0 == place).count() as u64;
            let held = self
                .rows
                .iter()
                .filter(|(row, (state, _))| row.0 == place && *state == State::Held)
                .count() as u64;
            prop_assert_eq!(
                (*name, told.purged, told.held, told.remaining),
                (*name, of_table(&gone), held, 0)
            );
            let by: u64 = told.referenced.iter().map(|kept| kept.rows).sum();
            let ways = self
                .rows
                .iter()
                .filter(|(row, (state, _))| {
                    row.0 == place && *state == State::Expired && !gone.contains(*row)
                })
                .map(|(row, _)| {
                    let kept_by = self.rows.iter().filter(|(other, (_, refers))| {
                        refers.contains(row) && !gone.contains(*other)
                    });
                    kept_by
                        .map(|(other, _)| other.0)
                        .collect::<BTreeSet<_>>()
                        .len() as u64
                });
            prop_assert_eq!(by, ways.sum::<u64>());
        }
        Ok(())
    }
}

async fn insert<A>(db: &TestDb, row: A) -> Result<(), DbErr>
where
    A: sea_orm::ActiveModelTrait + Send,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    <A::Entity as EntityTrait>::insert(row)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

async fn left<E>(
    db: &TestDb,
    place: usize,
    id: impl Fn(&E::Model) -> i64,
) -> Result<Vec<Row>, DbErr>
where
    E: SoftDelete,
    E::PrimaryKey: PrimaryKeyTrait,
{
    let rows = E::with_deleted().all(db).await?;
    Ok(rows.iter().map(|row| (place, id(row))).collect())
}

async fn all_left(db: &TestDb) -> Result<BTreeSet<Row>, DbErr> {
    let mut rows = left::<workspace::Entity>(db, 0, |row| row.id).await?;
    rows.extend(left::<project::Entity>(db, 1, |row| row.id).await?);
    rows.extend(left::<task::Entity>(db, 2, |row| row.id).await?);
    rows.extend(left::<comment::Entity>(db, 3, |row| row.id).await?);
    rows.extend(left::<tag::Entity>(db, 4, |row| row.id).await?);
    rows.extend(left::<task_tag::Entity>(db, 5, |row| row.task_id * 100 + row.tag_id).await?);
    Ok(rows.into_iter().collect())
}

async fn clear(db: &TestDb) -> Result<(), soft_delete::Error> {
    task_tag::Entity::force_delete_many().all().exec(db).await?;
    comment::Entity::force_delete_many().all().exec(db).await?;
    task::Entity::force_delete_many().all().exec(db).await?;
    project::Entity::force_delete_many().all().exec(db).await?;
    workspace::Entity::force_delete_many()
        .all()
        .exec(db)
        .await?;
    tag::Entity::force_delete_many().all().exec(db).await?;
    Ok(())
}

fn with_holds(batch: u64) -> soft_delete::Purge {
    purge()
        .batch(batch)
        .hold::<workspace::Entity>(workspace::Column::Name.starts_with("held"))
        .hold::<project::Entity>(project::Column::Name.starts_with("held"))
        .hold::<task::Entity>(task::Column::Title.starts_with("held"))
        .hold::<comment::Entity>(comment::Column::Body.starts_with("held"))
        .hold::<tag::Entity>(tag::Column::Name.starts_with("held"))
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool, scoped_sqlite SqliteMemory Scoped]

    async fn what_has_to_stay_stays_and_nothing_else(db: &TestDb) {
        domain::create(db).await?;
        let mut config = Config { failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
        if std::env::var_os("PROPTEST_CASES").is_none() {
            config.cases = match db.kind() {
                Kind::SqliteMemory | Kind::SqliteFile => 150,
                Kind::Postgres | Kind::MariaDb | Kind::MySql => 30,
            };
        }
        let runtime = Handle::current();
        let outcome: Result<(), TestError<Case>> = block_in_place(|| {
            TestRunner::new(config).run(&case(), |case| {
                runtime.block_on(async {
                    let failed = |error: soft_delete::Error| TestCaseError::fail(error.to_string());
                    clear(db).await.map_err(failed)?;
                    case.write(db).await.map_err(|error| failed(error.into()))?;
                    let dry = with_holds(case.batch).plan(db).await.map_err(failed)?;
                    case.check(&dry, None)?;
                    let report = with_holds(case.batch).exec(db).await.map_err(failed)?;
                    let left = all_left(db).await.map_err(|error| failed(error.into()))?;
                    case.check(&report, Some(&left))
                })
            })
        });
        outcome?;
    }
}
