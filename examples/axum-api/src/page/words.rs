//! Counts and times as people say them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use maud::{Markup, html};

use crate::{
    kind::Kind,
    view::{RestorationView, RowCount},
};

/// `1 project, 3 tasks and 6 comments`.
pub fn rows(counts: &[RowCount]) -> String {
    let counts = counts.iter().filter(|count| count.rows > 0);
    let parts: Vec<_> = counts
        .map(|count| number(count.rows, count.kind.name()))
        .collect();
    match parts.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// `1 task`, `2 tasks`.
pub fn number(n: u64, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{s}")
}

/// What a restore did.
pub fn restored(restoration: &RestorationView) -> String {
    let mut text = match rows(&restoration.rows) {
        nothing if restoration.rows.is_empty() => format!("Came back: {nothing}."),
        rows => format!("Restored {rows}."),
    };
    if !restoration.skipped.is_empty() {
        text += &format!(" Left in the trash: {}.", rows(&restoration.skipped));
    }
    if !restoration.kept.is_empty() {
        let kept = rows(&restoration.kept);
        text += &format!(" Still in the trash with something else that they belong to: {kept}.");
    }
    let replaced: Vec<_> = restoration
        .replaced
        .iter()
        .flat_map(|deletion| deletion.rows.clone())
        .collect();
    if !replaced.is_empty() {
        text += &format!(" Replaced, and now in the trash: {}.", rows(&replaced));
    }
    text
}

/// A title in quotation marks, not longer than fits.
pub fn quoted(title: &str) -> String {
    const LENGTH: usize = 80;
    match title.char_indices().nth(LENGTH) {
        None => format!("“{title}”"),
        Some((end, _)) => format!("“{}…”", &title[..end]),
    }
}

pub fn capital(kind: Kind) -> &'static str {
    match kind {
        Kind::Workspace => "Workspace",
        Kind::Project => "Project",
        Kind::Task => "Task",
        Kind::Comment => "Comment",
        Kind::Member => "Member",
    }
}

/// `3 hours ago`, with the time itself for those who point at it, and for scripts.
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    time(
        then,
        &match span(now - then) {
            None => "just now".to_owned(),
            Some(span) => format!("{span} ago"),
        },
    )
}

/// `in 29 days`.
pub fn until(then: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    time(
        then,
        &match span(then - now) {
            None => "any time now".to_owned(),
            Some(span) => format!("in {span}"),
        },
    )
}

fn time(time: DateTime<Utc>, text: &str) -> Markup {
    let exact = time.format("%-d %B %Y, %H:%M UTC").to_string();
    html! {
        time datetime=(time.to_rfc3339_opts(SecondsFormat::Secs, true)) title=(exact) { (text) }
    }
}

/// None for less than a minute.
fn span(span: TimeDelta) -> Option<String> {
    let units = [
        (span.num_days(), "day"),
        (span.num_hours(), "hour"),
        (span.num_minutes(), "minute"),
    ];
    let (n, unit) = units.into_iter().find(|(n, _)| *n > 0)?;
    Some(number(n.unsigned_abs(), unit))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};

    use super::{ago, quoted, rows, until};
    use crate::{kind::Kind, view::RowCount};

    #[test]
    fn counts_read_as_a_sentence() {
        let count = |kind, rows| RowCount { kind, rows };
        assert_eq!(rows(&[]), "nothing");
        assert_eq!(rows(&[count(Kind::Task, 1)]), "1 task");
        let all = [
            count(Kind::Project, 1),
            count(Kind::Task, 3),
            count(Kind::Comment, 6),
        ];
        assert_eq!(rows(&all), "1 project, 3 tasks and 6 comments");
    }

    #[test]
    fn times_are_said_by_their_largest_unit() {
        let now = Utc::now();
        assert!(ago(now, now).into_string().ends_with(">just now</time>"));
        assert!(
            ago(now - TimeDelta::hours(25), now)
                .into_string()
                .ends_with(">1 day ago</time>")
        );
        assert!(
            until(now + TimeDelta::minutes(90), now)
                .into_string()
                .ends_with(">in 1 hour</time>")
        );
        assert!(
            until(now - TimeDelta::days(2), now)
                .into_string()
                .ends_with(">any time now</time>")
        );
    }

    #[test]
    fn long_titles_are_cut_between_characters() {
        assert_eq!(quoted("ä"), "“ä”");
        assert_eq!(quoted(&"ä".repeat(81)), format!("“{}…”", "ä".repeat(80)));
    }
}
