//! The scripts of one block and all that rules ask about them: where they run, what they define, what they test, and the kind
//! of value of an expression.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::names::{Kind, Names, Stage};
use super::reach::Reach;
use crate::lua::tree::{Act, Expr, Given, Program, Variable, What};

/// Names that can define or remove globals without an assignment that the linter sees.
const DYNAMIC: [&str; 7] = ["_G", "_ENV", "getfenv", "setfenv", "load", "loadstring", "module"];

/// Calls whose arguments may be absent.
const ASKING: [&str; 7] = ["type", "tostring", "pcall", "xpcall", "assert", "rawequal", "select"];

/// The number of variables through which a value is followed.
const FOLLOWED: usize = 12;

/// One block.
pub(super) struct Scene<'a> {
    pub(super) names: &'a Names,
    pub(super) program: &'a Program,
    pub(super) reach: Reach,
    pub(super) stage: Stage,
    pub(super) open: bool,
    /// The configuration says `"helpers": true`.
    pub(super) helpers: bool,
    /// Every text of the block is known, and no text makes globals in ways that cannot be seen.
    pub(super) closed_world: bool,
    /// Globals that are assigned.
    pub(super) assigned: BTreeSet<&'a str>,
    /// Fields that are assigned, whatever value they belong to.
    pub(super) assigned_fields: BTreeSet<&'a str>,
    /// Globals, and `library.function`, that scripts test before they use them.
    pub(super) tested: BTreeSet<String>,
    /// Names, fields, methods and literals that occur.
    pub(super) mentioned: BTreeSet<&'a str>,
    /// The getters that `post` calls on requests, each with its argument if that is a literal.
    asked_behind: BTreeSet<(&'a str, Option<&'a str>)>,
}

/// The halves of a block in which an expression runs.
#[derive(Clone, Copy)]
pub(super) struct Halves {
    pub(super) before: bool,
    pub(super) behind: bool,
}

impl<'a> Scene<'a> {
    /// `complete`: every text of the block is in the program.
    pub(super) fn new(
        names: &'a Names,
        program: &'a Program,
        reach: Reach,
        (stage, open, helpers): (Stage, bool, bool),
        complete: bool,
    ) -> Self {
        let mut scene = Scene {
            names,
            program,
            reach,
            stage,
            open,
            helpers,
            closed_world: complete,
            assigned: BTreeSet::new(),
            assigned_fields: BTreeSet::new(),
            tested: BTreeSet::new(),
            mentioned: BTreeSet::new(),
            asked_behind: BTreeSet::new(),
        };
        scene.look_around();
        scene.look_behind();
        program.every(&mut |expr| scene.closed_world &= !expr.global().is_some_and(|name| DYNAMIC.contains(&name)));
        scene
    }

    fn look_around(&mut self) {
        for act in self.program.acts() {
            match act {
                Act::Test(condition) => self.ask(condition),
                Act::Assign(to, _) => match &to.what {
                    What::Name(Variable::Global(name)) => drop(self.assigned.insert(name)),
                    What::Field(_, name, _) => drop(self.assigned_fields.insert(name)),
                    _ => {}
                },
                Act::Eval(_) => {}
            }
        }
        self.program.every(&mut |expr| match &expr.what {
            What::Name(Variable::Global(name)) | What::Field(_, name, _) | What::Method(_, name, ..) => {
                self.mentioned.insert(name);
            }
            What::Text(text) => drop(self.mentioned.insert(text)),
            What::Logic(left, right) | What::Equal(left, right) => {
                self.ask(left);
                self.ask(right);
            }
            What::Not(inner) => self.ask(inner),
            What::Call(of, arguments) if of.global().is_some_and(|name| ASKING.contains(&name)) => {
                arguments.iter().for_each(|argument| self.ask(argument));
            }
            _ => {}
        });
    }

    fn look_behind(&mut self) {
        let program = self.program;
        let functions = program.functions.iter().enumerate();
        for (_, function) in functions.filter(|(number, _)| self.reach.behind.contains(number)) {
            let mut getters = Vec::new();
            program.each(function, &mut |expr| match &expr.what {
                What::Method(of, name, _, arguments) if !sets(name, arguments) => getters.push((of, name, arguments)),
                _ => {}
            });
            for (of, name, arguments) in getters {
                if matches!(self.kind(of), Kind::Request | Kind::Any) {
                    self.asked_behind.insert((name, arguments.first().and_then(|key| key.text())));
                }
            }
        }
    }

    /// Whether `post` may read the value that a setter of the request has set: the request of both halves is the same.
    pub(super) fn is_read_behind(&self, setter: &str, arguments: &[Rc<Expr>]) -> bool {
        let key = arguments.first().and_then(|key| key.text());
        // A parameter without a key, or with a key that is made at run time, may be any parameter.
        let fits = |asked: &Option<&str>| setter != "params" || asked.is_none() || key.is_none() || *asked == key;
        self.asked_behind.iter().any(|(getter, asked)| *getter == setter && fits(asked))
    }

    fn ask(&mut self, expr: &Expr) {
        if let Some(name) = expr.global() {
            self.tested.insert(name.to_owned());
        }
        if let Some((library, name)) = expr.global_field() {
            self.tested.insert(format!("{library}.{name}"));
        }
    }

    /// Whether a global of the library or of KrakenD still has its original value.
    pub(super) fn is_original(&self, name: &str) -> bool {
        !self.assigned.contains(name)
    }

    /// The kind of an expression's value, as far as its text tells.
    pub(super) fn kind(&self, expr: &Expr) -> Kind {
        self.follow(expr, FOLLOWED)
    }

    fn follow(&self, expr: &Expr, steps: usize) -> Kind {
        let Some(steps) = steps.checked_sub(1) else { return Kind::Any };
        match &expr.what {
            What::Text(_) | What::Concat(..) => Kind::Text,
            What::Name(Variable::Local(local)) => self.local(*local, steps),
            What::Call(of, _) => self.result(of),
            What::Method(of, name, _, arguments) => {
                let kind = self.follow(of, steps);
                let method = self.names.object_of(kind).and_then(|(_, object)| object.methods.get(name));
                match (kind, name.as_str(), arguments.len()) {
                    // one header or one parameter is a text; all of them are a table
                    (Kind::Ctx | Kind::Request | Kind::Response, "headers" | "params", 1) => Kind::Text,
                    (Kind::Ctx | Kind::Request | Kind::Response, "headers" | "params", 0) => Kind::Table,
                    (Kind::Ctx, "query", 0) => Kind::Any, // it fails
                    _ => method.map_or(Kind::Any, |method| method.kind),
                }
            }
            _ => Kind::Any,
        }
    }

    // All values that the variable is ever given must be of one kind.
    fn local(&self, local: usize, steps: usize) -> Kind {
        let given = self.program.locals.get(local).map(Vec::as_slice).unwrap_or_default();
        let mut kinds = given.iter().map(|given| match given {
            Given::Value(value) => self.follow(value, steps),
            Given::Unknown => Kind::Any,
        });
        let Some(first) = kinds.next() else { return Kind::Any };
        if kinds.all(|kind| kind == first) { first } else { Kind::Any }
    }

    fn result(&self, of: &Expr) -> Kind {
        if of.global() == Some("tostring") && self.is_original("tostring") {
            return Kind::Text;
        }
        let Some((object, name)) = of.global_field() else { return Kind::Any };
        if !self.is_original(object) {
            return Kind::Any;
        }
        if let Some(helper) = self.names.helper(object, name).filter(|_| self.helpers) {
            return helper.gives;
        }
        let function = self.names.objects.get(object).and_then(|object| object.statics.get(name));
        function.map_or(Kind::Any, |function| function.kind)
    }
}

/// Whether a method of a request sets the part that it is named after, and does not read it.
pub(super) fn sets(name: &str, arguments: &[Rc<Expr>]) -> bool {
    arguments.len() > usize::from(name == "params")
}
