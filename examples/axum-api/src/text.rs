//! Texts as the API takes them: each type says in its schema what it checks.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};

/// A type of text: its lengths, a pattern for the schema, and the same as code.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $lengths:expr, $pattern:literal, $is_valid:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let is_valid: fn(&str) -> bool = $is_valid;
                if !$lengths.contains(&text.chars().count()) {
                    let (min, max) = ($lengths.start(), $lengths.end());
                    return Err(D::Error::custom(format!("must have {min} to {max} characters")));
                }
                if !is_valid(&text) {
                    return Err(D::Error::custom($rule));
                }
                Ok(Self(text))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "minLength": $lengths.start(),
                    "maxLength": $lengths.end(),
                    "pattern": $pattern,
                })
            }
        }
    };
}

text!(
    /// What stands in an address: lower case letters and digits, in groups joined by hyphens.
    Slug, 1..=60, "^[a-z0-9]+(-[a-z0-9]+)*$",
    |text| text.split('-').all(|part| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    }),
    "must be lower case letters and digits, in groups joined by hyphens"
);

text!(
    /// One line.
    Line, 1..=200, r"^[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f][^\u0000-\u001f\u007f]*$",
    |text| !text.chars().any(is_control) && text.chars().any(|c| c != ' '),
    "must be one line and not blank"
);

text!(
    /// Many lines, or none.
    Lines, 0..=10_000, r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$",
    |text| !text.chars().any(|c| is_control(c) && !matches!(c, '\n' | '\t')),
    "must have no control characters but line feeds and tabs"
);

text!(
    /// At least one line.
    Body, 1..=10_000, r"^[^\u0000-\u0008\u000b-\u001f\u007f]+$",
    |text| !text.chars().any(|c| is_control(c) && !matches!(c, '\n' | '\t')),
    "must have no control characters but line feeds and tabs"
);

text!(
    /// An address for electronic mail, in lower case. Only its form is checked.
    Email, 3..=254, r"^[a-z0-9._+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*$",
    |text| text.split_once('@').is_some_and(|(local, domain)| {
        let letters = |text: &str, others: &str| {
            text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || others.contains(c))
        };
        !local.is_empty() && letters(local, "._+-")
            && domain.split('.').all(|label| !label.is_empty() && letters(label, "-"))
    }),
    "must be an address such as ada@example.com, in lower case"
);

fn is_control(c: char) -> bool {
    c.is_ascii_control()
}

/// The name that a restored row takes when its own is taken: `name-restored`, then `name-restored-2` and so on.
pub fn renamed(value: &str) -> String {
    // In an address for mail the part before the @ is what can change.
    if let Some((local, domain)) = value.split_once('@') {
        return format!("{}@{domain}", renamed(local));
    }
    const SUFFIX: &str = "-restored";
    let (stem, number) = match value.rsplit_once(SUFFIX) {
        Some((stem, "")) => (stem, 2),
        Some((stem, rest)) => match rest.strip_prefix('-').and_then(|n| n.parse::<u32>().ok()) {
            Some(number) => (stem, number.saturating_add(1)),
            None => (value, 1),
        },
        None => (value, 1),
    };
    let suffix = if number == 1 {
        SUFFIX.to_owned()
    } else {
        format!("{SUFFIX}-{number}")
    };
    let stem: String = stem.chars().take(60 - suffix.len()).collect();
    format!("{}{suffix}", stem.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn a_rename_counts_on_and_keeps_to_the_length() {
        assert_eq!(renamed("alpha"), "alpha-restored");
        assert_eq!(renamed("alpha-restored"), "alpha-restored-2");
        assert_eq!(renamed("alpha-restored-9"), "alpha-restored-10");
        assert_eq!(renamed("ada@example.com"), "ada-restored@example.com");
        let long = renamed(&"a".repeat(60));
        assert_eq!(long.len(), 60);
        assert!(renamed(&long).ends_with("-restored-2"));
        assert_eq!(renamed(&long).len(), 60);
    }
}
