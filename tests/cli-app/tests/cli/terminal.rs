//! On a terminal: colours, questions, and the progress bar.

use std::process::Command;

use rexpect::{
    process::WaitStatus,
    session::{PtySession, spawn_command},
};
use sea_orm::EntityTrait;

use super::{
    app::{command, run},
    world::{noon, shop, voucher, world},
};
use crate::shop::voucher;
use support::{TestDb, TestResult, domain};

/// Milliseconds until a test gives up.
const PATIENCE: u64 = 60_000;

/// On a terminal, but for what the shell redirects: `2>/dev/null`.
fn redirected(db: &TestDb, arguments: &[&str], redirections: &str) -> TestResult<PtySession> {
    let program = command(arguments);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec \"$0\" \"$@\" {redirections}")])
        .arg(program.get_program())
        .args(program.get_args())
        .env("DATABASE_URL", db.url())
        .env("TERM", "xterm-256color");
    Ok(spawn_command(shell, Some(PATIENCE))?)
}

fn on_terminal(db: &TestDb, arguments: &[&str]) -> TestResult<PtySession> {
    let mut command = command(arguments);
    command
        .env("DATABASE_URL", db.url())
        .env("TERM", "xterm-256color");
    Ok(spawn_command(command, Some(PATIENCE))?)
}

/// The rest of what is shown, and the exit code.
fn end(mut session: PtySession) -> TestResult<(String, i32)> {
    let shown = session.exp_eof()?;
    let status = session.process().wait()?;
    let WaitStatus::Exited(_, code) = status else {
        panic!("{status:?}");
    };
    Ok((shown, code))
}

async fn vouchers(db: &TestDb) -> TestResult<usize> {
    Ok(<voucher::Entity as EntityTrait>::find()
        .all(db)
        .await?
        .len())
}

on_shared_databases! {
    async fn a_purge_asks_and_shows_how_far_it_is(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        voucher::Entity::delete_by_id("C").at(noon(1)).exec(db).await?;

        let mut refused = on_terminal(db, &["purge", "--group", "shop"])?;
        refused.exp_string("TO PURGE")?;
        refused.exp_string("Permanently remove 2 rows?")?;
        refused.exp_string("[y/N] ")?;
        refused.send_line("n")?;
        let (said, code) = end(refused)?;
        assert!(said.contains("not confirmed, nothing was changed"), "{said}");
        assert_eq!((code, vouchers(db).await?), (1, 3));

        let mut confirmed = on_terminal(db, &["purge", "--group", "shop", "--batch", "1"])?;
        confirmed.exp_string("[y/N] ")?;
        confirmed.send_line("y")?;
        let (said, code) = end(confirmed)?;
        assert!(said.contains("voucher          [==============================] 2/2 rows"), "{said}");
        assert!(said.contains("2 rows removed in "), "{said}");
        assert_eq!((code, vouchers(db).await?), (0, 1));
    }

    async fn a_purge_does_not_ask_when_told_so_or_when_there_is_nothing(db: &TestDb) {
        shop(db).await?;

        let (nothing, code) = end(on_terminal(db, &["purge", "--group", "shop"])?)?;
        assert!(nothing.contains("0 rows would be removed"), "{nothing}");
        assert_eq!(code, 0);

        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        let (told, code) = end(on_terminal(db, &["purge", "--group", "shop", "--yes"])?)?;
        assert!(!told.contains("[y/N]"), "{told}");
        assert_eq!((code, vouchers(db).await?), (0, 2));
    }
}

on_sqlite! {
    async fn a_delete_for_good_asks_and_tells_what_refers_to_the_row(db: &TestDb) {
        world(db).await?;
        let projects = async || <domain::project::Entity as EntityTrait>::find().all(db).await;

        let mut refused = on_terminal(db, &["trash", "delete", "project", "1"])?;
        refused.exp_string("up to the database's foreign keys: 2 task.")?;
        refused.exp_string("Permanently remove project 1, deleted 2026-01-03 12:00:00Z?")?;
        refused.send_line("")?;
        assert_eq!((end(refused)?.1, projects().await?.len()), (1, 1));

        let mut confirmed = on_terminal(db, &["trash", "delete", "project", "1"])?;
        confirmed.exp_string("[y/N] ")?;
        confirmed.send_line("yes")?;
        assert_eq!((end(confirmed)?.1, projects().await?.len()), (0, 0));
    }

    async fn a_closed_input_is_a_no(db: &TestDb) {
        world(db).await?;

        let mut session = on_terminal(db, &["trash", "delete", "comment", "1"])?;
        session.exp_string("[y/N] ")?;
        session.send_control('d')?;

        assert_eq!(end(session)?.1, 1);
    }

    async fn the_doctor_asks_before_it_mends(db: &TestDb) {
        domain::create(db).await?;

        let mut session = on_terminal(db, &["doctor", "--fix"])?;
        session.exp_string("changes to the schema?")?;
        session.send_line("y")?;
        let (said, code) = end(session)?;

        assert!(said.contains("create the index `idx_workspace_slug_active`"), "{said}");
        assert_eq!(code, 0);
    }

    async fn text_is_coloured_unless_it_must_not_be(db: &TestDb) {
        world(db).await?;
        let shown = |arguments: &[&str]| end(on_terminal(db, arguments)?);

        let (coloured, _) = shown(&["trash", "list"])?;
        let (never, _) = shown(&["trash", "list", "--color", "never"])?;
        let mut no_color = command(&["trash", "list"]);
        no_color.env("DATABASE_URL", db.url()).env("TERM", "xterm").env("NO_COLOR", "1");
        let (no_color, _) = end(spawn_command(no_color, Some(PATIENCE))?)?;

        assert!(coloured.contains("\u{1b}[1m"), "{coloured}");
        assert!(!never.contains('\u{1b}'), "{never}");
        assert!(!no_color.contains('\u{1b}'), "{no_color}");
    }
}

/// What asks, and the question.
const ASKING: [(&[&str], &str); 4] = [
    (&["purge", "--group", "shop"], "Permanently remove 1 row?"),
    (
        &["trash", "delete", "voucher", "B", "--group", "shop"],
        "Permanently remove voucher B",
    ),
    (
        &["erase", "voucher", "B", "--group", "shop"],
        "Permanently erase 1 row?",
    ),
    (&["doctor", "--fix", "--group", "shop"], "to the schema?"),
];

on_sqlite! {
    async fn what_asks_is_refused_unless_both_input_and_errors_are_a_terminal(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
        let schema = run(db, &["doctor", "--group", "shop"]).out;

        for (arguments, question) in ASKING {
            for redirections in ["</dev/null", "2>/dev/null", "</dev/null 2>/dev/null", "2>&1 </dev/null", "2>&1 | cat"] {
                // In the last one stderr is a pipe; the shell gives the exit code of `cat`.
                let (shown, code) = end(redirected(db, arguments, redirections)?)?;
                assert!(!shown.contains(question), "{arguments:?} {redirections}: {shown}");
                if !redirections.contains('|') {
                    assert_eq!(code, 1, "{arguments:?} {redirections}: {shown}");
                }
                if !redirections.contains("2>/") {
                    assert!(shown.contains("pass `--yes` to do it without asking"), "{arguments:?} {redirections}: {shown}");
                }
            }
        }

        assert_eq!(vouchers(db).await?, 3);
        assert_eq!(run(db, &["doctor", "--group", "shop"]).out, schema);
    }

    async fn what_asks_does_so_though_its_output_is_redirected(db: &TestDb) {
        shop(db).await?;
        voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;

        for (arguments, question) in ASKING {
            let mut session = redirected(db, arguments, ">/dev/null")?;
            session.exp_string(question)?;
            session.exp_string("[y/N] ")?;
            session.send_line("n")?;
            let (said, code) = end(session)?;
            assert!(said.contains("not confirmed, nothing was changed"), "{said}");
            assert_eq!(code, 1);
        }
        assert_eq!(vouchers(db).await?, 3);
    }

    async fn what_asks_does_not_when_told_yes_wherever_it_runs(db: &TestDb) {
        shop(db).await?;
        for redirections in ["", "</dev/null", "2>/dev/null", "</dev/null 2>/dev/null"] {
            for (arguments, question) in ASKING {
                voucher::Entity::delete_by_id("B").at(noon(1)).exec(db).await?;
                let (shown, code) = end(redirected(db, &[arguments, &["--yes"]].concat(), redirections)?)?;
                assert!(!shown.contains(question) && !shown.contains("[y/N]"), "{arguments:?}: {shown}");
                assert_eq!(code, 0, "{arguments:?} {redirections}: {shown}");
                if vouchers(db).await? == 2 {
                    voucher(db, "B").await?;
                }
            }
        }
        assert_eq!(run(db, &["doctor", "--group", "shop"]).code, 0);
    }
}
