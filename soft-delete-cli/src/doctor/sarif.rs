//! The report in SARIF 2.1.0, which code scanning reads.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use soft_delete_schema::doctor::{Finding, Report, Severity};

use crate::{failure::Failure, output::name_of};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn write(report: &Report) -> Result<String, Failure> {
    let rules: BTreeSet<_> = report.into_iter().map(|of| name_of(&of.check())).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "soft-delete doctor",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| json!({"id": rule})).collect::<Vec<_>>(),
            }},
            "results": report.into_iter().map(result).collect::<Vec<_>>(),
        }],
    });
    let text = serde_json::to_string_pretty(&document);
    let text = text.map_err(|error| {
        Failure::database(format!("the report can't be written as JSON: {error}"))
    })?;
    Ok(text + "\n")
}

fn result(finding: &Finding) -> Value {
    let level = match finding.severity() {
        Severity::Advice => "note",
        Severity::Warning => "warning",
        _ => "error",
    };
    let text = format!(
        "{}: {}\nWhy: {}\nFix: {}",
        finding.table(),
        finding.problem(),
        finding.consequence(),
        finding.fix()
    );
    json!({
        "ruleId": name_of(&finding.check()),
        "level": level,
        "message": {"text": text},
        // A table is in no file.
        "locations": [{"logicalLocations": [{"fullyQualifiedName": finding.table().to_string(), "kind": "object"}]}],
    })
}
