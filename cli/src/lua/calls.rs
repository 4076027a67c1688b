//! The arguments of a function that is known by name: if every mention of the function is a call, its parameters are known to
//! have the values that these calls give.

use std::collections::HashMap;
use std::rc::Rc;

use super::tree::{Act, Expr, Given, Program, Variable, What};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Owner {
    Local(usize),
    Global(String),
}

fn owner(variable: &Variable) -> Owner {
    match variable {
        Variable::Local(number) => Owner::Local(*number),
        Variable::Global(name) => Owner::Global(name.clone()),
    }
}

#[derive(Default)]
struct Uses {
    functions: Vec<usize>,
    other_values: usize,
    reads: usize,
    calls: Vec<Vec<Rc<Expr>>>,
}

/// Gives parameters the values that calls give them, and `Unknown` if these cannot be known.
pub(super) fn connect(program: &mut Program) {
    let mut all: HashMap<Owner, Uses> = HashMap::new();
    for (number, given) in program.locals.iter().enumerate() {
        for given in given {
            definition(all.entry(Owner::Local(number)).or_default(), given);
        }
    }
    for act in program.acts() {
        if let Act::Assign(to, value) = act
            && let What::Name(Variable::Global(name)) = &to.what
        {
            let given = value.clone().map_or(Given::Unknown, Given::Value);
            definition(all.entry(Owner::Global(name.clone())).or_default(), &given);
        }
    }
    program.every(&mut |expr| match &expr.what {
        What::Name(variable) => {
            let uses = all.entry(owner(variable)).or_default();
            uses.reads = uses.reads.saturating_add(1);
        }
        What::Call(of, arguments) => {
            if let What::Name(variable) = &of.what {
                all.entry(owner(variable)).or_default().calls.push(arguments.clone());
            }
        }
        _ => {}
    });
    // The target of an assignment is not read.
    for act in program.acts() {
        if let Act::Assign(to, _) = act
            && let What::Name(variable) = &to.what
            && let Some(uses) = all.get_mut(&owner(variable))
        {
            uses.reads = uses.reads.saturating_sub(1);
        }
    }
    let mut given: HashMap<usize, Vec<Given>> = HashMap::new();
    for uses in all.values() {
        let ([function], 0) = (uses.functions.as_slice(), uses.other_values) else { continue };
        if uses.calls.is_empty() || uses.reads != uses.calls.len() {
            continue;
        }
        let Some(function) = program.functions.get(*function) else { continue };
        for (place, parameter) in function.parameters.iter().enumerate() {
            let values = uses.calls.iter().map(|arguments| match arguments.get(place) {
                Some(value) => Given::Value(Rc::clone(value)),
                None => Given::Unknown,
            });
            given.insert(*parameter, values.collect());
        }
    }
    let parameters: Vec<usize> = program.functions.iter().flat_map(|function| function.parameters.clone()).collect();
    for parameter in parameters {
        if let Some(all) = program.locals.get_mut(parameter) {
            all.extend(given.remove(&parameter).unwrap_or_else(|| vec![Given::Unknown]));
        }
    }
}

fn definition(uses: &mut Uses, given: &Given) {
    match given {
        Given::Value(value) => match &value.what {
            What::Function(number) => uses.functions.push(*number),
            _ => uses.other_values = uses.other_values.saturating_add(1),
        },
        Given::Unknown => uses.other_values = uses.other_values.saturating_add(1),
    }
}
