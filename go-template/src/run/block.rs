//! The blocks, loops and calls that are open while steps run.

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

/// A block, loop or call that is open, and the state to return to when it ends.
pub(super) enum Open<'t> {
    /// An `if`, a `with`, or the `else` of a `range`.
    Block {
        variables: usize,
        dot: Slot,
    },
    Loop(Box<Loop<'t>>),
    Call(Box<Caller<'t>>),
}

/// A `range` that is running.
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
