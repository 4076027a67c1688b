//! The files and variables that the scripts of a document ask for, script by script. Reads scripts, and never the disk.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::names::of_module;
use crate::lua::needs::{By, Need, Needs};
use crate::lua::{Lowering, parse};

/// Modules that exist without a file.
const BUILT_IN: [&str; 10] = ["_G", "channel", "coroutine", "debug", "io", "math", "os", "package", "string", "table"];

/// A script that asks for a file contains one of these words.
const WORDS: [&str; 5] = ["dofile", "loadfile", "require", "open", "lines"];

/// The needs of the scripts that were read so far.
#[derive(Default)]
pub(super) struct Library {
    needs: Vec<(By, String, bool)>,
    /// Patterns of `package.path`.
    pub(super) paths: Vec<String>,
    own_modules: bool,
    unknown_path: bool,
    seen: BTreeSet<Vec<String>>,
}

/// One name, and the files of which any one is enough.
pub(super) struct Wanted {
    pub(super) by: By,
    pub(super) name: String,
    pub(super) files: Vec<String>,
    /// If none of the files exists, a script fails.
    pub(super) certain: bool,
}

impl Wanted {
    /// Whether the file is loaded as a script, and not read as data.
    pub(super) fn is_script(&self) -> bool {
        !matches!(self.by, By::Open | By::Lines)
    }
}

impl Library {
    /// Reads the scripts of a block. The block's sources are one chunk.
    pub(super) fn block(&mut self, block: &Map<String, Value>, source: impl Fn(&str) -> Option<String>) {
        let list = block.get("sources").and_then(Value::as_array);
        let names = list.into_iter().flatten().filter_map(Value::as_str);
        let script = |half: &str| block.get(half).and_then(Value::as_str).map(str::to_owned);
        self.chunks(&[
            names.filter_map(source).collect(),
            script("pre").into_iter().collect(),
            script("post").into_iter().collect(),
        ]);
    }

    /// Reads a file.
    pub(super) fn file(&mut self, text: &str) {
        self.chunks(&[vec![text.to_owned()]]);
    }

    fn chunks(&mut self, chunks: &[Vec<String>]) {
        let texts: Vec<String> = chunks.concat();
        let asks = |text: &String| WORDS.iter().any(|word| text.contains(word)) || text.contains("package");
        if !texts.iter().any(asks) || !self.seen.insert(texts) {
            return;
        }
        let mut lowering = Lowering::default();
        for chunk in chunks {
            let trees: Vec<_> = chunk.iter().filter_map(|text| parse(text)).collect();
            lowering.chunk(trees.iter().map(|tree| (0, tree)));
        }
        let Needs { all, paths, unknown_path, own_modules, .. } = Needs::of(&lowering.finish());
        self.own_modules |= own_modules;
        self.unknown_path |= unknown_path;
        self.paths.extend(paths);
        for Need { by, name, certain, .. } in all {
            let Some(name) = name.filter(|_| by != By::Getenv) else { continue };
            match self.needs.iter_mut().find(|need| (need.0, &need.1) == (by, &name)) {
                Some(known) => known.2 |= certain,
                None => self.needs.push((by, name, certain)),
            }
        }
    }

    /// Everything that the scripts ask for.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let wanted = self.needs.iter().filter(|(by, name, _)| *by != By::Require || !is_built_in(name));
        let all = wanted.map(|(by, name, certain)| Wanted {
            by: *by,
            files: files(*by, name, &self.paths),
            certain: *certain && !(*by == By::Require && (self.own_modules || self.unknown_path)),
            name: name.clone(),
        });
        all.collect()
    }
}

/// Whether a module exists without a file.
pub(crate) fn is_built_in(module: &str) -> bool {
    BUILT_IN.contains(&module)
}

/// The files that a name may mean, if scripts add these patterns to `package.path`.
pub(crate) fn files(by: By, name: &str, paths: &[String]) -> Vec<String> {
    match by {
        By::Require => of_module(name, paths),
        _ => vec![super::names::clean(name)],
    }
}
