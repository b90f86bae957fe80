//! What the columns of a cascade keep of a time, known before the first write.
//!
//! Where rows can be told by their time only, the stamp is cut to what the coarsest column of the cascade keeps: then every row has
//! the same instant, and a restore finds it again.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, sea_query::Query};

use crate::{
    dialect,
    model::{EntityMeta, Error, Marker, graph::Cascade, stamp::TimeKind},
};

/// What all `deleted_at` of a cascade keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keeps {
    /// The digits of a second that the coarsest column has.
    digits: u8,
}

impl Keeps {
    /// Microseconds: the finest that every backend has.
    pub(crate) const FINEST: Self = Self { digits: 6 };

    /// The time as every column keeps it.
    pub(crate) fn cut(self, at: DateTime<Utc>) -> DateTime<Utc> {
        at.trunc_subsecs(u16::from(self.digits))
    }

    /// The time between two that the columns tell apart.
    pub(crate) fn tick(self) -> TimeDelta {
        TimeDelta::microseconds(10_i64.pow(6 - u32::from(self.digits.min(6))))
    }
}

/// Reads what the columns of a cascade keep, where it matters: rows are told by their time, or the time is one that a TIMESTAMP of MySQL
/// can't hold.
///
/// # Errors
///
/// [`Error::UnstorableTime`] if a column can't hold the time.
pub(crate) async fn read<C: ConnectionTrait>(
    db: &C,
    cascade: &Cascade<'_>,
    at: DateTime<Utc>,
) -> Result<Keeps, Error> {
    let backend = db.get_database_backend();
    if !cascade.goes_by_time() && dialect::fits_every_column(backend, at) {
        return of_integers(cascade, at);
    }
    of_columns(db, cascade, at).await
}

/// Reads what the columns of a cascade keep.
///
/// # Errors
///
/// [`Error::UnstorableTime`] if a column can't hold the time.
pub(crate) async fn of_columns<C: ConnectionTrait>(
    db: &C,
    cascade: &Cascade<'_>,
    at: DateTime<Utc>,
) -> Result<Keeps, Error> {
    let backend = db.get_database_backend();
    let keeps = of_integers(cascade, at)?;
    let has_date = |entity: &usize| {
        let kind = cascade.group.entity(*entity).stamp.deleted_at_kind;
        kind != TimeKind::None && !kind.is_integer()
    };
    let entities: Vec<_> = cascade.entities().filter(has_date).collect();
    if entities.is_empty() {
        return Ok(keeps);
    }
    let mut select = Query::select();
    for (place, entity) in entities.iter().enumerate() {
        let meta = cascade.group.entity(*entity);
        let column = &meta.stamp.deleted_at;
        let Some(kept) = dialect::kept_time(backend, meta.table.in_catalog(), column) else {
            return Ok(keeps);
        };
        select.expr_as(kept, format!("soft_delete_{place}"));
    }
    let Some(row) = db.query_one(&select).await? else {
        return Ok(keeps);
    };
    let mut keeps = keeps;
    for (place, entity) in entities.iter().enumerate() {
        let meta = cascade.group.entity(*entity);
        // A column that the catalog doesn't show is not there, or hidden: its digits are unknown.
        let kept = row.try_get::<Option<String>>("", &format!("soft_delete_{place}"))?;
        let kept = kept.unwrap_or_else(|| "datetime 0".to_owned());
        keeps.digits = keeps.digits.min(digits(meta, backend, &kept, at)?);
    }
    Ok(keeps)
}

/// What the columns keep that are whole numbers.
fn of_integers(cascade: &Cascade<'_>, at: DateTime<Utc>) -> Result<Keeps, Error> {
    let mut keeps = Keeps::FINEST;
    for entity in cascade.entities() {
        let meta = cascade.group.entity(entity);
        let stamp = &meta.stamp;
        let kind = stamp.deleted_at_kind;
        let is_active = stamp.has_time()
            && matches!(stamp.marker, Marker::TimeOr { .. })
            && stamp.is_active_value(&kind.value(at));
        if is_active || !kind.holds(at) {
            return Err(Error::UnstorableTime {
                table: meta.table.clone(),
                column: stamp.deleted_at.clone(),
                column_type: match is_active {
                    true => "is active at that time".to_owned(),
                    false => format!("{kind:?}"),
                },
                at,
            });
        }
        if let Some(digits) = kind.digits() {
            keeps.digits = keeps.digits.min(digits);
        }
    }
    Ok(keeps)
}

/// The digits that a column of this type keeps.
fn digits(
    meta: &EntityMeta,
    backend: DbBackend,
    kept: &str,
    at: DateTime<Utc>,
) -> Result<u8, Error> {
    let (name, digits) = kept.split_once(' ').unwrap_or((kept, "0"));
    if !dialect::holds_time(backend, name, at) {
        return Err(Error::UnstorableTime {
            table: meta.table.clone(),
            column: meta.stamp.deleted_at.clone(),
            column_type: name.to_owned(),
            at,
        });
    }
    Ok(digits.parse().unwrap_or(0).min(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_what_the_digits_tell_apart() {
        let at = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap_or_default();
        for (digits, micros, tick) in [(6, 123_456, 1), (3, 123_000, 1_000), (0, 0, 1_000_000)] {
            let keeps = Keeps { digits };
            assert_eq!(keeps.cut(at).timestamp_subsec_micros(), micros);
            assert_eq!(keeps.tick(), TimeDelta::microseconds(tick));
        }
    }
}
