//! Compares the public API of each crate with the list beside this package, and shows what differs.
//!
//! ```text
//! cargo run -p soft-delete-public-api              # fails if there is a difference
//! cargo run -p soft-delete-public-api -- --write   # writes the lists anew
//! ```

use std::{collections::BTreeSet, env, error::Error, fs, path::Path, process::Command};

const CRATES: [&str; 6] = [
    "soft-delete",
    "soft-delete-rewrite",
    "soft-delete-core",
    "soft-delete-schema",
    "soft-delete-retention",
    "soft-delete-cli",
];

fn main() -> Result<(), Box<dyn Error>> {
    let writes = env::args().any(|argument| argument == "--write");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut differences = 0;
    for name in CRATES {
        let api = public_api(here, name)?;
        let list = here.join(format!("{name}.txt"));
        if writes {
            fs::write(list, api)?;
            continue;
        }
        let written = fs::read_to_string(list)?;
        differences += show_differences(name, &written, &api);
    }
    if differences > 0 {
        return Err(format!(
            "{differences} lines of the public API differ from what is written down: if that is meant, run \
             `cargo run -p soft-delete-public-api -- --write` and put the lists into the commit"
        )
        .into());
    }
    Ok(())
}

/// One item a line, without what the compiler adds by itself.
fn public_api(here: &Path, name: &str) -> Result<String, Box<dyn Error>> {
    let workspace = here.join("../..").canonicalize()?;
    let status = Command::new("cargo")
        .args([
            "rustdoc",
            "--quiet",
            "--lib",
            "--all-features",
            "-p",
            name,
            "--",
        ])
        .args([
            "-Z",
            "unstable-options",
            "--output-format",
            "json",
            "--cap-lints",
            "allow",
        ])
        .env("RUSTDOC", here.join("rustdoc.sh"))
        .env_remove("RUSTDOCFLAGS")
        .current_dir(&workspace)
        .status()?;
    if !status.success() {
        return Err(format!("rustdoc failed on {name}").into());
    }
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);
    let json = target.join(format!("doc/{}.json", name.replace('-', "_")));
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .map_err(|error| format!("the JSON of this rustdoc can't be read: {error}"))?;
    Ok(format!("{api}"))
}

fn show_differences(name: &str, written: &str, api: &str) -> usize {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (written, api) = (lines(written), lines(api));
    for gone in written.difference(&api) {
        println!("{name}: - {gone}");
    }
    for new in api.difference(&written) {
        println!("{name}: + {new}");
    }
    written.symmetric_difference(&api).count()
}
