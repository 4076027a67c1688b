//! Plays again the inputs that once led the fuzzer to new code, and those that once found a fault.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

#[test]
fn nothing_in_the_corpus_is_a_find() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for name in fuzz::names() {
        let (target, mut played) = (fuzz::target(name).unwrap(), 0);
        for entry in std::fs::read_dir(corpus.join(name)).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display()); // if the test fails, the last name is the input that failed
            target(&std::fs::read(&path).unwrap());
            played += 1;
        }
        assert!(played > 0, "{name} has no corpus");
    }
}
