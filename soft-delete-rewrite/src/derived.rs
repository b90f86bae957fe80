//! What stands in the place of a table whose condition has no place beside it: in a FULL JOIN, with USING or NATURAL.

use sqlparser::{
    ast::{Expr, Ident, SetExpr, TableFactor},
    keywords::Keyword,
    parser::Parser,
};

use super::{
    Dialect, joins, names, predicate::Predicate, refused::Reason, tables::Table, tokens::Kind,
    walk::Walk,
};

impl Walk<'_> {
    /// Puts a derived table in the place of a table: `(SELECT * FROM post WHERE post.deleted_at IS NULL) AS p`.
    ///
    /// In PostgreSQL it is a join with a row of no columns, `(post p JOIN (SELECT) AS one ON p.deleted_at IS NULL)`, by which the
    /// table stays what it is: with its key, its row type and its `ctid`. SQLite's derived tables have no `rowid`.
    pub(crate) fn derive(
        &mut self,
        factor: &mut TableFactor,
        table: &Table,
        predicate: &Predicate,
    ) -> Result<(), Reason> {
        let refused = |what| Reason::Syntax {
            table: table.name.clone(),
            what,
        };
        let options = "a FULL JOIN, USING, NATURAL or list of column names beside other options";
        let TableFactor::Table {
            name,
            alias,
            args: None,
            with_ordinality: false,
            partitions,
            sample: None,
            index_directives,
            inheritance: None,
            ..
        } = factor
        else {
            return Err(refused(options));
        };
        let path: Vec<Ident> = names::path(name).into_iter().cloned().collect();
        let (Some(first), Some(last)) = (path.first(), path.last()) else {
            return Err(refused(options));
        };
        let after = self.source.token_of(last)? + 1;
        let has_versions = self.source.keyword(after) == Keyword::FOR
            && self.source.word(after + 1, "SYSTEM_TIME");
        if !partitions.is_empty() || !index_directives.is_empty() || has_versions {
            return Err(refused(options));
        }
        if self.source.dialect == Dialect::Sqlite && self.source.names_a_rowid() {
            return Err(refused("a rowid beside a FULL JOIN, USING or NATURAL"));
        }
        let renamed = alias.as_ref().filter(|alias| !alias.columns.is_empty());
        let start = self.source.bytes(self.source.token_of(first)?)?.start;
        if self.source.dialect == Dialect::Postgres && renamed.is_none() {
            let label = alias.as_ref().map_or(last, |alias| &alias.name);
            let end = self.source.bytes(self.source.token_of(label)?)?.end;
            let written = self.source.text(&(start..end));
            // Beside others it needs a name of its own, which is the same whatever values the statement has.
            let number = self.source.token_of(label)?;
            let text = format!(
                "({written} JOIN (SELECT) AS soft_delete_{number} ON {})",
                predicate.text
            );
            *factor = self.parse_factor(&text, predicate)?;
            self.edits.replace(start..end, text);
            return Ok(());
        }
        let label = alias.as_ref().map_or(last, |alias| &alias.name);
        self.drop_parentheses(first, label)?;
        let end = self.source.bytes(self.source.token_of(last)?)?.end;
        let written = self.written(&path)?;
        let qualifier: Vec<_> = path.iter().collect();
        let own = Predicate::new(self.source.dialect, self.rows, table, &qualifier, &written);
        let own = own.ok_or_else(|| refused(options))?;
        let mut text = format!("(SELECT * FROM {written} WHERE {})", own.text);
        if alias.is_none() {
            text.push_str(" AS ");
            text.push_str(&self.written(std::slice::from_ref(last))?);
        }
        let mut derived = self.parse_factor(&text, &own)?;
        if let (TableFactor::Derived { alias: own, .. }, Some(alias)) = (&mut derived, alias.take())
        {
            *own = Some(alias);
        }
        *factor = derived;
        self.edits.replace(start..end, text);
        Ok(())
    }

    /// Around a lone table there may be parentheses, and around a derived one with an alias there may not.
    fn drop_parentheses(&mut self, first: &Ident, label: &Ident) -> Result<(), Reason> {
        let (first, close) = (
            self.source.token_of(first)?,
            self.source.token_of(label)? + 1,
        );
        if first > 0
            && self.source.stands_alone(close)
            && self.source.kind(first - 1) == Some(Kind::Open)
        {
            self.edits.replace(self.source.bytes(first - 1)?, "");
            self.edits.replace(self.source.bytes(close)?, "");
        }
        Ok(())
    }

    /// Parses what stands in a table's place, which must have its condition: an alias may be a word that is no name there.
    fn parse_factor(&self, text: &str, predicate: &Predicate) -> Result<TableFactor, Reason> {
        let factor = Parser::new(self.source.dialect.parser())
            .try_with_sql(text)
            .and_then(|mut parser| parser.parse_table_factor())
            .map_err(|error| Reason::Unparsable(error.to_string()))?;
        match condition(&factor) == Some(&predicate.expr) {
            true => Ok(factor),
            false => Err(Reason::NotFound("the place for the condition")),
        }
    }
}

/// The condition of what stands in a table's place.
fn condition(factor: &TableFactor) -> Option<&Expr> {
    match factor {
        TableFactor::Derived { subquery, .. } => match &*subquery.body {
            SetExpr::Select(select) => select.selection.as_ref(),
            _ => None,
        },
        TableFactor::NestedJoin {
            table_with_joins, ..
        } => {
            let join = table_with_joins.joins.first()?;
            joins::condition(&join.join_operator)
        }
        _ => None,
    }
}
