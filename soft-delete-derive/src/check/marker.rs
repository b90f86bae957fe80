//! How `deleted_at` is stored, and what a flag lacks.

use proc_macro2::Span;
use syn::{Lit, LitStr};

use super::ColumnField;
use crate::{
    attr::{StructAttr, TimeAttr},
    errors::{Errors, did_you_mean},
    model::{Active, Stamp, Time, Unique, Unit},
};

/// What the attributes of the struct, or of the field, say of `deleted_at`.
pub(super) fn time(
    attr: &StructAttr,
    columns: &[ColumnField],
    deleted_at: Option<&ColumnField>,
    errors: &mut Errors,
) -> Time {
    let is_it = |field: &ColumnField| {
        deleted_at.is_some_and(|deleted_at| deleted_at.column.field == field.column.field)
    };
    let of_others = columns.iter().filter(|field| !is_it(field));
    for span in of_others.filter_map(|field| field.attr.time.span()) {
        errors.at(
            span,
            "`unix` and `active` are said of `deleted_at`: mark this field with it, `#[soft_delete(deleted_at, …)]`",
        );
    }
    let of_field = deleted_at.map(|field| field.attr.time.clone());
    let of_field = of_field.unwrap_or_default();
    if let (Some(_), Some(span)) = (of_field.span(), attr.time.span()) {
        errors.at(
            span,
            "`deleted_at` is described on the struct and on its field: keep one",
        );
        return Time::wrong();
    }
    let said = match of_field.span() {
        Some(_) => &of_field,
        None => &attr.time,
    };
    if let (None, Some(span)) = (deleted_at, said.span()) {
        errors.at(
            span,
            "`unix` and `active` are said of `deleted_at`, which this entity doesn't have",
        );
        return Time::wrong();
    }
    read(said, errors)
}

fn read(said: &TimeAttr, errors: &mut Errors) -> Time {
    let unix = said
        .unix
        .as_ref()
        .and_then(|unit| errors.note(unit_of(unit)));
    let active = said
        .active
        .as_ref()
        .and_then(|active| errors.note(active_of(active, said.unix.is_some())));
    let is_wrong =
        unix.is_some() != said.unix.is_some() || active.is_some() != said.active.is_some();
    Time {
        unix,
        active,
        is_wrong,
    }
}

pub(super) fn unit_of(unit: &LitStr) -> syn::Result<Unit> {
    match unit.value().as_str() {
        "seconds" => Ok(Unit::Seconds),
        "millis" => Ok(Unit::Millis),
        other => {
            let message = format!(
                "`{other}` is no unit: {}",
                did_you_mean(other, &["seconds", "millis"])
            );
            Err(syn::Error::new_spanned(unit, message))
        }
    }
}

fn active_of(active: &Lit, is_unix: bool) -> syn::Result<Active> {
    let message = match active {
        Lit::Int(number) if is_unix && number.base10_digits() == "0" => return Ok(Active::Zero),
        Lit::Int(number) if number.base10_digits() == "0" => {
            "`active = 0` goes with a whole number, whose unit has to be said: `unix = \"seconds\"` or `unix = \"millis\"`"
        }
        Lit::Str(_) if is_unix => {
            "a whole number has no date for active rows: `active = 0`, or leave it out where they have NULL"
        }
        Lit::Str(text) => match micros(&text.value()) {
            Some(micros) => return Ok(Active::Time(micros)),
            None => {
                "not a time: write it in UTC as `active = \"9999-12-31\"` or `active = \"9999-12-31 23:59:59\"`"
            }
        },
        _ => "an active row has 0, or a time as a text: `active = 0` or `active = \"9999-12-31\"`",
    };
    Err(syn::Error::new_spanned(active, message))
}

/// Microseconds since 1970 of `2000-12-31`, `2000-12-31 23:59:59` or `2000-12-31T23:59:59.999999Z`.
fn micros(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text
        .strip_suffix('Z')
        .or_else(|| text.strip_suffix("+00:00"))
        .unwrap_or(text);
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let mut parts = date.split('-');
    let (year, month, day) = (
        number(parts.next()?, 4)?,
        number(parts.next()?, 2)?,
        number(parts.next()?, 2)?,
    );
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut clock = time.split(':');
    let (hour, minute, second) = (
        number(clock.next()?, 2)?,
        number(clock.next()?, 2)?,
        clock.next().map_or(Some(0), |second| number(second, 2))?,
    );
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of_month = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_time = year >= 1
        && (1..=12).contains(&month)
        && (1..=days_of_month).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_time || parts.next().is_some() || clock.next().is_some() || fraction.len() > 6 {
        return None;
    }
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1_000_000 + fraction)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// Days since 1970, by the calendar of today in all years.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that its last day is the one that may be missing.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

/// What rows that are active until their time can't have.
pub(super) fn check_scheduled(
    attr: &StructAttr,
    stamp: &Stamp,
    unique: &[Unique],
    errors: &mut Errors,
) {
    let Some(span) = attr.scheduled.filter(|_| errors.is_empty()) else {
        return;
    };
    let message = if stamp.flag.is_some() {
        "a flag can't wait for a time: rows are scheduled by a `deleted_at` alone"
    } else if stamp.time.active.is_some() {
        "rows are scheduled by a `deleted_at` that is NULL in active ones: leave out `active`"
    } else if stamp.deletion_id.is_none() {
        "a deletion that is to come is told by its id: add `pub deletion_id: Option<Uuid>`"
    } else if !unique.is_empty() {
        "an index can't tell the time, so that a scheduled row would lose its unique values while it is still active: leave out \
         `unique`, or `scheduled`"
    } else {
        return;
    };
    errors.at(span, message.to_owned());
}

/// What a flag alone can't do, as far as the struct tells.
pub(super) fn check(
    attr: &StructAttr,
    columns: &[ColumnField],
    stamp: &Stamp,
    errors: &mut Errors,
) {
    let is_alone = stamp.flag.is_some() && stamp.deleted_at.is_none() && errors.is_empty();
    if !is_alone {
        return;
    }
    if let Some(retention) = &attr.retention {
        errors.at(
            retention.span(),
            "a flag keeps no time to count a retention from: add `pub deleted_at: Option<DateTimeUtc>`",
        );
    }
    let rules = attr.on_delete.iter().map(|(_, rule)| rule);
    let is_cascade = |rule: &&LitStr| rule.value() == "cascade";
    let of_fields = columns
        .iter()
        .filter_map(|field| field.attr.on_delete.as_ref());
    let cascade = rules
        .chain(&attr.default_on_delete)
        .chain(of_fields.map(|(_, rule)| rule))
        .find(is_cascade)
        .map(LitStr::span);
    if let (None, Some(span)) = (&stamp.deletion_id, cascade) {
        no_identity(span, errors);
    }
}

fn no_identity(span: Span, errors: &mut Errors) {
    errors.at(
        span,
        "a flag alone doesn't tell which deletion took a row: add `pub deletion_id: Option<Uuid>`",
    );
}

#[cfg(test)]
mod tests {
    use super::micros;

    #[test]
    fn a_time_is_read_in_the_usual_forms() {
        assert_eq!(micros("1970-01-01"), Some(0));
        assert_eq!(micros("1970-01-01 00:00:01"), Some(1_000_000));
        assert_eq!(micros("9999-12-31 23:59:59"), Some(253_402_300_799_000_000));
        assert_eq!(
            micros("9999-12-31T23:59:59.999999Z"),
            Some(253_402_300_799_999_999)
        );
        assert_eq!(
            micros("2000-02-29 00:00:00.5+00:00"),
            Some(951_782_400_500_000)
        );
        assert_eq!(micros("0001-01-01"), Some(-62_135_596_800_000_000));
        for text in [
            "",
            "never",
            "0000-00-00",
            "2001-02-29",
            "2000-01-01 24:00:00",
            "2000-1-1",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
