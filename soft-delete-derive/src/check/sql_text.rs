//! What a text of SQL must be to be a part of an index.

use syn::LitStr;

/// Functions whose values change from call to call.
const CHANGING: [&str; 9] = [
    "now",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtimestamp",
    "random",
    "rand",
    "uuid",
    "gen_random_uuid",
];

/// The words of an expression, without literals.
///
/// # Errors
///
/// If it is none, or one that no database takes into an index.
pub(super) fn words(text: &LitStr) -> syn::Result<Vec<String>> {
    let value = text.value();
    let wrong = |message: &str| Err(syn::Error::new_spanned(text, message));
    let Some(outside) = without_literals(&value) else {
        return wrong("has a quote without its other half");
    };
    let (mut depth, mut is_balanced) = (0_i32, true);
    for c in outside.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        is_balanced &= depth >= 0;
    }
    if depth != 0 || !is_balanced {
        return wrong("has a parenthesis without its other half");
    }
    if outside.trim().is_empty() || outside.contains(';') {
        return wrong("is not one expression of SQL: write one as `lower(email)`");
    }
    if ["--", "/*", "#"]
        .iter()
        .any(|comment| outside.contains(comment))
    {
        return wrong("has a comment in it: take it out");
    }
    let words = outside.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    let words = words.filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(ToOwned::to_owned).collect();
    for word in &words {
        let word = word.to_ascii_lowercase();
        if word == "select" {
            return wrong(
                "looks into other rows, which an index can't: compare columns of the row alone",
            );
        }
        if CHANGING.contains(&word.as_str()) {
            return wrong(
                "changes from call to call, and an index keeps what it was: compare columns of the row alone",
            );
        }
    }
    Ok(words)
}

/// The text with literals left out, and the quotes of names. `None` if one has no end.
fn without_literals(text: &str) -> Option<String> {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(place) = rest.find(['\'', '"', '`']) {
        let (before, quoted) = rest.split_at(place);
        let (quote, quoted) = quoted.split_at(1);
        let (inside, after) = quoted.split_once(quote)?;
        outside.push_str(before);
        outside.push(' ');
        if quote != "'" {
            outside.push_str(inside);
            outside.push(' ');
        }
        rest = after;
    }
    outside.push_str(rest);
    Some(outside)
}
