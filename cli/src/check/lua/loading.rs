//! The files that the scripts of a block load, and the files that these load: one program of all of them, and which function
//! loads which file.

use std::collections::{BTreeMap, BTreeSet};

use full_moon::ast::Ast;

use super::around::Around;
use crate::document::{files_of, is_built_in};
use crate::lua::needs::{By, Need, Needs};
use crate::lua::tree::Program;
use crate::lua::{Lowering, parse};

/// A text and its number.
type Numbered = (usize, Option<Ast>);

/// The program of a block.
pub(super) struct Loaded {
    pub(super) program: Program,
    pub(super) needs: Needs,
    /// The names of the files, in the order of the numbers of their texts.
    pub(super) files: Vec<String>,
    /// The chunks of files that a function loads.
    pub(super) loads: BTreeMap<usize, Vec<usize>>,
    /// Every text was read, and so was every file that scripts load.
    pub(super) complete: bool,
}

impl Loaded {
    /// Reads the chunks of a block, and all files that they load. Texts of files are numbered from `first`.
    pub(super) fn of(chunks: Vec<Vec<Numbered>>, first: usize, around: &Around<'_>) -> Self {
        let (mut files, mut trees): (Vec<String>, Vec<Numbered>) = (Vec::new(), Vec::new());
        loop {
            let program = program(&chunks, &trees);
            let needs = Needs::of(&program);
            let found = needs.all.iter().filter_map(|need| file(need, &needs, around));
            let new: BTreeSet<String> = found.filter(|name| !files.contains(name)).collect();
            if new.is_empty() {
                let complete = chunks.iter().flatten().chain(&trees).all(|(_, tree)| tree.is_some());
                let complete = complete && needs.all.iter().all(|need| is_known(need, &needs, around));
                let mut loaded = Self { program, needs, files, loads: BTreeMap::new(), complete };
                loaded.connect(first, around);
                return loaded;
            }
            for name in new {
                trees.push((first.saturating_add(files.len()), around.file(&name).and_then(parse)));
                files.push(name);
            }
        }
    }

    fn connect(&mut self, first: usize, around: &Around<'_>) {
        let mut certain: BTreeSet<usize> = BTreeSet::new();
        for need in &self.needs.all {
            let Some(name) = file(need, &self.needs, around) else { continue };
            let place = self.files.iter().position(|file| *file == name).unwrap_or_default();
            let Some(chunk) = self.program.chunks.get(&first.saturating_add(place)) else { continue };
            self.loads.entry(need.function).or_default().push(*chunk);
            if need.certain {
                certain.insert(*chunk);
            }
        }
        for chunk in self.loads.values().flatten().filter(|chunk| !certain.contains(chunk)) {
            if let Some(function) = self.program.functions.get_mut(*chunk) {
                function.shielded = true;
            }
        }
    }
}

fn program(chunks: &[Vec<Numbered>], files: &[Numbered]) -> Program {
    let mut lowering = Lowering::default();
    for chunk in chunks.iter().map(Vec::as_slice).chain(files.iter().map(std::slice::from_ref)) {
        lowering.chunk(chunk.iter().filter_map(|(number, tree)| Some((*number, tree.as_ref()?))));
    }
    lowering.finish()
}

fn loads(by: By) -> bool {
    matches!(by, By::Dofile | By::Loadfile | By::Require)
}

/// The file that is loaded, if the document has it.
fn file(need: &Need, needs: &Needs, around: &Around<'_>) -> Option<String> {
    let name = need.name.as_ref().filter(|_| loads(need.by))?;
    files_of(need.by, name, &needs.paths).into_iter().find(|name| around.file(name).is_some())
}

// A file that is missing here may exist on another machine, and define globals. Is this need known to be harmless?
fn is_known(need: &Need, needs: &Needs, around: &Around<'_>) -> bool {
    let built_in = need.by == By::Require && need.name.as_deref().is_some_and(is_built_in);
    !loads(need.by) || built_in || file(need, needs, around).is_some()
}
