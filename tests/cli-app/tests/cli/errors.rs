//! What a program that reads `--json` is told when something fails.

use serde_json::json;

use super::{
    app::{command, json, ran, read_json},
    world::world,
};
use support::TestDb;

#[test]
fn arguments_that_are_not_understood_have_a_document() {
    let malformed: [(&[&str], &str, &str); 6] = [
        (
            &["--json", "trash", "list", "--since", "yesterday"],
            "invalid value 'yesterday' for '--since <TIME>'",
            "`--help` lists the options",
        ),
        (
            &["trash", "lst", "--json"],
            "unrecognized subcommand 'lst'",
            "a similar subcommand exists: 'list'",
        ),
        (
            &["--json"],
            "no command was given",
            "`--help` lists the commands",
        ),
        (
            &["trash", "--json"],
            "no command was given",
            "`--help` lists the commands",
        ),
        (
            &["trash", "restore", "--json"],
            "the following required arguments were not provided",
            "`--help` lists the options",
        ),
        (
            &["doctor", "--fix", "--check", "--json"],
            "the argument '--fix' cannot be used with '--check'",
            "`--help` lists the options",
        ),
    ];
    for (arguments, message, tip) in malformed {
        let ran = ran(&mut command(arguments));
        let document = read_json(&ran);

        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(!ran.err.is_empty(), "people are told as well");
        assert_eq!(document["command"], json!(null));
        assert_eq!(document["error"]["kind"], "not_understood");
        assert_eq!(document["error"]["exit_code"], 2);
        let said = document["error"]["message"].as_str().unwrap();
        assert!(said.starts_with(message), "{said}");
        assert_eq!(document["error"]["tip"], tip);
    }
}

#[test]
fn without_json_there_is_no_document() {
    for arguments in [&["trash", "lst"][..], &["trash", "lst", "--", "--json"]] {
        let ran = ran(&mut command(arguments));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    }
}

on_shared_databases! {
    async fn every_failure_has_a_document_of_its_kind(db: &TestDb) {
        world(db).await?;
        let kinds: [(&[&str], &str, &str); 5] = [
            (&["trash", "show", "task", "9"], "trash show", "refused"),
            (&["trash", "restore", "task", "1"], "trash restore", "refused"),
            (&["purge"], "purge", "refused"),
            (&["trash", "list", "tusk"], "trash list", "not_understood"),
            (&["trash", "list", "--group", "billing"], "trash list", "database_failed"),
        ];
        for (arguments, command, kind) in kinds {
            let document = json(db, arguments);
            assert_eq!(document["command"], command);
            assert_eq!(document["error"]["kind"], kind, "{document}");
        }
    }

    async fn what_forbids_a_restore_is_listed(db: &TestDb) {
        world(db).await?;

        let document = json(db, &["trash", "restore", "task", "1"]);

        assert_eq!(document["error"]["parents"], json!([
            {"table": "task", "key": [1], "relation": "Project", "parent_table": "project", "parent_key": [1]}
        ]));
        assert_eq!(document["error"]["conflicts"], json!([]));
    }
}
