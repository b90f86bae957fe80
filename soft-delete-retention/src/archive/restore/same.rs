//! Whether a value is still the same in a column of another type.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value as Json;

/// The text of a value, whatever its form. `None` for NULL.
pub(super) fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        Json::Object(tagged) => {
            let member = |name| tagged.get(name).and_then(Json::as_str);
            match (member("hex").or_else(|| member("real")), member("plus")) {
                (Some(text), None) => Some(text.to_owned()),
                (Some(text), Some(plus)) => Some(format!("{text} + {plus}")),
                (None, _) => Some(value.to_string()),
            }
        }
        other => Some(other.to_string()),
    }
}

/// Equal, but for how it is written: 7 and "7", 1.5 and 1.50, bytes and the text that they spell, a time and the same in UTC.
pub(super) fn is_same(a: &Json, b: &Json) -> bool {
    let (Some(left), Some(right)) = (text(a), text(b)) else {
        return a.is_null() && b.is_null();
    };
    let bytes_of = |value: &Json| bytes(value);
    match (bytes_of(a), bytes_of(b)) {
        (Some(left), Some(right)) => return left == right,
        (Some(bytes), None) => return bytes == right.as_bytes(),
        (None, Some(bytes)) => return bytes == left.as_bytes(),
        (None, None) => {}
    }
    left == right
        || matches!((digits(&left), digits(&right)), (Some(a), Some(b)) if a == b)
        || matches!((time(&left), time(&right)), (Some(a), Some(b)) if a == b)
        || matches!(
            (&*left, &*right),
            ("true", "1") | ("1", "true") | ("false", "0") | ("0", "false")
        )
}

/// The bytes of a value that is tagged as such.
pub(super) fn bytes(value: &Json) -> Option<Vec<u8>> {
    let hex = value.as_object()?.get("hex")?.as_str()?;
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// A number's sign, digits and exponent, without zeros that say nothing.
fn digits(text: &str) -> Option<(bool, String, i64)> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // Leading zeros are part of a text, not of a number.
    let has_zeros = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || has_zeros || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let mut digits = format!("{whole}{fraction}");
    let mut exponent = exponent - i64::try_from(fraction.len()).ok()?;
    while digits.len() > 1 && digits.ends_with('0') {
        digits.pop();
        exponent += 1;
    }
    let digits = digits.trim_start_matches('0');
    match digits {
        "" => Some((false, String::new(), 0)),
        digits => Some((negative, digits.to_owned(), exponent)),
    }
}

/// A time without zone is UTC.
fn time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_the_same_however_it_is_written() {
        for (a, b) in [
            (json!(7), json!("7")),
            (json!("1.50"), json!("1.5")),
            (json!("-0"), json!(0)),
            (json!("1e3"), json!(1000)),
            (
                json!({"real": "3.00000000000000044408e-01"}),
                json!("0.300000000000000044408"),
            ),
            (json!({"hex": "41FF"}), json!({"hex": "41ff"})),
            (json!({"hex": "41"}), json!("A")),
            (json!(true), json!(1)),
            (
                json!("2024-02-29T12:00:00.5"),
                json!("2024-02-29T14:00:00.500+02:00"),
            ),
            (json!("2024-02-29 12:00:00"), json!("2024-02-29T12:00:00")),
            (json!(null), json!(null)),
        ] {
            assert!(is_same(&a, &b), "{a} {b}");
            assert!(is_same(&b, &a), "{b} {a}");
        }
    }

    #[test]
    fn a_value_that_lost_something_is_another() {
        for (a, b) in [
            (json!("007"), json!(7)),
            (json!("1.5"), json!(2)),
            (json!("0.1"), json!("0.10000000149011612")),
            (json!("abc"), json!("ab")),
            (json!("a "), json!("a")),
            (json!(null), json!("")),
            (json!(null), json!(0)),
            (json!({"hex": "41"}), json!("41")),
            (json!("2024-02-29T12:00:00.5"), json!("2024-02-29T12:00:00")),
            (json!("1e999999999999999999999"), json!("1")),
        ] {
            assert!(!is_same(&a, &b), "{a} {b}");
            assert!(!is_same(&b, &a), "{b} {a}");
        }
    }
}
