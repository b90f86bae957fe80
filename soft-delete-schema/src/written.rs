//! Indexes over expressions and under conditions, as the database writes them down, compared with what an entity says.
//!
//! A database writes an expression in its own way. Two are taken for the same only if they differ in nothing but blanks, quotes of names, the
//! case of words, casts to text, parentheses around the whole, and the order of conditions that are joined by AND. Whatever else differs is
//! taken for another expression, so that nothing is called healthy that isn't.

use super::{
    dialect::Dialect,
    key::{IndexKey, Part},
    marked::Marked,
    table::{Index, Key, Table},
};

/// A word, a name without its quotes, a literal, or a sign.
type Token = String;

/// Whether an index is over this key among active rows. Where there are no partial indexes, nothing is told from texts.
pub(crate) fn is_alike(
    table: &Table,
    index: &Index,
    key: &IndexKey,
    marked: &Marked,
    dialect: &dyn Dialect,
) -> bool {
    let Some(predicate) = &index.predicate else {
        return false;
    };
    let (mut active, mut others) = (0, Vec::new());
    for condition in conditions(predicate) {
        match marked.is_active(dialect, &condition.join(" ")) {
            true => active += 1,
            false => others.push(condition),
        }
    }
    let own = key.condition.as_deref().map(conditions).unwrap_or_default();
    let own_parts = key.parts.iter().map(|part| match part {
        Part::Column(text) | Part::Expression(text) => canonical(text),
    });
    active == 1 && same(others, own) && same(parts(table, index), own_parts.collect())
}

/// Whether the condition of an index says that rows are active, and else no more than that columns of its key have values.
pub(crate) fn is_active_only(
    table: &Table,
    predicate: &str,
    columns: &[String],
    marked: &Marked,
    dialect: &dyn Dialect,
) -> bool {
    let rest = without_not_null(table, predicate, columns);
    matches!(rest.as_slice(), [condition] if marked.is_active(dialect, &condition.join(" ")))
}

/// Whether the condition of an index says no more than that columns of its key have values. Rows with a NULL in the key are never equal, so
/// that it is as without.
pub(crate) fn is_not_null_only(table: &Table, predicate: &str, columns: &[String]) -> bool {
    without_not_null(table, predicate, columns).is_empty()
}

fn without_not_null(table: &Table, predicate: &str, columns: &[String]) -> Vec<Vec<Token>> {
    let mut all = conditions(predicate);
    all.retain(|condition| {
        let is_column = |name: &str| columns.iter().any(|column| table.same_column(column, name));
        let words: Vec<_> = condition.iter().map(String::as_str).collect();
        match words.as_slice() {
            [name, "is", "not", "null"] | [name, "notnull"] | [name, "not", "null"] => {
                !is_column(name)
            }
            _ => true,
        }
    });
    all
}

fn same(mut one: Vec<Vec<Token>>, mut other: Vec<Vec<Token>>) -> bool {
    one.sort_unstable();
    other.sort_unstable();
    one == other
}

/// The parts of an index's key. SQLite gives the whole statement for an expression.
fn parts(table: &Table, index: &Index) -> Vec<Vec<Token>> {
    let statement = index.keys.iter().find_map(|key| match key {
        Key::Expression(text) if is_statement(text) => Some(text),
        _ => None,
    });
    if let Some(statement) = statement {
        return parts_of_statement(&tokens(statement));
    }
    let parts = index.keys.iter().map(|key| match key {
        Key::Column(name) => {
            let column = table.column(name);
            vec![column.map_or(name, |column| &column.name).clone()]
        }
        Key::Expression(text) => canonical(text),
    });
    parts.collect()
}

fn is_statement(text: &str) -> bool {
    let start = text.trim_start().get(..6);
    start.is_some_and(|start| start.eq_ignore_ascii_case("create"))
}

/// What is between the first parentheses, which come after the table's name.
fn parts_of_statement(tokens: &[Token]) -> Vec<Vec<Token>> {
    let Some(start) = tokens.iter().position(|token| token == "(") else {
        return Vec::new();
    };
    let (mut depth, mut parts, mut part) = (0, Vec::new(), Vec::new());
    for token in &tokens[start..] {
        match token.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && token == "," {
            parts.push(std::mem::take(&mut part));
        } else if !(depth == 1 && token == "(" && part.is_empty() && parts.is_empty()) {
            part.push(token.clone());
        }
    }
    parts.push(part);
    parts.into_iter().map(stripped).collect()
}

/// The conditions that are joined by AND. Of a statement those behind its WHERE.
fn conditions(text: &str) -> Vec<Vec<Token>> {
    let mut all = tokens(text);
    if is_statement(text) {
        let mut depth = 0;
        let start = all.iter().position(|token| {
            depth += i32::from(token == "(") - i32::from(token == ")");
            depth == 0 && token == "where"
        });
        all = start
            .map(|start| all.split_off(start + 1))
            .unwrap_or_default();
    }
    split(all)
}

fn split(all: Vec<Token>) -> Vec<Vec<Token>> {
    let all = stripped(all);
    // Its AND joins nothing.
    if all.iter().any(|token| token == "between") || all.is_empty() {
        return if all.is_empty() {
            Vec::new()
        } else {
            vec![all]
        };
    }
    let (mut depth, mut parts, mut part, mut has_or) = (0, Vec::new(), Vec::new(), false);
    for token in all {
        depth += i32::from(token == "(") - i32::from(token == ")");
        has_or |= depth == 0 && token == "or";
        match depth == 0 && token == "and" {
            true => parts.push(std::mem::take(&mut part)),
            false => part.push(token),
        }
    }
    parts.push(part);
    if has_or {
        // Which binds less than AND.
        return vec![parts.join(&"and".to_owned())];
    }
    match parts.len() {
        1 => parts,
        _ => parts.into_iter().flat_map(split).collect(),
    }
}

fn canonical(text: &str) -> Vec<Token> {
    stripped(tokens(text))
}

/// Without parentheses around the whole.
fn stripped(mut tokens: Vec<Token>) -> Vec<Token> {
    while is_in_parentheses(&tokens) {
        tokens.pop();
        tokens.remove(0);
    }
    tokens
}

fn is_in_parentheses(tokens: &[Token]) -> bool {
    if tokens.first().is_none_or(|token| token != "(") {
        return false;
    }
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        depth += i32::from(token == "(") - i32::from(token == ")");
        depth == 0
    });
    end == Some(tokens.len() - 1)
}

/// The tokens of a text, without casts to text, and without parentheses around a single name.
fn tokens(text: &str) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' | '`' => {
                let end = rest.get(1..).and_then(|rest| rest.find(first));
                end.map_or(rest.len(), |end| end + 2)
            }
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            _ if first.is_alphanumeric() || first == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
                end.unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        all.push(match first {
            '\'' => token.to_owned(),
            '"' | '`' => token.trim_matches(first).to_owned(),
            '[' => token.trim_matches(['[', ']']).to_owned(),
            _ => token.to_ascii_lowercase(),
        });
        rest = after.trim_start();
    }
    without_parentheses_of_names(without_text_casts(all))
}

/// PostgreSQL writes `lower((email)::text)` for `lower(email)`.
fn without_text_casts(all: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::new();
    let mut place = 0;
    let word = |place: usize| all.get(place).map(String::as_str);
    while place < all.len() {
        if word(place) == Some(":") && word(place + 1) == Some(":") {
            let length = match (word(place + 2), word(place + 3)) {
                (Some("text" | "bpchar" | "varchar"), next) if next != Some("(") => 3,
                (Some("character"), Some("varying")) if word(place + 4) != Some("(") => 4,
                _ => 0,
            };
            if length > 0 {
                place += length;
                continue;
            }
        }
        kept.push(all[place].clone());
        place += 1;
    }
    kept
}

/// `(email)` is `email`, unless it is what a function takes.
fn without_parentheses_of_names(all: Vec<Token>) -> Vec<Token> {
    let is_name = |token: &str| {
        let first = token.chars().next();
        first.is_some_and(|first| first.is_alphabetic() || first == '_')
    };
    let mut kept: Vec<Token> = Vec::new();
    let mut place = 0;
    while place < all.len() {
        let is_alone = all[place] == "("
            && all.get(place + 1).is_some_and(|token| is_name(token))
            && all.get(place + 2).is_some_and(|token| token == ")");
        let before = kept.last().map(String::as_str);
        let is_of_function = before.is_some_and(|token| {
            is_name(token) && !matches!(token, "and" | "or" | "not" | "where")
        });
        if is_alone && !is_of_function {
            kept.push(all[place + 1].clone());
            place += 3;
        } else {
            kept.push(all[place].clone());
            place += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_expression_is_written_in_several_ways() {
        let expected = canonical("lower(email)");
        for text in [
            "lower((email)::text)",
            "LOWER( \"email\" )",
            "(lower(`email`))",
            "lower((email)::character varying)",
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn what_may_differ_is_taken_for_another() {
        let expected = canonical("lower(email)");
        for text in [
            "lower((email)::character varying(3))",
            "upper(email)",
            "lower(name)",
            "lower(email) || ''",
            "(lower(email))::date",
        ] {
            assert_ne!(canonical(text), expected, "{text}");
        }
        assert_ne!(canonical("a and (b or c)"), canonical("(a and b) or c"));
        assert_ne!(canonical("'A'"), canonical("'a'"));
    }

    #[test]
    fn conditions_are_what_and_joins() {
        let of = |text| {
            let all = conditions(text).into_iter();
            all.map(|tokens| tokens.join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(
            of("((deleted_at IS NULL) AND is_default AND (kind = 'A and B'::text))"),
            ["deleted_at is null", "is_default", "kind = 'A and B'"]
        );
        assert_eq!(of("a = 1 OR b = 2 AND c = 3").len(), 1);
        assert_eq!(of("a BETWEEN 1 AND 2").len(), 1);
        assert_eq!(
            of(
                "CREATE UNIQUE INDEX i ON t (lower(x)) WHERE \"deleted_at\" IS NULL AND (is_default)"
            ),
            ["deleted_at is null", "is_default"]
        );
        assert_eq!(
            parts_of_statement(&tokens(
                "CREATE UNIQUE INDEX i ON t (a, (lower(x)), coalesce(b, 1)) WHERE c"
            )),
            [
                canonical("a"),
                canonical("lower(x)"),
                canonical("coalesce(b,1)")
            ]
        );
    }
}
