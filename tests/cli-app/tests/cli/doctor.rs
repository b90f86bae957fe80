//! `doctor`.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use soft_delete::{
    Registry,
    schema::doctor::{Severity, examine},
};

use super::app::{json, run};
use support::{TestDb, TestResult, domain};

/// Makes the changes for errors only.
pub async fn fix_errors(db: &TestDb) -> TestResult {
    let registry = Registry::global().of_group("default");
    for finding in &examine(&registry, &**db).await? {
        if finding.severity() == Severity::Error {
            finding.apply(&**db).await?;
        }
    }
    Ok(())
}

/// Makes all changes, those that are advice too.
pub async fn apply_all(db: &TestDb) -> TestResult {
    let registry = Registry::global().of_group("default");
    for finding in &examine(&registry, &**db).await? {
        finding.apply(&**db).await?;
    }
    Ok(())
}

on_shared_databases! {
    async fn examines_and_mends(db: &TestDb) {
        domain::create(db).await?;

        let sick = run(db, &["doctor"]);
        let told = json(db, &["doctor"]);
        let asked = run(db, &["doctor", "--fix"]);
        let mended = run(db, &["doctor", "--fix", "--yes"]);
        let well = run(db, &["doctor"]);

        assert_eq!((sick.code, sick.err.as_str()), (1, ""));
        assert!(sick.out.contains("workspace  nothing keeps (slug) unique among active rows"), "{}", sick.out);
        assert!(sick.out.ends_with("`doctor --fix` makes the changes, but not what is advice\n"), "{}", sick.out);
        assert_eq!(told["healthy"], false);
        assert_eq!(told["findings"][0]["check"], "missing_unique");
        assert_eq!((asked.code, asked.out.as_str()), (1, ""));
        assert_text!(asked.err, r"
        error: `doctor --fix` changes the schema, so it asks first, and there is no terminal to ask on; nothing was changed
          tip: pass `--yes` to do it without asking, as a scheduler must
        ");
        assert_eq!(mended.code, 0, "{mended:?}");
        assert!(
            mended.out.contains("\ndone    create the index `idx_workspace_slug_active` of `workspace`"),
            "{}", mended.out
        );
        assert!(mended.out.contains("\n        CREATE INDEX") || mended.out.contains("\n        ALTER TABLE"), "{}", mended.out);
        assert_eq!(well.code, 0);
        assert!(!well.out.contains("`doctor --fix` makes"), "{}", well.out);
    }

    async fn advice_is_not_applied(db: &TestDb) {
        domain::create(db).await?;

        let before = json(db, &["doctor"]);
        let fixed = json(db, &["doctor", "--fix", "--yes"]);
        let again = run(db, &["doctor", "--fix", "--yes"]);

        let advice = |document: &Value| {
            let findings = document["findings"].as_array().unwrap().iter();
            findings.filter(|of| of["severity"] == "advice").cloned().collect::<Vec<_>>()
        };
        assert!(!advice(&before).is_empty(), "{before}");
        assert_eq!(advice(&fixed), advice(&before), "as it was");
        assert_eq!(fixed["findings"].as_array().unwrap().len(), advice(&before).len(), "and nothing else is left");
        assert_eq!((fixed["healthy"].clone(), fixed["worst"].clone()), (json!(true), json!("advice")));
        let made = fixed["applied"].as_array().unwrap();
        assert!(made.iter().all(|change| !change["statements"].as_array().unwrap().is_empty()), "{fixed}");
        // Nothing is left to apply, so nothing is.
        assert_eq!(again.code, 0);
        assert!(!again.out.contains("done"), "{}", again.out);
        assert!(again.out.ends_with("\nadvice is left to you: `doctor --fix` does not follow it\n"), "{}", again.out);
    }

    async fn a_check_exits_with_the_worst_severity(db: &TestDb) {
        domain::create(db).await?;
        let code = |arguments: &[&str]| run(db, &[&["doctor", "--check"], arguments].concat()).code;

        assert_eq!([code(&[]), code(&["--fail-on", "error"]), code(&["--fail-on", "advice"])], [12; 3]);
        fix_errors(db).await?;
        assert_eq!([code(&[]), code(&["--fail-on", "error"]), code(&["--fail-on", "advice"])], [11, 0, 11]);
        run(db, &["doctor", "--fix", "--yes"]);
        assert_eq!([code(&[]), code(&["--fail-on", "error"]), code(&["--fail-on", "advice"])], [0, 0, 10]);
        apply_all(db).await?;
        assert_eq!(code(&["--fail-on", "advice"]), 0);
    }

    async fn writes_reports_for_other_tools(db: &TestDb) {
        domain::create(db).await?;

        let findings = json(db, &["doctor"])["findings"].as_array().unwrap().clone();
        let junit = run(db, &["doctor", "--check", "--format", "junit"]);
        let sarif = run(db, &["doctor", "--format", "sarif"]);

        assert_eq!((junit.code, sarif.code), (12, 1));
        let worse = findings.iter().filter(|of| of["severity"] != "advice").count();
        assert_eq!(junit.out.matches("<failure ").count(), worse);
        assert!(junit.out.contains(&format!("failures=\"{worse}\"")), "{}", junit.out);
        assert!(
            junit.out.contains("<testcase classname=\"workspace\" name=\"missing_unique: nothing keeps (slug) unique among active rows\"><failure type=\"error\""),
            "{}", junit.out
        );
        let sarif: Value = serde_json::from_str(&sarif.out)?;
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), findings.len());
        assert_eq!(results[0]["ruleId"], findings[0]["check"]);
        assert_eq!(results[0]["level"], "error");
        assert_eq!(results.last().unwrap()["level"], "note");
        let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert!(results.iter().all(|of| rules.iter().any(|rule| rule["id"] == of["ruleId"])));
    }

    async fn a_healthy_database_passes_in_every_report(db: &TestDb) {
        domain::create(db).await?;
        apply_all(db).await?;

        let junit = run(db, &["doctor", "--check", "--format", "junit"]);
        let sarif: Value = serde_json::from_str(&run(db, &["doctor", "--format", "sarif"]).out)?;

        assert_eq!(junit.code, 0);
        assert!(junit.out.contains("    <testcase classname=\"workspace\" name=\"doctor\"/>\n"), "{}", junit.out);
        assert!(!junit.out.contains("<failure"), "{}", junit.out);
        assert_eq!(sarif["runs"][0]["results"], json!([]));
    }

    async fn what_can_not_be_mended_is_told(db: &TestDb) {
        domain::create(db).await?;
        domain::workspace(db, "acme").await?;
        domain::workspace(db, "acme").await?;

        let mended = json(db, &["doctor", "--fix", "--yes"]);

        assert_eq!(mended["healthy"], false);
        let failed = mended["failed"][0]["error"].as_str().unwrap();
        assert!(failed.contains("idx_workspace_slug_active"), "{failed}");
        assert!(mended["applied"].as_array().unwrap().len() > 1, "{mended}");
        let left = mended["findings"].as_array().unwrap().iter();
        let left: Vec<_> = left.map(|finding| finding["check"].as_str().unwrap()).collect();
        assert!(left.contains(&"missing_unique") && left.contains(&"collisions"), "{left:?}");
    }

    async fn an_empty_database_lacks_every_table(db: &TestDb) {
        db.execute_unprepared("SELECT 1").await?;

        let ran = run(db, &["doctor"]);
        let listed = run(db, &["trash", "list"]);

        assert_eq!(ran.code, 1);
        assert!(ran.out.contains("error    project"), "{}", ran.out);
        assert_eq!((listed.code, listed.out.as_str()), (3, ""));
        assert!(
            listed.err.ends_with("\n  tip: does the database have the entities' tables? `doctor` tells\n"),
            "{}", listed.err
        );
    }
}
