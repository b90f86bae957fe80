//! What may keep a row from being marked: policies of row-level security, rules, and triggers.

use super::{Check, Finding, Severity};
use crate::{
    predicate::references_column,
    table::Table,
    trigger::{Trigger, TriggerKind},
};
use soft_delete_core::EntityMeta;

pub(super) fn examine(meta: &EntityMeta, table: &Table) -> Vec<Finding> {
    let fires = |trigger: &&Trigger| {
        let mut columns = trigger.columns.iter();
        let writes = |name: &String| meta.stamp.names().any(|own| table.same_column(own, name));
        trigger.columns.is_empty() || columns.any(writes)
    };
    let triggers = table.triggers.iter().filter(fires);
    triggers
        .filter_map(|trigger| match trigger.kind {
            TriggerKind::OfUpdate => of_trigger(meta, trigger),
            TriggerKind::Rule => Some(finding(
                meta,
                Severity::Warning,
                format!("the rule `{}` rewrites an UPDATE", trigger.name),
            )),
            TriggerKind::Policy => of_policy(meta, trigger),
            TriggerKind::Other => None,
        })
        .collect()
}

fn of_policy(meta: &EntityMeta, policy: &Trigger) -> Option<Finding> {
    let problem = match &policy.body {
        Some(condition) if condition == "true" => return None,
        Some(condition) => format!(
            "row-level security is on, and the policy `{}` lets an UPDATE reach rows with {condition} only",
            policy.name
        ),
        None if policy.name.is_empty() => {
            "row-level security is on, and no policy lets an UPDATE reach a row".to_owned()
        }
        None => return None,
    };
    Some(finding(meta, Severity::Warning, problem))
}

/// A trigger whose text can't be read, or says nothing of the kind, is left alone: most only set a time.
fn of_trigger(meta: &EntityMeta, trigger: &Trigger) -> Option<Finding> {
    if trigger.is_of_active_parents() {
        return None;
    }
    let name = &trigger.name;
    let Some(body) = &trigger.body else {
        let problem =
            format!("the trigger `{name}` runs before an UPDATE, and may keep the row as it is");
        return Some(finding(meta, Severity::Advice, problem));
    };
    if vetoes(body) {
        let problem =
            format!("the trigger `{name}` can keep a row as it is in an UPDATE, or make it fail");
        return Some(finding(meta, Severity::Warning, problem));
    }
    references_column(body, &meta.stamp.deleted_at).then(|| {
        let problem = format!(
            "the trigger `{name}` runs in an UPDATE, and has to do with `{}`",
            meta.stamp.deleted_at
        );
        finding(meta, Severity::Advice, problem)
    })
}

/// Whether a trigger's text has what keeps a row as it is: PostgreSQL's `RETURN NULL` and `RETURN OLD`, SQLite's `RAISE (IGNORE)`,
/// and errors.
fn vetoes(body: &str) -> bool {
    let words: Vec<_> = body.split_ascii_whitespace().collect();
    let text = words.join(" ").to_ascii_lowercase();
    [
        "return null",
        "return old",
        "new := old",
        "new = old",
        "raise exception",
        "raise(",
        "raise (",
        "signal ",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

fn finding(meta: &EntityMeta, severity: Severity, problem: String) -> Finding {
    let columns: Vec<_> = meta.stamp.names().collect();
    Finding::new(
        severity,
        Check::KeepsRows,
        &meta.table,
        problem,
        "a delete or restore that meets a row it can't mark fails, and so does one of a parent of the row",
        format!(
            "let whoever deletes and restores update ({}) of every row, whatever it is",
            columns.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::vetoes;

    #[test]
    fn a_veto_is_told_from_a_trigger_that_sets_a_time() {
        assert!(vetoes(
            "BEGIN IF OLD.frozen THEN\n  RETURN\n NULL; END IF; RETURN NEW; END"
        ));
        assert!(vetoes("BEGIN SELECT RAISE(IGNORE); END"));
        assert!(vetoes("IF OLD.frozen THEN SIGNAL SQLSTATE '45000'; END IF"));
        assert!(!vetoes("BEGIN NEW.updated_at := now(); RETURN NEW; END"));
    }
}
