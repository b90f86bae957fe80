//! Forms that read a table and have no place for a condition, written out.

use sqlparser::keywords::Keyword;

use super::{
    Dialect,
    edits::Edits,
    refused::Reason,
    tokens::{Kind, Source},
};

impl Source<'_> {
    /// The text with `TABLE post` as `SELECT * FROM post`, and SQLite's `IN post` as `IN (SELECT * FROM post)`, if it has any.
    pub(crate) fn expanded(&self) -> Result<Option<String>, Reason> {
        let mut edits = Edits::default();
        for index in self.carried() {
            match self.keyword(index) {
                Keyword::TABLE if self.is_table_query(index) => {
                    edits.replace(self.bytes(index)?, "SELECT * FROM");
                }
                Keyword::IN if self.dialect == Dialect::Sqlite => {
                    if let Some(end) = self.named_set(index + 1) {
                        edits.insert(self.bytes(index + 1)?.start, "(SELECT * FROM ");
                        edits.insert(self.bytes(end)?.end, ")");
                    }
                }
                _ => {}
            }
        }
        Ok((!edits.is_empty()).then(|| edits.apply(self.sql)))
    }

    fn is_table_query(&self, index: usize) -> bool {
        let is_name = matches!(self.kind(index + 1), Some(Kind::Word | Kind::QuotedWord));
        let before = index.saturating_sub(1);
        let begins = index == 0
            || matches!(self.kind(before), Some(Kind::Open | Kind::Close))
            || matches!(
                self.keyword(before),
                Keyword::AS
                    | Keyword::UNION
                    | Keyword::EXCEPT
                    | Keyword::INTERSECT
                    | Keyword::ALL
                    | Keyword::DISTINCT
                    | Keyword::EXPLAIN
                    | Keyword::FOR
            )
            || self.follows_target(before);
        self.dialect != Dialect::Sqlite && is_name && begins
    }

    /// `INSERT INTO copy TABLE post`, and MySQL's `CREATE TABLE copy TABLE post`.
    fn follows_target(&self, name: usize) -> bool {
        let mut start = name;
        while start >= 2 && self.kind(start - 1) == Some(Kind::Period) {
            start -= 2;
        }
        let is_name = matches!(self.kind(name), Some(Kind::Word | Kind::QuotedWord));
        let before = self.keyword_before(start);
        is_name && matches!(before, Keyword::INTO | Keyword::TABLE | Keyword::INSERT)
    }

    /// Where the name of a table ends that stands in the place of a list.
    fn named_set(&self, start: usize) -> Option<usize> {
        let is_name = |at: usize| matches!(self.kind(at), Some(Kind::Word | Kind::QuotedWord));
        let mut end = start;
        while is_name(end) && self.kind(end + 1) == Some(Kind::Period) {
            end += 2;
        }
        let is_function = self.kind(end + 1) == Some(Kind::Open);
        (is_name(end) && self.token(end)?.names_table && !is_function).then_some(end)
    }
}
