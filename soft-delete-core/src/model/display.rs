//! Values in messages.

use sea_orm::Value;

/// A value as a text without quotes.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => text.clone(),
        other => display(other),
    }
}

/// A value as a reader of a message expects it.
pub(crate) fn display(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => format!("\"{text}\""),
        Value::Uuid(Some(id)) => id.to_string(),
        value if *value == value.as_null() => "NULL".to_owned(),
        value => value.to_string(),
    }
}

/// `1`, or `(1, "a")` for a composite key.
pub fn display_key(key: &[Value]) -> String {
    match key {
        [value] => display(value),
        values => {
            let values: Vec<_> = values.iter().map(display).collect();
            format!("({})", values.join(", "))
        }
    }
}
