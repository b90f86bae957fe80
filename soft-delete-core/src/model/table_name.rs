//! A table's name.

use std::fmt;

use sea_orm::sea_query::{self, DynIden, IntoIden as _, IntoTableRef as _, TableRef};

use crate::{dialect::Table, model::base_schema};

/// A table's name, with its schema where the entity gives one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema (PostgreSQL) or database (MySQL), from `#[sea_orm(schema_name = "…")]`.
    pub schema: Option<String>,
    /// The table's own name.
    pub name: String,
}

impl TableName {
    /// A table without a schema.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            name: name.into(),
        }
    }

    #[doc(hidden)]
    pub fn of(table: &TableRef) -> Self {
        let schema = match table {
            TableRef::Table(sea_query::TableName(Some(schema), _), _) => Some(schema.1.to_string()),
            _ => None,
        };
        Self {
            schema,
            name: table.sea_orm_table().to_string(),
        }
    }

    /// The table in a statement.
    #[doc(hidden)]
    pub fn to_ref(&self) -> TableRef {
        match self.in_schema() {
            Some(schema) => (schema.to_owned(), self.name.clone()).into_table_ref(),
            None => self.name.clone().into_table_ref(),
        }
    }

    /// The table as the entity names it.
    #[doc(hidden)]
    pub fn to_named_ref(&self) -> TableRef {
        match &self.schema {
            Some(schema) => (schema.clone(), self.name.clone()).into_table_ref(),
            None => self.name.clone().into_table_ref(),
        }
    }

    /// The schema that a statement has to name: the table's own, or else that of [`base_schema`].
    #[doc(hidden)]
    pub fn in_schema(&self) -> Option<&str> {
        self.schema
            .as_deref()
            .or_else(|| base_schema::of(&self.name))
    }

    pub(crate) fn in_catalog(&self) -> Table<'_> {
        Table {
            schema: self.in_schema(),
            name: &self.name,
        }
    }

    #[doc(hidden)]
    pub fn to_iden(&self) -> DynIden {
        self.name.clone().into_iden()
    }
}

/// As `table`, or `schema.table`.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => f.pad(&format!("{schema}.{}", self.name)),
            None => f.pad(&self.name),
        }
    }
}

/// With `table`, or `schema.table`.
impl PartialEq<str> for TableName {
    fn eq(&self, other: &str) -> bool {
        match &self.schema {
            Some(schema) => {
                let name = other.strip_prefix(schema.as_str());
                name.and_then(|name| name.strip_prefix('.')) == Some(&self.name)
            }
            None => self.name == other,
        }
    }
}

impl PartialEq<&str> for TableName {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

/// As a text, `table` or `schema.table`. A name with a dot or a quote in it is quoted as in SQL, so that it can be read again.
#[cfg(feature = "serde")]
mod json {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::TableName;

    impl Serialize for TableName {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let name = quoted(&self.name);
            match &self.schema {
                Some(schema) => serializer.collect_str(&format_args!("{}.{name}", quoted(schema))),
                None => serializer.serialize_str(&name),
            }
        }
    }

    impl<'de> Deserialize<'de> for TableName {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            parse(&text).ok_or_else(|| {
                D::Error::custom(format!("`{text}` is no `table` and no `schema.table`"))
            })
        }
    }

    fn quoted(name: &str) -> String {
        match name.contains(['.', '"']) {
            true => format!("\"{}\"", name.replace('"', "\"\"")),
            false => name.to_owned(),
        }
    }

    fn parse(text: &str) -> Option<TableName> {
        let (first, rest) = part(text)?;
        if rest.is_empty() {
            return Some(TableName::new(first));
        }
        let (name, rest) = part(rest.strip_prefix('.')?)?;
        let schema = Some(first);
        rest.is_empty().then_some(TableName { schema, name })
    }

    /// The name that a text begins with, and what is behind it.
    fn part(text: &str) -> Option<(String, &str)> {
        let Some(inner) = text.strip_prefix('"') else {
            let (name, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
            return Some((name.to_owned(), rest));
        };
        let mut name = String::new();
        let mut rest = inner;
        loop {
            let (before, after) = rest.split_once('"')?;
            name.push_str(before);
            match after.strip_prefix('"') {
                Some(after) => {
                    name.push('"');
                    rest = after;
                }
                None => return Some((name, after)),
            }
        }
    }

    #[cfg(test)]
    #[allow(clippy::unwrap_used)]
    mod tests {
        use super::super::TableName;

        #[test]
        fn a_name_is_read_as_it_was_written() {
            let names = ["post", "a.b", "\"", "a\"\".\"b", ".", "größe", " "];
            for name in names {
                for schema in [None, Some("blog"), Some("a.b"), Some("\".\"")] {
                    let schema = schema.map(str::to_owned);
                    let name = name.to_owned();
                    let table = TableName { schema, name };
                    let text = serde_json::to_string(&table).unwrap();
                    assert_eq!(
                        serde_json::from_str::<TableName>(&text).unwrap(),
                        table,
                        "{text}"
                    );
                }
            }
            for text in ["\"\\\"a\"", "\"a.b.c\"", "\"\\\"a\\\"b\"", "1"] {
                assert!(serde_json::from_str::<TableName>(text).is_err(), "{text}");
            }
        }
    }
}
