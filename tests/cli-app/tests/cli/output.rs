//! Colours, characters that a terminal would obey, and readers who leave.

use std::process::Stdio;

use sea_orm::ActiveValue::Set;

use super::{
    app::{command, ran, run},
    world::world,
};
use support::{TestDb, domain};

const ESCAPE: char = '\u{1b}';

on_sqlite! {
    async fn there_are_no_colours_in_a_pipe_unless_asked_for(db: &TestDb) {
        world(db).await?;
        let arguments: [&[&str]; 4] = [&["doctor"], &["trash", "list"], &["trash", "restore", "task", "1"], &["--help"]];
        for arguments in arguments {
            let plain = run(db, arguments);
            assert!(!plain.out.contains(ESCAPE) && !plain.err.contains(ESCAPE), "{plain:?}");
        }

        let list = ["trash", "list", "--color", "always"];
        let asked = run(db, &list);
        let asked_before_no_color = ran(command(&list).env("DATABASE_URL", db.url()).env("NO_COLOR", "1"));

        assert!(asked.out.contains(ESCAPE));
        assert!(asked_before_no_color.out.contains(ESCAPE), "what was said beats what is usual");
    }

    async fn text_from_the_database_does_not_speak_to_the_terminal(db: &TestDb) {
        domain::create(db).await?;
        let mut tag: domain::tag::ActiveModel = domain::tag(db, "x").await?.into();
        tag.name = Set("red\u{1b}[31m\r\nend \u{202e}".to_owned());
        let tag = tag.update(db).await?;
        let workspace = domain::workspace(db, "acme").await?;
        domain::tag::Entity::delete_by_id(tag.id).exec(db).await?;
        domain::workspace::Entity::delete_by_id(workspace.id).reason("\u{1b}]0;title\u{7}").exec(db).await?;

        let row = run(db, &["trash", "show", "tag", "1"]);
        let list = run(db, &["trash", "list"]);
        let json = run(db, &["trash", "show", "tag", "1", "--json"]);

        assert!(row.out.contains(r"red\u{1b}[31m\r\nend \u{202e}"), "{}", row.out);
        assert!(list.out.contains(r"\u{1b}]0;title\u{7}"), "{}", list.out);
        assert!(![row.out, list.out, json.out].concat().contains(ESCAPE));
    }

    async fn a_reader_who_has_seen_enough_is_no_failure(db: &TestDb) {
        world(db).await?;
        let mut run = command(&["doctor", "--json"])
            .env("DATABASE_URL", db.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        drop(run.stdout.take());

        let output = run.wait_with_output()?;

        assert_eq!(output.status.code(), Some(1), "the doctor's own");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}
