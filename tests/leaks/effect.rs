//! What a statement did to the rows, told by looking at all of them before and after.

use std::{collections::BTreeMap, fmt};

use sea_orm::{ConnectionTrait, DbErr, ModelTrait};
use soft_delete::SoftDelete;

use super::account::{account, follow};
use support::domain::{comment, member, project, tag, task, task_tag, workspace};

/// All rows, by table and key.
pub struct Rows(BTreeMap<String, Row>);

#[derive(PartialEq)]
struct Row {
    values: String,
    is_deleted: bool,
}

impl Rows {
    pub async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let mut rows = BTreeMap::new();
        rows.extend(of::<workspace::Entity>(db).await?);
        rows.extend(of::<project::Entity>(db).await?);
        rows.extend(of::<task::Entity>(db).await?);
        rows.extend(of::<comment::Entity>(db).await?);
        rows.extend(of::<tag::Entity>(db).await?);
        rows.extend(of::<task_tag::Entity>(db).await?);
        rows.extend(of::<member::Entity>(db).await?);
        rows.extend(of::<account::Entity>(db).await?);
        rows.extend(of::<follow::Entity>(db).await?);
        Ok(Self(rows))
    }
}

async fn of<E: SoftDelete>(db: &impl ConnectionTrait) -> Result<Vec<(String, Row)>, DbErr> {
    let active = E::active()
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row, false));
    let deleted = E::only_deleted()
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row, true));
    let rows = active.chain(deleted).map(|(row, is_deleted)| {
        let key = format!(
            "{} {:?}",
            E::default().table_name(),
            row.get_primary_key_value()
        );
        let values = format!("{row:?}");
        (key, Row { values, is_deleted })
    });
    Ok(rows.collect())
}

/// The worst that a statement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Nothing,
    InsertsRows,
    ChangesActiveRows,
    MarksRows,
    ChangesDeletedRows,
    CopiesDeletedRows,
    RemovesRows,
    IsRefused,
}

impl Effect {
    pub fn between(before: &Rows, after: &Rows) -> Self {
        let (before, after) = (&before.0, &after.0);
        let of_one = |(key, row): (&String, &Row)| match after.get(key) {
            None => Self::RemovesRows,
            Some(now) if now == row => Self::Nothing,
            Some(_) if row.is_deleted => Self::ChangesDeletedRows,
            Some(now) if now.is_deleted => Self::MarksRows,
            Some(_) => Self::ChangesActiveRows,
        };
        let of_new = |(_, row): (&String, &Row)| match row.values.contains("withdrawn") {
            true => Self::CopiesDeletedRows,
            false => Self::InsertsRows,
        };
        let new = after.iter().filter(|(key, _)| !before.contains_key(*key));
        let effects = before.iter().map(of_one).chain(new.map(of_new));
        effects.max().unwrap_or(Self::Nothing)
    }

    /// Deleted rows were reached, or rows are gone for ever.
    pub fn is_leak(self) -> bool {
        matches!(
            self,
            Self::ChangesDeletedRows | Self::CopiesDeletedRows | Self::RemovesRows
        )
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "changes nothing",
            Self::InsertsRows => "inserts rows",
            Self::ChangesActiveRows => "changes active rows",
            Self::MarksRows => "marks rows",
            Self::ChangesDeletedRows => "**changes deleted rows too**",
            Self::CopiesDeletedRows => "**copies deleted rows too**",
            Self::RemovesRows => "**removes rows physically**",
            Self::IsRefused => "is refused",
        })
    }
}
