//! Every read and write of the leak matrix, through the views.

use std::{env, fmt::Write as _, fs, path::Path};

use sea_orm::TransactionTrait as _;
use soft_delete::Registry;

use super::layer::{Layer, on_layer};
use crate::leaks::{
    effect::{Effect, Rows},
    reads,
    world::{self, World},
    write::Write as Way,
    writes,
};
use support::{TestDb, TestResult};

const BEGIN: &str = "<!-- what the views show -->";
const END: &str = "<!-- end of what the views show -->";

/// `Post::find()` itself asks for active rows, in WHERE.
const RIGHT_JOIN: &str = "`right_join` behind `Post::find()`";

/// Entities whose tables the matrix has.
fn registry() -> Registry {
    let tables = world::TABLES;
    let entities = Registry::global().entities();
    let of_matrix = entities.filter(|meta| tables.contains(&meta.table.name.as_str()));
    of_matrix
        .fold(Registry::builder(), |builder, meta| {
            builder.meta(meta.clone())
        })
        .build()
}

async fn tables(db: &TestDb) -> TestResult {
    World::create(db).await?;
    Ok(())
}

async fn effect(way: &Way, world: &World, layer: &Layer) -> TestResult<Effect> {
    let transaction = layer.views.begin().await?;
    let before = Rows::read(&transaction).await?;
    let done = (way.plain)(world, &transaction).await;
    let effect = match &done {
        Ok(()) => Effect::between(&before, &Rows::read(&transaction).await?),
        Err(_) => Effect::IsRefused,
    };
    transaction.rollback().await?;
    if let Err(error) = done {
        let error = format!("{error:?}");
        let is_refusal = ["are not removed through", "DELETE command denied"]
            .iter()
            .any(|text| error.contains(text));
        assert!(is_refusal, "{}: {error}", way.name);
    }
    Ok(effect)
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn reads_are_as_if_deleted_rows_were_gone(db: &TestDb) {
        on_layer(db, &registry(), tables, async |layer| {
            layer.schema.attach(&layer.views).await?;
            let world = World::read(&layer.tables).await?;
            let mut seen = Vec::new();
            for way in reads::all() {
                let mut lines = (way.plain)(&world, &layer.owner).await?;
                lines.sort();
                seen.push((way, lines));
            }
            world::purge(&layer.tables).await?;
            let mut mistakes = String::new();
            for (way, lines) in seen {
                let mut expected = (way.plain)(&world, &layer.tables).await?;
                expected.sort();
                if lines != expected && way.name != RIGHT_JOIN {
                    write!(mistakes, "\n{}: {lines:#?}\ninstead of {expected:#?}", way.name)?;
                }
            }
            assert!(mistakes.is_empty(), "{mistakes}");
            Ok(())
        }).await?;
    }

    async fn writes_leave_deleted_rows_alone(db: &TestDb) {
        on_layer(db, &registry(), tables, async |layer| {
            layer.schema.attach(&layer.views).await?;
            let world = World::read(&layer.tables).await?;
            let mut table = String::new();
            for way in writes::all() {
                let effect = effect(way, &world, layer).await?;
                let is_meant = way.name.contains("force_delete");
                assert!(!effect.is_leak() || is_meant, "{}: {effect}", way.name);
                if !is_meant {
                    writeln!(table, "| {} | {effect} |", way.name)?;
                }
            }
            check(&format!("\n| writes | through the views |\n|---|---|\n{table}"));
            Ok(())
        }).await?;
    }
}

/// Compares the page with what was observed, or writes it with `UPDATE_DOCS=1`.
fn check(observed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/src/active-schema.md");
    let page = fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the begin of the table");
    let (there, after) = rest.split_once(END).expect("the end of the table");
    if there == observed {
        return;
    }
    assert!(
        env::var_os("UPDATE_DOCS").is_some(),
        "the page does not say what was observed:\n{observed}"
    );
    let new = path.with_extension(format!("{:?}.new", std::thread::current().id()));
    fs::write(&new, [before, BEGIN, observed, END, after].concat()).expect("a new page");
    fs::rename(&new, &path).expect("the new page in place");
}
