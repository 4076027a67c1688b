//! What is open while steps run: blocks, loops and calls.

use std::rc::Rc;

use super::iteration::Iteration;
use crate::slot::Slot;
use crate::syntax::Program;

/// A variable of a template.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: Rc<str>,
    pub(super) slot: Slot,
}

/// Something that is open, and what to go back to when it ends.
pub(super) enum Open<'t> {
    /// An `if`, a `with`, or the `else` of a `range`.
    Block {
        variables: usize,
        dot: Slot,
    },
    Loop(Box<Loop<'t>>),
    Call(Box<Caller<'t>>),
}

/// A `range` at work.
pub(super) struct Loop<'t> {
    pub(super) variables: usize,
    pub(super) dot: Slot,
    /// How many variables there are at the beginning of each round.
    pub(super) inside: usize,
    pub(super) iteration: Iteration,
    pub(super) names: &'t [Rc<str>],
    pub(super) assigns: bool,
}

/// The template that called another one.
pub(super) struct Caller<'t> {
    pub(super) program: &'t Program,
    pub(super) next: usize,
    pub(super) variables: Vec<Variable>,
    pub(super) dot: Slot,
}
