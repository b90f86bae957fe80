//! The arrows of ARCHITECTURE.md: what is above may use what is below, and never the other way round.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{UseTree, visit::Visit};

/// The crates, each with those below it that it may use.
const CRATES: [(&str, &[&str]); 6] = [
    ("rewrite", &[]),
    ("derive", &[]),
    ("core", &["rewrite"]),
    ("schema", &["core"]),
    ("retention", &["core", "schema"]),
    ("cli", &["core", "schema", "retention"]),
];

/// The floors of the core, from the ground up.
const FLOORS: [&str; 6] = ["dialect", "model", "engine", "query", "trash", "connection"];

/// Arrows of the core that point up, each with its reason. The list may only become shorter.
const UPWARDS: [(&str, &str, &str); 3] = [
    (
        "model",
        "query",
        "entities are described and registered by the trait that users derive",
    ),
    (
        "engine",
        "query",
        "builders are generic over the trait that users derive",
    ),
    (
        "model",
        "connection",
        "a registry keeps what its scoped connections have read",
    ),
];

/// Files outside of a `dialect` that decide by the kind of database. The list may only become shorter.
const DECIDING_BY_BACKEND: &str = include_str!("architecture/deciding_by_backend.txt");

#[test]
fn crates_use_those_below_them_alone() {
    for (name, below) in CRATES {
        let manifest = root().join(format!("soft-delete-{name}/Cargo.toml"));
        let manifest = fs::read_to_string(manifest).expect("the crate has a manifest");
        let (_, dependencies) = manifest
            .split_once("\n[dependencies]\n")
            .expect("it has dependencies");
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        let used: BTreeSet<&str> = dependencies
            .lines()
            .filter_map(|line| line.strip_prefix("soft-delete-"))
            .filter_map(|line| line.split(['.', ' ']).next())
            .collect();
        let allowed: BTreeSet<&str> = below.iter().copied().collect();
        assert!(used.is_subset(&allowed), "soft-delete-{name} uses {used:?}");
    }
}

#[test]
fn arrows_of_the_core_point_down() {
    let sources = root().join("soft-delete-core/src");
    let exported = exports(&sources.join("lib.rs"));
    let mut upwards = BTreeMap::new();
    for file in rust_files(&sources) {
        let inside = file.strip_prefix(&sources).expect("it is inside");
        let Some(own) = floor(inside) else { continue };
        for path in paths_of_crate(&file) {
            let head = exported.get(&path).cloned().unwrap_or(path);
            let used = FLOORS.iter().position(|floor| *floor == head);
            if let Some(used) = used.filter(|used| *used > own) {
                let arrow = (FLOORS[own], FLOORS[used]);
                upwards.entry(arrow).or_insert_with(|| inside.to_owned());
            }
        }
    }
    let allowed: BTreeSet<_> = UPWARDS.iter().map(|(from, to, _)| (*from, *to)).collect();
    for (arrow, file) in &upwards {
        let (from, to) = arrow;
        assert!(
            allowed.contains(arrow),
            "{from} uses {to} in {}",
            file.display()
        );
    }
    for arrow in &allowed {
        assert!(
            upwards.contains_key(arrow),
            "{arrow:?} is gone: take it off the list"
        );
    }
}

#[test]
fn modules_above_the_core_form_no_cycle() {
    for name in ["schema", "retention"] {
        let sources = root().join(format!("soft-delete-{name}/src"));
        let exported = exports(&sources.join("lib.rs"));
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in rust_files(&sources) {
            let inside = file.strip_prefix(&sources).expect("it is inside");
            let module = module_of(inside);
            if ["lib", "schema_api"].contains(&&*module) {
                continue;
            }
            let depth = inside.iter().count();
            let used = names_of_crate(&file, depth)
                .into_iter()
                .map(|used| exported.get(&used).cloned().unwrap_or(used))
                .filter(|used| *used != module);
            uses.entry(module.clone()).or_default().extend(used);
        }
        // What uses nothing that is left is in no cycle.
        loop {
            let modules: BTreeSet<_> = uses.keys().cloned().collect();
            let before = uses.len();
            uses.retain(|_, used| used.iter().any(|used| modules.contains(used)));
            if uses.len() == before {
                break;
            }
        }
        assert!(
            uses.is_empty(),
            "soft-delete-{name} has a cycle in {uses:?}"
        );
    }
}

#[test]
fn backends_are_decided_by_in_the_dialects() {
    let crates = CRATES.map(|(name, _)| root().join(format!("soft-delete-{name}/src")));
    let mut deciding = BTreeSet::new();
    for sources in &crates {
        for file in rust_files(sources) {
            let path = file.strip_prefix(root()).expect("it is inside");
            let is_dialect = path
                .iter()
                .any(|part| part == "dialect" || part == "dialect.rs");
            let text = fs::read_to_string(&file).expect("it can be read");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let mut code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let is_test = path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
            let decides =
                code.any(|line| line.contains("DbBackend::") || line.contains("DatabaseBackend::"));
            if decides && !is_dialect && !is_test {
                deciding.insert(path.display().to_string());
            }
        }
    }
    let known: BTreeSet<_> = DECIDING_BY_BACKEND.lines().map(str::to_owned).collect();
    let new: Vec<_> = deciding.difference(&known).collect();
    assert!(new.is_empty(), "ask the dialect instead: {new:?}");
    let gone: Vec<_> = known.difference(&deciding).collect();
    assert!(gone.is_empty(), "take these off the list: {gone:?}");
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The floor of a file; none of `lib.rs` and `engine_api.rs`, which show what is inside.
fn floor(file: &Path) -> Option<usize> {
    let first = Path::new(file.iter().next()?);
    let name = first.file_stem()?.to_str()?;
    FLOORS.iter().position(|floor| *floor == name)
}

/// The module that each name at the crate's root comes from.
fn exports(lib: &Path) -> BTreeMap<String, String> {
    let mut exports = BTreeMap::new();
    for item in parse(lib).items {
        if let syn::Item::Use(item) = item
            && let UseTree::Path(path) = &item.tree
        {
            for name in last_names(&path.tree) {
                exports.insert(name, path.ident.to_string());
            }
        }
    }
    exports
}

fn last_names(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => last_names(&path.tree),
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(name) => vec![name.rename.to_string()],
        UseTree::Group(group) => group.items.iter().flat_map(last_names).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}

/// The first names of all paths that begin with `crate::`, tests left out.
fn paths_of_crate(file: &Path) -> BTreeSet<String> {
    names_of_crate(file, usize::MAX)
}

/// The same, and those of paths that begin with as many `super::` as lead to the crate's root.
fn names_of_crate(file: &Path, depth: usize) -> BTreeSet<String> {
    let mut found = Found {
        heads: BTreeSet::new(),
        depth,
    };
    found.visit_file(&parse(file));
    found.heads
}

/// The module at the crate's root that a file belongs to.
fn module_of(file: &Path) -> String {
    let first = file.iter().next().map(Path::new).and_then(Path::file_stem);
    first
        .and_then(|name| name.to_str())
        .unwrap_or_default()
        .to_owned()
}

fn parse(file: &Path) -> syn::File {
    let text = fs::read_to_string(file).expect("it can be read");
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

struct Found {
    heads: BTreeSet<String>,
    /// How many `super` lead to the crate's root.
    depth: usize,
}

impl Found {
    /// What of a tree is named from the crate's root, after so many `super`.
    fn at_root<'t>(&self, tree: &'t UseTree, supers: usize) -> Option<&'t UseTree> {
        match tree {
            UseTree::Path(path) if path.ident == "crate" => Some(&path.tree),
            UseTree::Path(path) if path.ident == "super" && supers + 1 == self.depth => {
                Some(&path.tree)
            }
            UseTree::Path(path) if path.ident == "super" => self.at_root(&path.tree, supers + 1),
            _ => None,
        }
    }
}

impl Visit<'_> for Found {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        if let Some(tree) = self.at_root(&item.tree, 0) {
            self.heads.extend(first_names(tree));
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let mut segments = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        let mut supers = 0;
        let mut first = segments.next();
        while first.as_ref().is_some_and(|name| name == "super") {
            supers += 1;
            first = segments.next();
        }
        if first.as_ref().is_some_and(|name| name == "crate") {
            self.heads.extend(segments.next());
        } else if supers == self.depth {
            self.heads.extend(first);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, module: &syn::ItemMod) {
        if module.ident != "tests" {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

fn first_names(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => vec![path.ident.to_string()],
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(name) => vec![name.ident.to_string()],
        UseTree::Group(group) => group.items.iter().flat_map(first_names).collect(),
        UseTree::Glob(_) => Vec::new(),
    }
}
