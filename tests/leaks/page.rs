//! The tables in the guide.

use std::{env, fmt::Write as _, fs, path::Path};

use super::matrix::{ReadRow, Sight, WriteRow};

const BEGIN: &str = "<!-- leak matrix -->";
const END: &str = "<!-- end of the leak matrix -->";

/// Compares the guide with what was observed, or writes it with `UPDATE_GUIDE=1`.
pub fn check(reads: &[ReadRow], writes: &[WriteRow]) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/src/reference/coverage.md");
    let page = fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the begin of the matrix");
    let (there, after) = rest.split_once(END).expect("the end of the matrix");
    let observed = tables(reads, writes);
    if there == observed {
        return;
    }
    if env::var_os("UPDATE_GUIDE").is_some() {
        // In one step, because the tests of other databases read it at the same time.
        let new = path.with_extension(format!("{:?}.new", std::thread::current().id()));
        fs::write(&new, [before, BEGIN, &observed, END, after].concat()).expect("a new page");
        fs::rename(&new, &path).expect("the new page in place");
    } else {
        panic!(
            "the guide does not say what was observed; `UPDATE_GUIDE=1 cargo test -p soft-delete-tests --test leaks` \
             writes it:\n{observed}"
        );
    }
}

fn tables(reads: &[ReadRow], writes: &[WriteRow]) -> String {
    let mut text =
        "\n| reads | with the derive alone | through a `ScopedConnection` | with the derive alone, write |\n|---|---|---|---|\n"
            .to_owned();
    for ReadRow { way, plain, scoped } in reads {
        let instead = instead(way.name, way.instead, *plain != Sight::ActiveRows);
        let (plain, scoped) = (sight(*plain), sight(*scoped));
        row(&mut text, [way.name, plain, scoped, instead]);
    }
    text.push_str(
        "\n| writes | with the derive alone | through a `ScopedConnection` | with the derive alone, write |\n|---|---|---|---|\n",
    );
    for WriteRow { way, plain, scoped } in writes {
        let asks_for_it = way.name.contains("force_delete");
        let instead = instead(way.name, way.instead, plain.is_leak() && !asks_for_it);
        let (plain, scoped) = (plain.to_string(), scoped.to_string());
        row(&mut text, [way.name, &plain, &scoped, instead]);
    }
    text
}

fn row(text: &mut String, cells: [&str; 4]) {
    let row = format!("| {} |", cells.join(" | ")).replace("|  |", "| |");
    writeln!(text, "{row}").expect("a row");
}

fn sight(sight: Sight) -> &'static str {
    match sight {
        Sight::ActiveRows => "active rows",
        Sight::DeletedRowsToo => "**deleted rows too**",
        Sight::TooFewRows => "**too few rows**",
    }
}

/// A way that leaks has one that doesn't, and others need none.
fn instead(name: &str, instead: &'static str, is_needed: bool) -> &'static str {
    assert_eq!(
        !instead.is_empty(),
        is_needed,
        "what to write instead of {name}"
    );
    instead
}
