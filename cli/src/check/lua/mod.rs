//! The linter: remarks on scripts that compile, such as a reader who knows KrakenD would make. It reads scripts with its own
//! parser. If that parser cannot read a script that the module compiles, there is no remark. It never contradicts the module.

mod around;
mod hosts;
mod loading;
mod names;
mod reach;
mod rules;
mod scene;

use crate::lua::parse;
use loading::Loaded;
use reach::Reach;
use scene::Scene;

pub(crate) use around::Around;
pub(crate) use hosts::Hosts;
pub(crate) use names::{Member, Names, Object, Stage, Told};
pub(crate) use rules::Remark;

/// The texts of one `modifier/lua-*` block.
pub(crate) struct Scripts<'a> {
    pub(crate) stage: Stage,
    /// `allow_open_libs`.
    pub(crate) open: bool,
    /// All sources are here, in the form in which they will run.
    pub(crate) complete: bool,
    pub(crate) sources: Vec<&'a str>,
    pub(crate) pre: Option<&'a str>,
    pub(crate) post: Option<&'a str>,
}

/// The remarks on a block.
pub(crate) struct Linted {
    /// The remarks. Their texts are numbered: the sources in order, then `pre`, `post`, and the files.
    pub(crate) remarks: Vec<Remark>,
    /// The files that the block's scripts load, by plain name.
    pub(crate) files: Vec<String>,
}

/// Remarks on a block and on the files that it loads.
pub(crate) fn lint(scripts: &Scripts<'_>, names: &Names, hosts: &Hosts, around: &Around<'_>) -> Linted {
    let count = scripts.sources.len();
    let sources: Vec<_> = scripts.sources.iter().enumerate().map(|(number, text)| (number, parse(text))).collect();
    let pre = scripts.pre.map(|text| (count, parse(text)));
    let post = scripts.post.map(|text| (count.saturating_add(1), parse(text)));
    let chunks = vec![sources, pre.into_iter().collect(), post.into_iter().collect()];
    let Loaded { program, needs, files, loads, complete } = Loaded::of(chunks, count.saturating_add(2), around);
    let chunk = |number: &usize| program.chunks.get(number).copied();
    let before: Vec<usize> = (0..=count).filter_map(|number| chunk(&number)).collect();
    let behind: Vec<usize> = chunk(&count.saturating_add(1)).into_iter().collect();
    let reach = Reach::of(&program, &loads, &before, &behind);
    let scene = Scene::new(
        names,
        &program,
        reach,
        (scripts.stage, scripts.open, around.has_helpers()),
        scripts.complete && complete,
    );
    Linted { remarks: rules::look(&scene, hosts, &needs, around), files }
}
