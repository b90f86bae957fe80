//! What a database does by itself when a row is updated.

use soft_delete_core::engine_api::dialect::UNDER_DELETED_PARENT;

/// A trigger, a rule, or a policy of row-level security.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    pub(crate) name: String,
    pub(crate) kind: TriggerKind,
    /// The columns whose update fires it; empty for all.
    pub(crate) columns: Vec<String>,
    /// What it does, as far as that can be read.
    pub(crate) body: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerKind {
    /// Runs for each row that is updated, and may change or keep it.
    OfUpdate,
    /// A rule that rewrites an UPDATE (PostgreSQL).
    Rule,
    /// Tells which rows an UPDATE may reach (PostgreSQL).
    Policy,
    /// Any other trigger.
    Other,
}

/// What divides the names of columns that a query gives as one text.
const SEPARATOR: char = '\u{1f}';

impl Trigger {
    /// What a catalog's query gives.
    pub(super) fn new(
        name: String,
        kind: &str,
        columns: Option<&str>,
        body: Option<String>,
    ) -> Self {
        let split = |columns: &str| columns.split(SEPARATOR).map(ToOwned::to_owned).collect();
        match kind {
            "definition" => Self::of_definition(name, body.unwrap_or_default()),
            kind => Self {
                name,
                kind: match kind {
                    "update" => TriggerKind::OfUpdate,
                    "rule" => TriggerKind::Rule,
                    "policy" => TriggerKind::Policy,
                    _ => TriggerKind::Other,
                },
                columns: columns.map_or_else(Vec::new, split),
                body,
            },
        }
    }

    /// SQLite has the whole statement: `CREATE TRIGGER … BEFORE UPDATE OF a, b ON post … BEGIN … END`.
    fn of_definition(name: String, sql: String) -> Self {
        let upper = sql.to_ascii_uppercase();
        // The name may have any word in it, and ends before the event.
        let head = upper
            .find(&name.to_ascii_uppercase())
            .map_or(0, |at| at + name.len());
        let words: Vec<_> = upper
            .get(head..)
            .unwrap_or_default()
            .split_ascii_whitespace()
            .collect();
        let event = words
            .iter()
            .position(|word| matches!(*word, "UPDATE" | "INSERT" | "DELETE"));
        let is_update = event.is_some_and(|event| words[event] == "UPDATE");
        let columns = match event {
            Some(event) if is_update && words.get(event + 1) == Some(&"OF") => {
                let names = words[event + 2..].iter().take_while(|word| **word != "ON");
                let names = names.copied().collect::<Vec<_>>().join(" ");
                let bare = |name: &str| {
                    name.trim()
                        .trim_matches(['"', '`', '[', ']'])
                        .to_ascii_lowercase()
                };
                names.split(',').map(bare).collect()
            }
            _ => Vec::new(),
        };
        Self {
            name,
            kind: if is_update {
                TriggerKind::OfUpdate
            } else {
                TriggerKind::Other
            },
            columns,
            body: Some(sql),
        }
    }

    /// Whether it is one of `ActiveParentTriggers`.
    pub(crate) fn is_of_active_parents(&self) -> bool {
        // Without the apostrophe, which a literal has twice.
        let text = UNDER_DELETED_PARENT
            .split_once('\'')
            .map_or(UNDER_DELETED_PARENT, |(_, text)| text);
        self.body.as_ref().is_some_and(|body| body.contains(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str) -> Trigger {
        Trigger::of_definition("on update of".to_owned(), sql.to_owned())
    }

    #[test]
    fn the_event_and_its_columns_are_read_from_a_definition() {
        let update = of(
            r#"CREATE TRIGGER "on update of" BEFORE UPDATE OF "Deleted_At", title ON post BEGIN SELECT 1; END"#,
        );
        assert_eq!(update.kind, TriggerKind::OfUpdate);
        assert_eq!(update.columns, ["deleted_at", "title"]);
        let all =
            of(r#"create trigger "on update of" after update on post begin delete from post; end"#);
        assert_eq!((all.kind, all.columns.len()), (TriggerKind::OfUpdate, 0));
        let insert =
            of(r#"CREATE TRIGGER "on update of" INSERT ON post BEGIN UPDATE post SET a = 1; END"#);
        assert_eq!(insert.kind, TriggerKind::Other);
    }
}
