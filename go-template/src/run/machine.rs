//! The loop that runs steps, and the state that they work on.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::block::{Caller, Loop, Open, Variable};
use super::iteration::Iteration;
use crate::error::{Error, Execution};
use crate::functions::{Functions, Host};
use crate::limits::Budget;
use crate::rendered::Rendered;
use crate::slot::Slot;
use crate::syntax::{Call, Node, Pipe, Program, Step};
use crate::text::{print, quote};
use crate::value::Value;

/// The templates and functions that an execution may call.
#[derive(Default)]
pub(crate) struct Set {
    pub(crate) programs: BTreeMap<Rc<str>, Program>,
    pub(crate) functions: Functions,
}

/// An execution.
pub(crate) struct Machine<'t> {
    pub(super) set: &'t Set,
    pub(super) host: Host<'t>,
    pub(super) budget: &'t Budget,
    /// The part that is being evaluated, or was evaluated last: an error is reported there.
    pub(super) at: Node<'t>,
    pub(super) variables: Vec<Variable>,
    pub(super) dot: Slot,
    program: &'t Program,
    open: Vec<Open<'t>>,
    calls: usize,
    rendered: Rendered,
}

/// The next step, if there is one.
type Next = Result<Option<usize>, String>;

impl<'t> Machine<'t> {
    pub(crate) fn new(set: &'t Set, program: &'t Program, host: Host<'t>, dot: Slot) -> Self {
        Self {
            set,
            budget: host.budget,
            host,
            at: Node::Step(0, ""),
            variables: vec![Variable { name: "$".into(), slot: dot.clone() }],
            dot,
            program,
            open: Vec::new(),
            calls: 0,
            rendered: Rendered::default(),
        }
    }

    /// Runs all steps.
    pub(crate) fn run(mut self) -> Result<Rendered, Error> {
        let mut next = 0;
        loop {
            match self.step(next) {
                Ok(Some(step)) => next = step,
                Ok(None) => return Ok(self.rendered),
                Err(message) => return Err(self.error(message)),
            }
        }
    }

    fn error(&self, message: String) -> Error {
        let (program, offset) = (self.program, self.at.at());
        let before = program.source.text.get(..offset).unwrap_or_default();
        let execution = Execution { template: program.name.to_string(), node: self.at.to_string() };
        // For the first line, Go counts from the beginning of the text.
        let column = offset - before.rfind('\n').map_or(0, |end| end + 1);
        Error {
            template: program.source.name.to_string(),
            line: 1 + before.bytes().filter(|byte| *byte == b'\n').count(),
            column: Some(column),
            offset,
            execution: Some(Box::new(execution)),
            message,
        }
    }

    fn step(&mut self, at: usize) -> Next {
        self.budget.spend(1)?;
        let program = self.program;
        let Some(step) = program.steps.get(at) else { return self.return_to_caller() };
        let next = Ok(Some(at + 1));
        match step {
            Step::Text(range) => {
                self.at = Node::Step(range.start, "text");
                let text = program.source.text.get(range.clone()).unwrap_or_default();
                self.print(text, range.start, true)?;
                next
            }
            Step::Action(pipe) => self.action(pipe).and(next),
            Step::If { pipe, otherwise } => {
                self.open_block();
                let truth = self.pipe(pipe)?.value().truth();
                Ok(Some(if truth { at + 1 } else { *otherwise }))
            }
            Step::With { pipe, otherwise } => {
                self.open_block();
                let slot = self.pipe(pipe)?;
                if !slot.value().truth() {
                    return Ok(Some(*otherwise));
                }
                self.dot = slot;
                next
            }
            Step::Range { pipe, otherwise } => Ok(Some(if self.range(pipe)? { at + 1 } else { *otherwise })),
            Step::Next { body, leave } => Ok(Some(if self.next_round()? { *body } else { *leave })),
            Step::Leave => {
                match self.open.pop() {
                    Some(Open::Block { variables, dot }) => self.restore(variables, dot),
                    Some(Open::Loop(open)) => self.restore(open.variables, open.dot),
                    other => self.open.extend(other),
                }
                next
            }
            Step::Jump(to) => Ok(Some(*to)),
            Step::Break { at, leave } => {
                self.at = Node::Step(*at, "{{break}}");
                self.leave_blocks();
                Ok(Some(*leave))
            }
            Step::Continue { at, next } => {
                self.at = Node::Step(*at, "{{continue}}");
                self.leave_blocks();
                Ok(Some(*next))
            }
            Step::Template(call) => self.call_template(call, at + 1),
        }
    }

    fn print(&mut self, text: &str, offset: usize, verbatim: bool) -> Result<(), String> {
        self.budget.length(self.rendered.text.len() + text.len())?;
        self.rendered.push(text, &self.program.source.name, offset, verbatim);
        Ok(())
    }

    fn action(&mut self, pipe: &'t Pipe) -> Result<(), String> {
        self.at = Node::Action(pipe);
        let slot = self.pipe(pipe)?;
        if !pipe.variables.is_empty() {
            return Ok(());
        }
        self.at = Node::Action(pipe);
        match slot {
            Slot::Invalid => self.print("<no value>", pipe.at, false),
            Slot::Concrete(Value::String(text)) | Slot::Boxed(Value::String(text)) => self.print(&text, pipe.at, false),
            Slot::Concrete(value) | Slot::Boxed(value) => {
                let text = print(&value, self.budget)?;
                self.print(&text, pipe.at, false)
            }
        }
    }

    fn open_block(&mut self) {
        self.open.push(Open::Block { variables: self.variables.len(), dot: self.dot.clone() });
    }

    fn restore(&mut self, variables: usize, dot: Slot) {
        self.variables.truncate(variables);
        self.dot = dot;
    }

    /// Opens a loop, or a block for its `else`; true if there is a round.
    fn range(&mut self, pipe: &'t Pipe) -> Result<bool, String> {
        let (variables, dot) = (self.variables.len(), self.dot.clone());
        let slot = self.pipe(pipe)?;
        let iteration = Iteration::of(slot.value(), pipe.variables.len(), self.budget)?;
        let Some(iteration) = iteration else {
            self.open.push(Open::Block { variables, dot });
            return Ok(false);
        };
        let (inside, names, assigns) = (self.variables.len(), pipe.variables.as_slice(), pipe.assigns);
        self.open.push(Open::Loop(Box::new(Loop { variables, dot, inside, iteration, names, assigns })));
        self.next_round()
    }

    /// Sets dot and variables for the next item; false if there is none.
    fn next_round(&mut self) -> Result<bool, String> {
        self.budget.spend(1)?;
        let Some(Open::Loop(open)) = self.open.last_mut() else { return Ok(false) };
        let Some((index, item)) = open.iteration.next() else { return Ok(false) };
        let (inside, names, assigns) = (open.inside, open.names, open.assigns);
        self.variables.truncate(inside);
        match names {
            [name, second] if assigns => {
                self.assign(name, index)?;
                self.assign(second, item.clone())?;
            }
            [name, ..] if assigns => self.assign(name, item.clone())?,
            names => {
                // The variables that the pipeline declared are on top: the index comes first.
                let slots = if names.len() > 1 { vec![index, item.clone()] } else { vec![item.clone()] };
                let declared = inside.saturating_sub(names.len());
                for (variable, slot) in self.variables.iter_mut().skip(declared).zip(slots) {
                    variable.slot = slot;
                }
            }
        }
        self.dot = item;
        Ok(true)
    }

    /// Leaves all blocks inside the innermost loop.
    fn leave_blocks(&mut self) {
        while let Some(Open::Block { .. }) = self.open.last() {
            self.open.pop();
        }
    }

    /// Sets the newest variable of this name.
    pub(super) fn assign(&mut self, name: &str, slot: Slot) -> Result<(), String> {
        match self.variables.iter_mut().rev().find(|variable| *variable.name == *name) {
            Some(variable) => variable.slot = slot,
            None => return Err(format!("undefined variable: {name}")),
        }
        Ok(())
    }

    fn call_template(&mut self, call: &'t Call, next: usize) -> Next {
        self.at = Node::Template(call);
        let Some(program) = self.set.programs.get(&call.name) else {
            return Err(format!("template {} not defined", quote(&call.name)));
        };
        let deepest = self.budget.limits().depth;
        if self.calls >= deepest {
            return Err(format!("exceeded maximum template depth ({deepest})"));
        }
        let dot = match &call.pipe {
            Some(pipe) => self.pipe(pipe)?,
            None => Slot::Invalid,
        };
        self.calls += 1;
        let variables = vec![Variable { name: "$".into(), slot: dot.clone() }];
        let caller = Caller {
            program: std::mem::replace(&mut self.program, program),
            next,
            variables: std::mem::replace(&mut self.variables, variables),
            dot: std::mem::replace(&mut self.dot, dot),
        };
        self.open.push(Open::Call(Box::new(caller)));
        Ok(Some(0))
    }

    fn return_to_caller(&mut self) -> Next {
        let Some(Open::Call(caller)) = self.open.pop() else { return Ok(None) };
        self.calls = self.calls.saturating_sub(1);
        self.program = caller.program;
        self.variables = caller.variables;
        self.dot = caller.dot;
        Ok(Some(caller.next))
    }
}
