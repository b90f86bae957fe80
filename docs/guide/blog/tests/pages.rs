//! The guide and the README hang together: links lead somewhere, every page is in the table of contents and compiled, and the
//! README shows files that exist.

#![allow(clippy::expect_used)] // In a test, what is not there fails it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../..")
        .canonicalize()
        .expect("the repository")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files with that ending below a folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The README, the pages of the guide, and the other Markdown files beside them.
fn texts() -> Vec<PathBuf> {
    let root = root();
    let mut texts = files(&root.join("docs"), "md");
    for name in [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
    ] {
        texts.push(root.join(name));
    }
    texts
}

/// The text without fenced code.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// What `](…)` has between its parentheses.
fn links(prose: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut rest = prose;
    while let Some((_, after)) = rest.split_once("](") {
        let (link, after) = after.split_once(')').expect("the end of a link");
        links.push(link);
        rest = after;
    }
    links
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            heading
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    '-' | '_' => Some(c),
                    c if c.is_alphanumeric() => Some(c),
                    _ => None,
                })
                .collect()
        })
        .collect()
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut broken = Vec::new();
    for path in texts() {
        let text = read(&path);
        for link in links(&prose(&text)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().expect("a folder").join(file),
            };
            let is_there = match anchor {
                "" => target.exists(),
                _ if target.is_dir() => anchors(&read(&target.join("README.md"))).contains(anchor),
                anchor => target.exists() && anchors(&read(&target)).contains(anchor),
            };
            if !is_there {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let pages = root().join("docs/guide/src");
    let summary = read(&pages.join("SUMMARY.md"));
    let listed: BTreeSet<_> = links(&summary)
        .into_iter()
        .map(|link| pages.join(link))
        .collect();
    let there: BTreeSet<_> = files(&pages, "md")
        .into_iter()
        .filter(|path| !path.ends_with("SUMMARY.md"))
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn every_page_with_rust_is_compiled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let list = read(&folder.join("pages.rs"));
    let compiled: BTreeSet<_> = list
        .split('"')
        .filter(|path| path.ends_with(".md"))
        .map(|path| folder.join(path).canonicalize().expect("a page"))
        .collect();
    for path in files(&root().join("docs/guide/src"), "md") {
        if read(&path).contains("```rust") {
            assert!(
                compiled.contains(&path),
                "{} is not in pages.rs",
                path.display()
            );
        }
    }
}

/// A file without what is there for this repository's lints.
fn shown(source: &str) -> String {
    let lines = source
        .lines()
        .filter(|line| !line.starts_with("//!") && !line.starts_with("#[allow"));
    let lines: Vec<_> = lines.collect();
    lines.join("\n").trim().to_owned()
}

/// What the README shows is the text of a file, letter by letter.
#[test]
fn the_readme_shows_an_example_that_runs() {
    let root = root();
    let readme = read(&root.join("README.md"));
    let sources: Vec<_> = files(&root.join("examples/existing_table"), "rs")
        .iter()
        .map(|path| shown(&read(path)))
        .collect();
    let blocks: Vec<_> = readme
        .split("```rust\n")
        .skip(1)
        .map(|rest| rest.split_once("```").expect("the end of a block").0.trim())
        .collect();
    assert_eq!(blocks.len(), sources.len());
    for block in blocks {
        assert!(
            sources.iter().any(|source| source == block),
            "in no file:\n{block}"
        );
    }
}

#[test]
fn the_readme_is_short() {
    let bytes = read(&root().join("README.md")).len();
    assert!(bytes <= 8_000, "{bytes} bytes");
}

/// The variants of an enum, as its source has them.
fn variants(source: &str, name: &str) -> Vec<String> {
    let (_, body) = source
        .split_once(&format!("pub enum {name} {{"))
        .expect("the enum");
    let (body, _) = body.split_once("\n}").expect("its end");
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let variants = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    let names = variants.map(|line| line.split(|c: char| !c.is_alphanumeric()).next());
    names.map(|name| name.expect("a name").to_owned()).collect()
}

fn assert_names_all(page: &str, names: &[String]) {
    let text = read(&root().join("docs/guide/src").join(page));
    assert!(!names.is_empty());
    for name in names {
        assert!(
            text.contains(&format!("`{name}`")) || text.contains(&format!("`{name}(")),
            "{page} lacks {name}"
        );
    }
}

#[test]
fn every_error_is_in_the_reference() {
    let errors = root().join("soft-delete-core/src/model");
    for (file, name) in [
        ("error.rs", "Error"),
        ("error/schema.rs", "SchemaError"),
        ("error/archive.rs", "ArchiveError"),
    ] {
        assert_names_all(
            "reference/errors.md",
            &variants(&read(&errors.join(file)), name),
        );
    }
}

#[test]
fn every_check_of_the_doctor_is_in_the_guide() {
    let findings = read(&root().join("soft-delete-schema/src/doctor/finding.rs"));
    assert_names_all("schema.md", &variants(&findings, "Check"));
}

#[test]
fn every_feature_is_in_the_reference() {
    let manifest = read(&root().join("Cargo.toml"));
    let (_, features) = manifest.split_once("\n[features]\n").expect("features");
    let (features, _) = features.split_once("\n\n").expect("their end");
    let lines = features
        .lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("default"));
    let names = lines.map(|line| line.split(' ').next().expect("a name").to_owned());
    assert_names_all("reference/features.md", &names.collect::<Vec<_>>());
}

/// What `{{#include FILE:ANCHOR}}` names, as mdBook reads it: the lines between `ANCHOR: …` and `ANCHOR_END: …`.
#[test]
fn includes_lead_to_files_and_anchors() {
    let mut included = 0;
    let mut broken = Vec::new();
    for page in files(&root().join("docs/guide/src"), "md") {
        let text = read(&page);
        for include in text.split("{{#include ").skip(1) {
            let (include, _) = include.split_once("}}").expect("the end of an include");
            let (file, anchor) = include.split_once(':').expect("an anchor");
            let path = page.parent().expect("a folder").join(file);
            let code = fs::read_to_string(&path).unwrap_or_default();
            let has = |line: String| code.lines().filter(|it| it.trim() == line).count() == 1;
            if !has(format!("// ANCHOR: {anchor}")) || !has(format!("// ANCHOR_END: {anchor}")) {
                broken.push(format!("{}: {include}", page.display()));
            }
            included += 1;
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(included > 0);
}
