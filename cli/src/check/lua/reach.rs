//! The functions that run in each half of a block: before the request goes on (`sources` and `pre`), or after the response
//! (`post`). A file of functions often serves several blocks: a function that this block never calls is no mistake of this
//! block.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::lua::tree::{Act, Expr, Given, Program, Variable, What};

/// The functions that run in each half.
pub(super) struct Reach {
    pub(super) before: BTreeSet<usize>,
    pub(super) behind: BTreeSet<usize>,
}

/// How a function can be mentioned.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Mention {
    Local(usize),
    Global(String),
    /// Any field or method of that name.
    Field(String),
}

impl Reach {
    /// `before` and `behind` are the chunks that run in each half, `loads` the chunks of files that a function loads.
    pub(super) fn of(
        program: &Program,
        loads: &BTreeMap<usize, Vec<usize>>,
        before: &[usize],
        behind: &[usize],
    ) -> Self {
        let named = named(program);
        Self { before: reached(program, &named, loads, before), behind: reached(program, &named, loads, behind) }
    }
}

fn reached(
    program: &Program,
    named: &BTreeMap<Mention, Vec<usize>>,
    loads: &BTreeMap<usize, Vec<usize>>,
    from: &[usize],
) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = BTreeSet::new();
    let mut ahead: Vec<usize> = from.to_vec();
    while let Some(number) = ahead.pop() {
        let Some(function) = program.functions.get(number).filter(|_| found.insert(number)) else { continue };
        ahead.extend(loads.get(&number).into_iter().flatten());
        // A function with a name runs only where that name is used.
        let mut kept: BTreeSet<usize> = BTreeSet::new();
        let mut targets: BTreeSet<*const Expr> = BTreeSet::new();
        for act in &function.acts {
            if let Act::Assign(to, value) = act {
                targets.insert(Rc::as_ptr(to));
                kept.extend(value.as_ref().and_then(|value| function_of(value)));
            }
        }
        program.each(function, &mut |expr| match &expr.what {
            What::Table(items) => {
                kept.extend(items.iter().filter(|(name, _)| name.is_some()).filter_map(|(_, item)| function_of(item)));
            }
            _ if targets.contains(&Rc::as_ptr(expr)) => {}
            What::Name(Variable::Local(local)) => {
                ahead.extend(named.get(&Mention::Local(*local)).into_iter().flatten())
            }
            What::Name(Variable::Global(name)) => {
                ahead.extend(named.get(&Mention::Global(name.clone())).into_iter().flatten());
            }
            What::Field(_, name, _) | What::Method(_, name, ..) => {
                ahead.extend(named.get(&Mention::Field(name.clone())).into_iter().flatten());
            }
            _ => {}
        });
        program.each(function, &mut |expr| ahead.extend(function_of(expr).filter(|number| !kept.contains(number))));
    }
    found
}

fn function_of(expr: &Expr) -> Option<usize> {
    match expr.what {
        What::Function(number) => Some(number),
        _ => None,
    }
}

fn named(program: &Program) -> BTreeMap<Mention, Vec<usize>> {
    let mut named: BTreeMap<Mention, Vec<usize>> = BTreeMap::new();
    let mut add = |mention, number| named.entry(mention).or_default().push(number);
    for (local, given) in program.locals.iter().enumerate() {
        for given in given {
            if let Given::Value(value) = given
                && let Some(number) = function_of(value)
            {
                add(Mention::Local(local), number);
            }
        }
    }
    for act in program.acts() {
        if let Act::Assign(to, Some(value)) = act
            && let Some(number) = function_of(value)
        {
            match &to.what {
                What::Name(Variable::Global(name)) => add(Mention::Global(name.clone()), number),
                What::Field(_, name, _) => add(Mention::Field(name.clone()), number),
                _ => {}
            }
        }
    }
    program.every(&mut |expr| {
        if let What::Table(items) = &expr.what {
            for (name, item) in items {
                if let (Some(name), Some(number)) = (name, function_of(item)) {
                    add(Mention::Field(name.clone()), number);
                }
            }
        }
    });
    named
}
