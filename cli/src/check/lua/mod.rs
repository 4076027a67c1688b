//! The linter: what a reader who knows KrakenD would remark on scripts that compile. It reads them with a parser of its own; where
//! that parser gives up on what the module compiles, it says nothing at all. Never contradicts the module.

mod hosts;
mod names;
mod reach;
mod rules;
mod scene;

use crate::lua::{Lowering, parse};
use reach::Reach;
use scene::Scene;

pub(crate) use hosts::Hosts;
pub(crate) use names::{Names, Stage};
pub(crate) use rules::Remark;

/// The texts of one `modifier/lua-*` block.
pub(crate) struct Scripts<'a> {
    pub(crate) stage: Stage,
    /// `allow_open_libs`.
    pub(crate) open: bool,
    /// All sources are here, as they will run.
    pub(crate) complete: bool,
    pub(crate) sources: Vec<&'a str>,
    pub(crate) pre: Option<&'a str>,
    pub(crate) post: Option<&'a str>,
}

/// Remarks on a block. Their texts are numbered: the sources in order, then `pre`, then `post`.
pub(crate) fn lint(scripts: &Scripts<'_>, names: &Names, hosts: &Hosts) -> Vec<Remark> {
    let count = scripts.sources.len();
    let sources: Vec<_> = scripts.sources.iter().enumerate().map(|(number, text)| (number, parse(text))).collect();
    let pre = scripts.pre.map(|text| (count, parse(text)));
    let post = scripts.post.map(|text| (count.saturating_add(1), parse(text)));
    let mut complete = scripts.complete;
    let mut lowering = Lowering::default();
    for chunk in [sources, pre.into_iter().collect(), post.into_iter().collect()] {
        complete &= chunk.iter().all(|(_, tree)| tree.is_some());
        lowering.chunk(chunk.iter().filter_map(|(number, tree)| Some((*number, tree.as_ref()?))));
    }
    let program = lowering.finish();
    let chunk = |number: &usize| program.chunks.get(number).copied();
    let before: Vec<usize> = (0..=count).filter_map(|number| chunk(&number)).collect();
    let behind: Vec<usize> = chunk(&count.saturating_add(1)).into_iter().collect();
    let reach = Reach::of(&program, &before, &behind);
    let scene = Scene::new(names, &program, reach, (scripts.stage, scripts.open), complete);
    rules::look(&scene, hosts)
}
