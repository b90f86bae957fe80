//! What is not understood, and help.

use std::process::Command;

use super::app::{command, ran, run};
use support::TestDb;

on_sqlite! {
    async fn an_unknown_table_is_told_with_the_most_similar(db: &TestDb) {
        let ran = run(db, &["trash", "list", "workspce"]);

        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert_text!(ran.err, r"
        error: there is no table `workspce` among the entities
          tip: did you mean `workspace`?
        ");
    }

    async fn a_key_of_too_few_values_is_told(db: &TestDb) {
        let ran = run(db, &["trash", "show", "task_tag", "1"]);

        assert_eq!(ran.code, 2);
        assert_text!(ran.err, r"
        error: the primary key of `task_tag` is (task_id, tag_id): 1 value given
          tip: give 2 values, with a comma or a space between them
        ");
    }

    async fn a_malformed_key_is_told(db: &TestDb) {
        let number = run(db, &["trash", "show", "task", "x"]);
        let uuid = run(db, &["trash", "restore", "member", "7"]);

        assert_eq!((number.code, uuid.code), (2, 2));
        assert_text!(number.err, r"
        error: `x` is not a key of `task`
          tip: `id` is a whole number
        ");
        assert_text!(uuid.err, r"
        error: `7` is not a key of `member`
          tip: `id` is a UUID
        ");
    }

    async fn malformed_options_are_told(db: &TestDb) {
        let time = run(db, &["trash", "list", "--since", "yesterday"]);
        let actor = run(db, &["trash", "list", "--by", "ada"]);
        let nobody = run(db, &["trash", "list", "tag", "--by", "1"]);
        let id = run(db, &["deletion", "show", "1"]);
        let table = run(db, &["purge", "--only", "vouchers", "--group", "shop"]);

        assert_eq!([time.code, actor.code, nobody.code, id.code, table.code], [2; 5]);
        assert_text!(time.err, r"
        error: invalid value 'yesterday' for '--since <TIME>': not a time: write `2026-01-31`, `2026-01-31 18:00` in UTC, or how long ago, such as `7d` or `12h`

        For more information, try '--help'.
        ");
        assert_text!(actor.err, r"
        error: `ada` is not a value of `deleted_by`
          tip: it is a whole number
        ");
        assert_text!(nobody.err, r"
        error: no table here says who deleted a row
          tip: leave `--by` out, or give the entity a column `deleted_by`
        ");
        assert_text!(table.err, r"
        error: there is no table `vouchers` among the entities
          tip: did you mean `voucher`?
        ");
    }

    async fn a_group_is_named_or_the_default(db: &TestDb) {
        let unknown = run(db, &["trash", "list", "--group", "biling"]);
        let other = run(db, &["trash", "list", "invoice"]);
        let billing = run(db, &["trash", "list", "invoice", "--group", "billing"]);

        assert_eq!((unknown.code, other.code), (2, 2));
        assert_text!(unknown.err, r"
        error: there is no group `biling` among the entities
          tip: did you mean `billing`?
        ");
        // It got as far as the database, which has no such table.
        assert_eq!(billing.code, 3, "{}", billing.err);
    }
}

on_sqlite! {
    async fn a_program_that_links_no_entities_is_told_so(db: &TestDb) {
        let commands: [&[&str]; 7] = [
            &["doctor"],
            &["stats"],
            &["trash", "list"],
            &["trash", "list", "--group", "billing"],
            &["purge", "--yes"],
            &["deletion", "undo", "01a202ef-b6c4-76c6-8810-e97595e211a8"],
            &["archive", "list"],
        ];
        for arguments in commands {
            let ran = ran(Command::new(env!("CARGO_BIN_EXE_soft-delete-cli-no-entities"))
                .args(arguments)
                .env("DATABASE_URL", db.url()));

            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
            assert_text!(ran.err, r"
            error: this program has no soft-deletable entities
              tip: derive `SoftDelete`; a library that nothing refers to is not linked: say `use my_library as _;`
            ");
        }
    }
}

#[test]
fn help_has_examples_with_the_program_s_own_name() {
    let help = ran(&mut command(&["--help"]));

    assert_eq!((help.code, help.err.as_str()), (0, ""));
    insta::assert_snapshot!(help.out);
}

#[test]
fn every_command_has_help_with_examples() {
    let commands: [&[&str]; 15] = [
        &["delete"],
        &["erase"],
        &["archive", "expire"],
        &["archive", "create"],
        &["stats"],
        &["archive", "list"],
        &["archive", "restore"],
        &["doctor"],
        &["trash", "list"],
        &["trash", "show"],
        &["trash", "restore"],
        &["trash", "delete"],
        &["purge"],
        &["deletion", "show"],
        &["deletion", "undo"],
    ];
    for words in commands {
        let help = ran(&mut command(&[words, &["--help"]].concat()));
        let example = format!("\n  soft-delete-cli-app {}", words.join(" "));
        assert!(help.out.contains(&example), "{}", help.out);
        assert!(!help.out.contains("PROGRAM"), "{}", help.out);
    }
}

#[test]
fn no_command_is_not_understood() {
    let nothing = ran(&mut command(&[]));
    let half = ran(&mut command(&["trash"]));

    assert_eq!([nothing.code, half.code], [2, 2]);
    assert_eq!(nothing.out, "");
    assert!(
        nothing.err.contains("Usage: soft-delete-cli-app"),
        "{}",
        nothing.err
    );
}

#[test]
fn the_version_is_the_library_s() {
    for option in ["--version", "-V"] {
        let ran = ran(&mut command(&[option]));
        assert_eq!(ran.code, 0);
        assert_eq!(ran.out, "soft-delete-cli-app (soft-delete 0.1.0)\n");
    }
}

#[test]
fn completions_know_the_tables() {
    for shell in ["bash", "zsh", "fish"] {
        let script = ran(&mut command(&["completions", shell]));
        assert_eq!(script.code, 0);
        for table in ["workspace", "voucher", "task_tag"] {
            assert!(script.out.contains(table), "{shell} lacks {table}");
        }
    }
}

#[test]
fn bash_completes_a_table() {
    let script = ran(&mut command(&["completions", "bash"])).out;
    let asked = "
COMP_WORDS=(soft-delete-cli-app trash restore works) COMP_CWORD=3
_soft__delete__cli__app soft-delete-cli-app works restore
echo \"${COMPREPLY[@]}\"";
    let shell = Command::new("bash")
        .args(["-c", &(script + asked)])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&shell.stdout).trim(), "workspace");
}

#[test]
fn a_negative_limit_is_told() {
    let ran = ran(&mut command(&["trash", "list", "--limit", "-1"]));
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .contains("invalid value '-1' for '--limit <N>': -1 is not in 1.."),
        "{}",
        ran.err
    );
}
