//! How many rows of which tables.

use std::fmt;

use super::TableName;

/// How many rows of each table, in the order of what was done: parents before children, unless it says otherwise. Tables without a row are left out.
///
/// ```
/// # fn example(deletion: soft_delete::Deletion) {
/// let rows = deletion.rows_by_table();
/// println!("{} rows, {} of them comments", rows.total(), rows.get("comment"));
/// for (table, rows) in rows {
///     println!("{rows} in {table}");
/// }
/// # }
/// ```
///
/// It compares with a list of names and numbers, which is good to have in tests:
/// `assert_eq!(deletion.rows_by_table(), [("post", 1), ("comment", 3)])`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TableCounts(Vec<(TableName, u64)>);

impl TableCounts {
    /// How many rows of a table: `table`, or `schema.table`, as [`TableName`] is shown. None are 0.
    pub fn get(&self, table: &str) -> u64 {
        let of_table = self.iter().find(|(name, _)| *name == table);
        of_table.map_or(0, |(_, rows)| rows)
    }

    /// How many rows of all tables together.
    pub fn total(&self) -> u64 {
        self.iter().map(|(_, rows)| rows).sum()
    }

    /// How many tables have rows.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no table has any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tables and their rows.
    pub fn iter(&self) -> TableCountsIter<'_> {
        TableCountsIter(self.0.iter())
    }
}

/// Tables with no rows are left out, and the same table twice counts together.
impl Extend<(TableName, u64)> for TableCounts {
    fn extend<I: IntoIterator<Item = (TableName, u64)>>(&mut self, counts: I) {
        for (table, rows) in counts {
            match self.0.iter_mut().find(|(name, _)| *name == table) {
                Some((_, sum)) => *sum += rows,
                None if rows > 0 => self.0.push((table, rows)),
                None => {}
            }
        }
    }
}

impl FromIterator<(TableName, u64)> for TableCounts {
    fn from_iter<I: IntoIterator<Item = (TableName, u64)>>(counts: I) -> Self {
        let mut all = Self::default();
        all.extend(counts);
        all
    }
}

/// The iterator of [`TableCounts::iter`].
#[derive(Clone, Debug)]
pub struct TableCountsIter<'c>(std::slice::Iter<'c, (TableName, u64)>);

impl<'c> Iterator for TableCountsIter<'c> {
    type Item = (&'c TableName, u64);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(table, rows)| (table, *rows))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for TableCountsIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(table, rows)| (table, *rows))
    }
}

impl ExactSizeIterator for TableCountsIter<'_> {}

impl<'c> IntoIterator for &'c TableCounts {
    type Item = (&'c TableName, u64);
    type IntoIter = TableCountsIter<'c>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq<[(&str, u64)]> for TableCounts {
    fn eq(&self, other: &[(&str, u64)]) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .zip(other)
                .all(|((table, rows), (name, number))| *table == *name && rows == *number)
    }
}

impl<const N: usize> PartialEq<[(&str, u64); N]> for TableCounts {
    fn eq(&self, other: &[(&str, u64); N]) -> bool {
        *self == other[..]
    }
}

impl<const N: usize> PartialEq<[(&str, u64); N]> for &TableCounts {
    fn eq(&self, other: &[(&str, u64); N]) -> bool {
        **self == other[..]
    }
}

/// As a map: `{post: 1, comment: 3}`.
impl fmt::Debug for TableCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (table, rows) in self {
            map.entry(&format_args!("{table}"), &rows);
        }
        map.finish()
    }
}

/// As `1 in post, 3 in comment`.
impl fmt::Display for TableCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (table, rows)) in self.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{rows} in {table}")?;
        }
        Ok(())
    }
}

/// Rows of a table that a relation of it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RelationRows {
    /// Their table.
    pub table: TableName,
    /// The relation, as the entity's `Relation` enum names it.
    pub relation: String,
    /// How many they are.
    pub rows: u64,
}

/// With table, relation and rows, which is good to have in tests.
impl PartialEq<(&str, &str, u64)> for RelationRows {
    fn eq(&self, (table, relation, rows): &(&str, &str, u64)) -> bool {
        self.table == **table && self.relation == *relation && self.rows == *rows
    }
}

/// As a list: `[{"table": "post", "rows": 1}, …]`.
#[cfg(feature = "serde")]
mod json {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{TableCounts, TableName};

    #[derive(Serialize, Deserialize)]
    struct TableRows<T> {
        table: T,
        rows: u64,
    }

    impl Serialize for TableCounts {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let rows = self.iter().map(|(table, rows)| TableRows { table, rows });
            serializer.collect_seq(rows)
        }
    }

    impl<'de> Deserialize<'de> for TableCounts {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let rows = Vec::<TableRows<TableName>>::deserialize(deserializer)?;
            Ok(rows.into_iter().map(|of| (of.table, of.rows)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TableCounts, TableName};

    fn counts() -> TableCounts {
        let blog = TableName {
            schema: Some("blog".to_owned()),
            name: "post".to_owned(),
        };
        let rows = [
            (TableName::new("author"), 1),
            (blog, 2),
            (TableName::new("tag"), 0),
            (TableName::new("author"), 3),
        ];
        rows.into_iter().collect()
    }

    #[test]
    fn rows_of_a_table_are_added_up_and_tables_without_any_left_out() {
        let counts = counts();
        assert_eq!(counts, [("author", 4), ("blog.post", 2)]);
        assert_ne!(counts, [("author", 4), ("post", 2)], "of another schema");
        assert_ne!(
            counts,
            [("blog.post", 2), ("author", 4)],
            "the order counts"
        );
        assert_ne!(counts, [("author", 4)]);
        assert_eq!((counts.len(), counts.total()), (2, 6));
        assert_eq!(
            ["author", "blog.post", "post", "tag"].map(|table| counts.get(table)),
            [4, 2, 0, 0]
        );
        assert!(TableCounts::default().is_empty());
    }

    #[test]
    fn they_are_shown_as_a_sentence_and_as_a_map() {
        assert_eq!(counts().to_string(), "4 in author, 2 in blog.post");
        assert_eq!(format!("{:?}", counts()), "{author: 4, blog.post: 2}");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn they_are_written_as_a_list_and_read_again() -> Result<(), serde_json::Error> {
        let text = serde_json::to_string(&counts())?;
        assert_eq!(
            text,
            r#"[{"table":"author","rows":4},{"table":"blog.post","rows":2}]"#
        );
        assert_eq!(serde_json::from_str::<TableCounts>(&text)?, counts());
        Ok(())
    }
}
