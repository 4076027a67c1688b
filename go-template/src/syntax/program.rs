//! A parsed template: a list of steps with jumps, so that running it takes no stack, however deeply its blocks are nested.

use std::ops::Range;
use std::rc::Rc;

use super::expression::Pipe;

/// A text that was parsed: one program, and one for each `define` in it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: Rc<str>,
    pub(crate) text: String,
}

/// A template.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: Rc<str>,
    pub(crate) source: Rc<Source>,
    pub(crate) steps: Vec<Step>,
}

/// A step. The numbers are the indexes of other steps.
#[derive(Debug)]
pub(crate) enum Step {
    /// Copies this part of the source.
    Text(Range<usize>),
    /// Evaluates the pipeline, and prints the value unless the pipeline declares a variable.
    Action(Pipe),
    /// Opens a block: if the value is true, continues with the next step, else at `otherwise`.
    If {
        pipe: Pipe,
        otherwise: usize,
    },
    /// As `If`; a true value becomes dot.
    With {
        pipe: Pipe,
        otherwise: usize,
    },
    /// Opens a block for the first item; without items continues at `otherwise`.
    Range {
        pipe: Pipe,
        otherwise: usize,
    },
    /// Goes to the next item of the innermost range, whose first step is `body`; after the last item continues at `leave`.
    Next {
        body: usize,
        leave: usize,
    },
    /// Closes the innermost block.
    Leave,
    Jump(usize),
    /// Leaves all blocks inside the innermost range, and continues at this step: its `Leave`, or its `Next`.
    Break {
        at: usize,
        leave: usize,
    },
    Continue {
        at: usize,
        next: usize,
    },
    Template(Call),
}

/// `{{template "name" pipeline}}`
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) at: usize,
    pub(crate) name: Rc<str>,
    pub(crate) pipe: Option<Pipe>,
}

impl Program {
    /// Is there only space? Such a template replaces no other template.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Step::Text(range) => self.source.text.get(range.clone()).unwrap_or_default().trim().is_empty(),
            _ => false,
        })
    }
}
