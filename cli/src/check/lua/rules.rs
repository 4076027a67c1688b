//! The rules for scripts, run for every function of a block that its scripts can reach. Each rule is a function that looks at
//! one expression; this file holds what the rules share.

use std::rc::Rc;

use super::scene::{Halves, Scene};
use crate::check::finding::Level;
use crate::lua::needs::Needs;
use crate::lua::tree::{Act, Expr, Span};

mod arguments;
mod fields;
mod functions;
mod globals;
mod methods;
mod needs;
mod nils;
mod setters;
mod urls;

/// A rule's remark on a part of a text. Texts have numbers.
#[derive(Debug)]
pub(crate) struct Remark {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    pub(crate) text: usize,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// The remarks that rules add to.
pub(super) struct Remarks {
    pub(super) all: Vec<Remark>,
    text: usize,
}

impl Remarks {
    fn add(&mut self, rule: &'static str, level: Level, span: &Span, message: String, help: Option<String>) {
        self.all.push(Remark { rule, level, text: self.text, span: span.clone(), message, help });
    }
}

/// An expression and the use of its value.
#[derive(Clone, Copy)]
struct Use<'a> {
    expr: &'a Rc<Expr>,
    /// The expression that it is a part of.
    parent: Option<&'a Rc<Expr>>,
    /// It is the target of an assignment.
    target: bool,
}

impl Use<'_> {
    /// Whether the value is called or indexed: nil would surely be an error there.
    fn is_needed(&self) -> bool {
        let base = self.parent.and_then(|parent| parent.base());
        base.is_some_and(|base| Rc::ptr_eq(base, self.expr))
    }
}

/// Applies the rules to everything that runs.
pub(super) fn look(scene: &Scene<'_>, hosts: &super::Hosts, needs: &Needs, around: &super::Around<'_>) -> Vec<Remark> {
    let mut remarks = Remarks { all: Vec::new(), text: 0 };
    needs::look(scene, needs, around, &mut remarks);
    for (number, function) in scene.program.functions.iter().enumerate() {
        let halves =
            Halves { before: scene.reach.before.contains(&number), behind: scene.reach.behind.contains(&number) };
        if function.shielded || !(halves.before || halves.behind) {
            continue;
        }
        remarks.text = function.text;
        for act in &function.acts {
            let (first, value) = match act {
                Act::Eval(expr) | Act::Test(expr) => ((expr, false), None),
                Act::Assign(to, value) => ((to, true), value.as_ref()),
            };
            for (expr, target) in std::iter::once(first).chain(value.map(|value| (value, false))) {
                descend(scene, hosts, Use { expr, parent: None, target }, halves, &mut remarks);
            }
        }
    }
    remarks.all
}

fn descend(scene: &Scene<'_>, hosts: &super::Hosts, at: Use<'_>, halves: Halves, remarks: &mut Remarks) {
    globals::look(scene, at, halves, remarks);
    functions::look(scene, at, remarks);
    fields::look(scene, at, remarks);
    methods::look(scene, at, remarks);
    arguments::look(scene, at, remarks);
    setters::look(scene, at, halves, remarks);
    nils::look(scene, at, remarks);
    urls::look(scene, hosts, at, remarks);
    for part in at.expr.parts() {
        descend(scene, hosts, Use { expr: part, parent: Some(at.expr), target: false }, halves, remarks);
    }
}
