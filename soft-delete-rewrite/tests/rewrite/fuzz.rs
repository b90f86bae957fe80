//! The fuzz target's check, on its corpus and on mutations of it. `fuzz/README.md` tells how to run it long.

use std::{env, fs, path::Path};

use proptest::{
    prelude::*,
    sample::{Index, select},
};

#[path = "../../../fuzz/check.rs"]
mod fuzz_check;

#[path = "fuzz/statements.rs"]
mod statements;

use fuzz_check::check;
use statements::statement;

fn corpus() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/rewrite");
    let mut texts: Vec<_> = fs::read_dir(directory)
        .expect("the corpus")
        .map(|file| fs::read_to_string(file.expect("a file").path()).expect("a text"))
        .collect();
    texts.sort_unstable();
    texts
}

/// Puts a piece of one text into another, in place of a piece of that.
fn spliced() -> impl Strategy<Value = String> {
    let text = || prop_oneof![select(corpus()), statement()];
    let place = any::<[Index; 4]>;
    (text(), text(), place()).prop_map(|(into, from, places)| {
        let words = |text: &str| -> Vec<String> {
            text.split_inclusive([' ', '(', ')', ',', '.'])
                .map(str::to_owned)
                .collect()
        };
        let (mut into, from) = (words(&into), words(&from));
        let range = |length: usize, a: &Index, b: &Index| {
            let (a, b) = (a.index(length), b.index(length));
            a.min(b)..a.max(b)
        };
        let piece = from[range(from.len(), &places[0], &places[1])].to_vec();
        into.splice(range(into.len(), &places[2], &places[3]), piece);
        into.concat()
    })
}

#[test]
fn the_corpus_holds() {
    let corpus = corpus();
    assert!(corpus.len() > 20);
    for text in corpus {
        check(&text);
    }
}

/// How many texts are drawn: a few thousand, or as many as `FUZZ_RUNS` says.
fn runs() -> u32 {
    let asked = env::var("FUZZ_RUNS").ok();
    asked.map_or(2_000, |runs| runs.parse().expect("a number"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: runs(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_by_rule_holds(text in statement()) {
        check(&text);
    }

    #[test]
    fn what_is_made_of_it_holds(text in spliced()) {
        check(&text);
    }
}
