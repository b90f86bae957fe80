//! An expression over one row, in SQL, as the author of an entity has written it.

use std::fmt;

use sea_orm::{DbBackend, sea_query::Expr};

/// An expression over columns of one table. The columns in it are known, so that it can be asked of the table under any name.
///
/// A word of the text is a column if the table has one of that name and it is no function, type or part of a name: it is followed by no
/// parenthesis, and comes after no period, `::` or `AS`. In double quotes it is one on MySQL and MariaDB, too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
#[allow(missing_docs)]
pub struct SqlText {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Column(String),
    /// A literal, or a name in quotes.
    Quoted(String),
    Other(String),
}

#[allow(missing_docs)]
impl SqlText {
    /// Finds the columns in a text.
    pub fn new(text: &str, columns: &[String]) -> Self {
        let mut reader = Reader {
            rest: text.trim(),
            columns,
            pieces: Vec::new(),
        };
        while reader.read() {}
        Self {
            text: text.trim().to_owned(),
            pieces: reader.pieces,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it names, each as often.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Column(name) => Some(name),
            Piece::Quoted(_) | Piece::Other(_) => None,
        })
    }

    /// The text, with columns written so.
    pub fn sql(&self, column: impl Fn(&str) -> String) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Column(name) => column(name),
            Piece::Quoted(text) | Piece::Other(text) => text.clone(),
        });
        pieces.collect()
    }

    /// The expression in parentheses, with columns written so.
    pub(crate) fn expr(&self, backend: DbBackend, column: impl Fn(&str) -> Expr) -> Expr {
        let (mark, is_numbered) = crate::dialect::placeholder(backend);
        let mut template = String::from("(");
        let mut columns = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Column(name) => {
                    columns.push(column(name));
                    template.push_str(mark);
                    if is_numbered {
                        template.push_str(&columns.len().to_string());
                    }
                }
                Piece::Quoted(text) => template.push_str(text),
                Piece::Other(text) => template.push_str(&text.replace(mark, &mark.repeat(2))),
            }
        }
        template.push(')');
        Expr::cust_with_exprs(template, columns)
    }
}

impl fmt::Display for SqlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

struct Reader<'t> {
    rest: &'t str,
    columns: &'t [String],
    pieces: Vec<Piece>,
}

impl Reader<'_> {
    /// Reads what comes next. Tells whether there was something.
    fn read(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        let piece = match first {
            '\'' => Piece::Quoted(self.take(quoted_length(self.rest, first))),
            '"' | '`' => self.read_quoted_name(first),
            _ if first.is_alphabetic() || first == '_' => self.read_word(),
            _ if first.is_ascii_digit() => {
                let end = self
                    .rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
                Piece::Other(self.take(end.unwrap_or(self.rest.len())))
            }
            _ => Piece::Other(self.take(first.len_utf8())),
        };
        self.pieces.push(piece);
        true
    }

    fn take(&mut self, length: usize) -> String {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken.to_owned()
    }

    fn read_quoted_name(&mut self, quote: char) -> Piece {
        let text = self.take(quoted_length(self.rest, quote));
        let name = text.trim_matches(quote);
        match self.columns.iter().find(|column| *column == name) {
            Some(column) if !self.is_part_of_name() => Piece::Column(column.clone()),
            _ => Piece::Quoted(text),
        }
    }

    fn read_word(&mut self) -> Piece {
        let is_inside = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = self.rest.find(|c: char| !is_inside(c));
        let word = self.take(end.unwrap_or(self.rest.len()));
        let is_function = self.rest.trim_start().starts_with('(');
        if is_function || self.is_part_of_name() {
            return Piece::Other(word);
        }
        let exact = self.columns.iter().find(|column| **column == word);
        let column = exact.or_else(|| {
            let mut columns = self.columns.iter();
            columns.find(|column| column.eq_ignore_ascii_case(&word))
        });
        match column {
            Some(column) => Piece::Column(column.clone()),
            None => Piece::Other(word),
        }
    }

    /// Whether what comes before says that this is a type, or a part of a longer name.
    fn is_part_of_name(&self) -> bool {
        let before = self.pieces.iter().rev();
        let before = before.filter_map(|piece| match piece {
            Piece::Other(text) if text.trim().is_empty() => None,
            Piece::Other(text) => Some(text.as_str()),
            Piece::Quoted(_) | Piece::Column(_) => Some(""),
        });
        let before = before.map(str::trim).next();
        before.is_some_and(|text| matches!(text, "." | ":") || text.eq_ignore_ascii_case("as"))
    }
}

/// How long what begins with a quote is.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((place, c)) = chars.next() {
        if c != quote {
            continue;
        }
        match chars.peek() {
            Some((_, next)) if *next == quote => {
                chars.next();
            }
            _ => return place + c.len_utf8(),
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> String {
        let columns = ["email", "is_default", "date"].map(ToOwned::to_owned);
        SqlText::new(text, &columns).sql(|name| format!("<{name}>"))
    }

    #[test]
    fn columns_are_told_from_all_else() {
        for (text, expected) in [
            ("lower(email)", "lower(<email>)"),
            ("LOWER( Email )", "LOWER( <email> )"),
            (r#"lower("email") || 'email'"#, "lower(<email>) || 'email'"),
            ("`email`", "<email>"),
            ("email_hash(email)", "email_hash(<email>)"),
            ("date(email)", "date(<email>)"),
            ("CAST(email AS date)", "CAST(<email> AS date)"),
            ("email::date", "<email>::date"),
            (
                "email->>'it''s date' = 'email'",
                "<email>->>'it''s date' = 'email'",
            ),
            (
                "is_default AND NOT (date = 1e5)",
                "<is_default> AND NOT (<date> = 1e5)",
            ),
            ("'email", "'email"),
        ] {
            assert_eq!(marked(text), expected, "{text}");
        }
    }

    #[test]
    fn placeholders_in_the_text_stay_what_they_are() {
        let columns = ["data".to_owned()];
        let text = SqlText::new("data ? 'a?b' AND data <> '$1' AND data $ 2", &columns);
        let select = |backend: DbBackend| {
            let select = sea_orm::sea_query::Query::select()
                .expr(text.expr(backend, |name| Expr::col(name.to_owned())))
                .to_owned();
            backend.build(&select).sql
        };
        assert_eq!(
            select(DbBackend::Postgres),
            r#"SELECT ("data" ? 'a?b' AND "data" <> '$1' AND "data" $ 2)"#
        );
        assert_eq!(
            select(DbBackend::Sqlite),
            r#"SELECT ("data" ? 'a?b' AND "data" <> '$1' AND "data" $ 2)"#
        );
    }
}
