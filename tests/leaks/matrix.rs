//! Runs every way on both connections.

use std::fmt::Write as _;

use sea_orm::{
    ActiveValue::Set, DatabaseConnection, EntityTrait as _, TransactionTrait as _,
    sea_query::OnConflict,
};
use soft_delete::ScopedConnection;

use super::{
    effect::{Effect, Rows},
    page,
    read::{Lines, Read},
    reads,
    world::{self, World},
    write::Write,
    writes,
};
use support::{self, Failure, Kind, TestDb, TestResult, domain::tag};

/// `Post::find()` itself asks for active rows, in WHERE. That hides rows on the right whose partners are all deleted.
const RIGHT_JOIN: &str = "`right_join` behind `Post::find()`";

/// What a read shows of rows that are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What it shows when they are gone for ever.
    ActiveRows,
    /// More than that, or other figures.
    DeletedRowsToo,
    /// Less than that, and nothing else.
    TooFewRows,
}

impl Sight {
    /// Compares what was seen with what is seen when there are no deleted rows.
    fn of(seen: &Lines, expected: &Lines) -> Self {
        if seen == expected {
            return Self::ActiveRows;
        }
        let mut rest = expected.clone();
        let is_known = |line: &String| {
            let place = rest.iter().position(|other| other == line);
            place.map(|place| rest.swap_remove(place)).is_some()
        };
        match seen.iter().all(is_known) {
            true => Self::TooFewRows,
            false => Self::DeletedRowsToo,
        }
    }
}

/// A row of the guide's first table.
pub struct ReadRow {
    pub way: &'static Read,
    pub plain: Sight,
    pub scoped: Sight,
}

/// A row of the guide's second table.
pub struct WriteRow {
    pub way: &'static Write,
    pub plain: Effect,
    pub scoped: Effect,
}

/// Each read on both connections, and the differences that should not be there.
async fn observe_reads(db: &TestDb) -> TestResult<(Vec<ReadRow>, String)> {
    let world = World::create(db).await?;
    let (plain, scoped) = (db.connection(), world::scoped(db));
    let mut seen = Vec::new();
    for way in reads::all() {
        seen.push((
            way,
            sorted((way.plain)(&world, &plain).await, way.name)?,
            (way.scoped)(&world, &scoped).await,
        ));
    }
    world::purge(db).await?;

    let (mut rows, mut mistakes) = (Vec::new(), String::new());
    for (way, on_plain, on_scoped) in seen {
        let expected = sorted((way.plain)(&world, &plain).await, way.name)?;
        assert!(!expected.is_empty(), "{} shows nothing", way.name);
        match sorted(on_scoped, way.name) {
            Ok(on_scoped) => {
                let is_known =
                    way.name == RIGHT_JOIN && Sight::of(&on_scoped, &expected) == Sight::TooFewRows;
                if on_scoped != expected && !is_known {
                    write!(
                        mistakes,
                        "\n{}: {on_scoped:#?}\ninstead of {expected:#?}",
                        way.name
                    )?;
                }
                rows.push(ReadRow {
                    way,
                    plain: Sight::of(&on_plain, &expected),
                    scoped: Sight::of(&on_scoped, &expected),
                });
            }
            Err(error) => write!(mistakes, "\n{error:?}")?,
        }
    }
    Ok((rows, mistakes))
}

/// In one order, since databases have none.
fn sorted(lines: TestResult<Lines>, name: &str) -> TestResult<Lines> {
    let mut lines = lines.map_err(|error| named(error, name))?;
    lines.sort();
    Ok(lines)
}

fn named(error: Failure, name: &str) -> Failure {
    Failure::from(std::io::Error::other(format!("{name}: {error:?}")))
}

async fn observe_writes(db: &TestDb) -> TestResult<(Vec<WriteRow>, String)> {
    let world = World::create(db).await?;
    let (mut rows, mut mistakes) = (Vec::new(), String::new());
    for way in writes::all() {
        let plain = on_plain(way, &world, &db.connection()).await;
        let plain = plain.map_err(|error| named(error, way.name))?;
        assert_ne!(plain, Effect::Nothing, "{}", way.name);
        match on_scoped(way, &world, &world::scoped(db)).await {
            Ok(scoped) => rows.push(WriteRow { way, plain, scoped }),
            Err(error) => write!(mistakes, "\n{:?}", named(error, way.name))?,
        }
    }
    Ok((rows, mistakes))
}

async fn on_plain(way: &Write, world: &World, db: &DatabaseConnection) -> TestResult<Effect> {
    let transaction = db.begin().await?;
    let before = Rows::read(&transaction).await?;
    (way.plain)(world, &transaction).await?;
    let effect = Effect::between(&before, &Rows::read(&transaction).await?);
    transaction.rollback().await?;
    Ok(effect)
}

async fn on_scoped(
    way: &Write,
    world: &World,
    db: &ScopedConnection<DatabaseConnection>,
) -> TestResult<Effect> {
    let transaction = db.begin().await?;
    let before = Rows::read(transaction.unscoped()).await?;
    let result = (way.scoped)(world, &transaction).await;
    let effect = Effect::between(&before, &Rows::read(transaction.unscoped()).await?);
    transaction.rollback().await?;
    match result {
        Ok(()) => Ok(effect),
        Err(error) if format!("{error:?}").contains("run it on `unscoped()`") => {
            assert_eq!(effect, Effect::Nothing, "{} is refused too late", way.name);
            Ok(Effect::IsRefused)
        }
        Err(error) => Err(error),
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn reads_through_a_scoped_connection_are_as_if_deleted_rows_were_gone(db: &TestDb) {
        let (_, mistakes) = observe_reads(db).await?;
        assert!(mistakes.is_empty(), "{mistakes}");
    }

    async fn writes_through_a_scoped_connection_leave_deleted_rows_alone(db: &TestDb) {
        let (rows, mistakes) = observe_writes(db).await?;
        assert!(mistakes.is_empty(), "{mistakes}");
        for row in rows.iter().filter(|row| !row.way.name.contains("force_delete")) {
            assert!(!row.scoped.is_leak(), "{}: {}", row.way.name, row.scoped);
        }
    }

    async fn an_upsert_leaves_deleted_rows_alone_where_it_takes_a_condition(db: &TestDb) {
        World::create(db).await?;
        let stale = tag::ActiveModel {
            id: Set(3),
            name: Set("edited".to_owned()),
            ..Default::default()
        };
        let update = OnConflict::column(tag::Column::Id)
            .update_column(tag::Column::Name)
            .to_owned();
        let insert = tag::Entity::insert(stale).on_conflict(update);
        insert.exec_without_returning(&world::scoped(db)).await?;
        let stale = tag::Entity::only_deleted().one(db).await?.expect("a deleted tag");
        // ON DUPLICATE KEY UPDATE has no condition.
        let name = if db.kind() == Kind::MariaDb { "edited" } else { "stale" };
        assert_eq!(stale.name, name);
    }

    async fn the_guide_says_what_was_observed(db: &TestDb) {
        let (reads, _) = observe_reads(db).await?;
        World::drop(db).await?;
        let (writes, _) = observe_writes(db).await?;
        page::check(&reads, &writes);
    }
}
