//! What the databases of cases keep of a time.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use proptest::{collection::vec, prelude::*};
use sea_orm::DbErr;

use super::{
    answer::DeletionNumber,
    schema::{TABLES, Table, meta},
};
use support::{Connection, Kind};

/// What `deleted_at` of each table keeps.
#[derive(Clone, Debug)]
pub struct Layout {
    kind: Kind,
    times: Vec<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Time {
    /// Of a second.
    digits: u32,
    /// A DATETIME, and not a TIMESTAMP, where there are both.
    is_datetime: bool,
}

const FINEST: Time = Time {
    digits: 6,
    is_datetime: false,
};

impl Layout {
    /// Microseconds everywhere.
    pub fn finest(kind: Kind) -> Self {
        Self {
            kind,
            times: vec![FINEST; TABLES],
        }
    }

    pub fn whole_seconds(kind: Kind) -> Self {
        let mut layout = Self::finest(kind);
        if kind.is_server() {
            layout.times.iter_mut().for_each(|time| time.digits = 0);
        }
        layout
    }

    /// Any, where columns have digits. SQLite keeps whatever is written.
    pub fn any(kind: Kind) -> impl Strategy<Value = Self> {
        let digits = prop_oneof![2 => Just(6), 1 => Just(3), 2 => Just(0)];
        let time = (digits, any::<bool>()).prop_map(move |(digits, is_datetime)| match kind {
            Kind::SqliteMemory | Kind::SqliteFile => FINEST,
            Kind::Postgres => Time {
                digits,
                is_datetime: false,
            },
            Kind::MariaDb | Kind::MySql => Time {
                digits,
                is_datetime,
            },
        });
        vec(time, TABLES).prop_map(move |times| Self { kind, times })
    }

    /// Gives the column of a new table its type.
    pub async fn apply(&self, db: &Connection, table: Table) -> Result<(), DbErr> {
        let Time {
            digits,
            is_datetime,
        } = self.times[table];
        let name = &meta(table).table.name;
        let statement = match self.kind {
            Kind::SqliteMemory | Kind::SqliteFile => return Ok(()),
            Kind::Postgres => format!(
                "ALTER TABLE {name} ALTER COLUMN deleted_at TYPE timestamp({digits}) with time zone"
            ),
            Kind::MariaDb | Kind::MySql => {
                let of = if is_datetime { "datetime" } else { "timestamp" };
                format!("ALTER TABLE {name} MODIFY deleted_at {of}({digits}) NULL")
            }
        };
        let db: &sea_orm::DatabaseConnection = db.unscoped();
        sea_orm::ConnectionTrait::execute_unprepared(db, &statement).await?;
        Ok(())
    }

    /// A time as a table keeps it. MariaDB cuts it, the others round.
    fn stored(&self, table: Table, at: DateTime<Utc>) -> DateTime<Utc> {
        let scale = 10_i64.pow(6 - self.times[table].digits);
        let micros = at.timestamp_micros();
        let micros = match self.kind {
            Kind::MariaDb => micros,
            _ => micros + scale / 2,
        };
        DateTime::from_timestamp_micros(micros - micros.rem_euclid(scale)).unwrap_or(at)
    }
}

/// The times of the deletions so far, by their numbers, and what tables keep of them.
#[derive(Clone, Debug)]
pub struct Clock {
    pub layout: Layout,
    pub times: Vec<DateTime<Utc>>,
}

impl Clock {
    pub fn new(layout: &Layout) -> Self {
        Self {
            layout: layout.clone(),
            times: Vec::new(),
        }
    }

    /// As a row of this table has it. `None` of a deletion that is just under way.
    pub fn stored(&self, table: Table, deletion: DeletionNumber) -> Option<DateTime<Utc>> {
        let at = self.times.get(deletion)?;
        Some(self.layout.stored(table, *at))
    }

    /// The first deletion that rows of this table with this time can be of.
    pub fn deletion_at(&self, table: Table, at: DateTime<Utc>) -> Option<DeletionNumber> {
        let mut times = self.times.iter();
        times.position(|time| self.layout.stored(table, *time) == at)
    }

    /// The first deletion of the same time, as this table keeps it.
    pub fn first_like(&self, table: Table, deletion: DeletionNumber) -> DeletionNumber {
        let stored = self.stored(table, deletion);
        let first = stored.and_then(|at| self.deletion_at(table, at));
        first.unwrap_or(deletion)
    }
}

/// A time as other programs write it into a text of SQLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `2026-01-31 12:00:00.5`
    Plain,
    /// `2026-01-31T12:00:00.500000Z`
    Zulu,
    /// `2026-01-31T12:00:00.500000000+00:00`
    Nanoseconds,
    /// `2026-01-31 14:00:00.500000+02:00`
    Eastward,
    /// `2026-01-31T06:30:00.5-05:30`
    Westward,
}

impl Form {
    pub fn write(self, at: DateTime<Utc>) -> String {
        let short = |text: String| {
            let text = text.trim_end_matches('0').trim_end_matches('.');
            text.to_owned()
        };
        let shifted = |minutes: i64| at + chrono::TimeDelta::minutes(minutes);
        debug_assert!((1970..9999).contains(&at.year()) && at.nanosecond().is_multiple_of(1_000));
        match self {
            Self::Plain => short(at.format("%Y-%m-%d %H:%M:%S%.6f").to_string()),
            Self::Zulu => at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            Self::Nanoseconds => at.format("%Y-%m-%dT%H:%M:%S%.9f+00:00").to_string(),
            Self::Eastward => shifted(120)
                .format("%Y-%m-%d %H:%M:%S%.6f+02:00")
                .to_string(),
            Self::Westward => {
                let text = shifted(-330).format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
                format!("{}-05:30", short(text))
            }
        }
    }
}
