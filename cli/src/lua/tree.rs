//! The scripts of one block in the form that the rules see: expressions with their places, variables told apart, all functions
//! in one flat list. A function's body is a list of acts; their order in branches and loops is lost, and no rule needs it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Bytes of a text.
pub(crate) type Span = Range<usize>;

/// An expression and its place.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) what: What,
    pub(crate) span: Span,
}

/// The form of an expression, as far as rules ask.
#[derive(Debug)]
pub(crate) enum What {
    Nil,
    /// A literal.
    Text(String),
    Name(Variable),
    /// `of.name` or `of["name"]`; the span is the name's.
    Field(Rc<Expr>, String, Span),
    Index(Rc<Expr>, Rc<Expr>),
    Call(Rc<Expr>, Vec<Rc<Expr>>),
    /// `of:name(...)`; the span is the name's.
    Method(Rc<Expr>, String, Span, Vec<Rc<Expr>>),
    Concat(Rc<Expr>, Rc<Expr>),
    /// `==` and `~=`.
    Equal(Rc<Expr>, Rc<Expr>),
    /// `and` and `or`.
    Logic(Rc<Expr>, Rc<Expr>),
    Not(Rc<Expr>),
    /// A function, by its number.
    Function(usize),
    Table(Vec<(Option<String>, Rc<Expr>)>),
    Other(Vec<Rc<Expr>>),
}

/// The variable that a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    /// A local variable, by its number.
    Local(usize),
    Global(String),
}

/// One act of a function.
#[derive(Debug)]
pub(crate) enum Act {
    Eval(Rc<Expr>),
    /// A condition.
    Test(Rc<Expr>),
    /// An assignment to a variable or a field, with the value if it is known.
    Assign(Rc<Expr>, Option<Rc<Expr>>),
}

/// One function, or the chunk of a text.
#[derive(Debug, Default)]
pub(crate) struct Function {
    /// The number of its text.
    pub(crate) text: usize,
    /// The numbers of its parameters.
    pub(crate) parameters: Vec<usize>,
    pub(crate) acts: Vec<Act>,
    /// The function runs inside `pcall`: its errors are expected.
    pub(crate) shielded: bool,
}

/// A value that a local variable was given.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Value(Rc<Expr>),
    Unknown,
}

/// All scripts of a block.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) functions: Vec<Function>,
    pub(crate) locals: Vec<Vec<Given>>,
    /// The chunk of each text.
    pub(crate) chunks: BTreeMap<usize, usize>,
}

impl Expr {
    /// The expressions that this expression consists of.
    pub(crate) fn parts(&self) -> Vec<&Rc<Self>> {
        match &self.what {
            What::Nil | What::Text(_) | What::Name(_) | What::Function(_) => Vec::new(),
            What::Field(of, ..) | What::Not(of) => vec![of],
            What::Index(a, b) | What::Concat(a, b) | What::Equal(a, b) | What::Logic(a, b) => vec![a, b],
            What::Call(of, arguments) | What::Method(of, _, _, arguments) => {
                std::iter::once(of).chain(arguments).collect()
            }
            What::Table(items) => items.iter().map(|(_, item)| item).collect(),
            What::Other(parts) => parts.iter().collect(),
        }
    }

    /// The part of this expression that is called or indexed.
    pub(crate) fn base(&self) -> Option<&Rc<Self>> {
        match &self.what {
            What::Field(of, ..) | What::Index(of, _) | What::Call(of, _) | What::Method(of, ..) => Some(of),
            _ => None,
        }
    }

    /// The name of the global variable, if the expression is one.
    pub(crate) fn global(&self) -> Option<&str> {
        match &self.what {
            What::Name(Variable::Global(name)) => Some(name),
            _ => None,
        }
    }

    /// `library.name`, if `library` is a global variable.
    pub(crate) fn global_field(&self) -> Option<(&str, &str)> {
        match &self.what {
            What::Field(of, name, _) => Some((of.global()?, name)),
            _ => None,
        }
    }

    /// The text of the literal, if the expression is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.what {
            What::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text with which the value surely begins, and whether this text is the whole value.
    pub(crate) fn beginning(&self) -> Option<(&str, bool)> {
        match &self.what {
            What::Text(text) => Some((text, true)),
            What::Concat(left, _) => left.beginning().map(|(text, _)| (text, false)),
            _ => None,
        }
    }
}

impl Act {
    /// The expressions of this act.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Rc<Expr>> {
        let (first, second) = match self {
            Self::Eval(expr) | Self::Test(expr) => (expr, None),
            Self::Assign(to, value) => (to, value.as_ref()),
        };
        std::iter::once(first).chain(second)
    }
}

impl Program {
    /// Every expression of a function, also inside other expressions, but not in functions that it makes.
    pub(crate) fn each<'a>(&'a self, function: &'a Function, look: &mut dyn FnMut(&'a Rc<Expr>)) {
        let mut ahead: Vec<&Rc<Expr>> = function.acts.iter().flat_map(Act::expressions).collect();
        while let Some(expr) = ahead.pop() {
            look(expr);
            ahead.extend(expr.parts());
        }
    }

    /// Every expression of all functions.
    pub(crate) fn every<'a>(&'a self, look: &mut dyn FnMut(&'a Rc<Expr>)) {
        for function in &self.functions {
            self.each(function, look);
        }
    }

    /// Every act of all functions.
    pub(crate) fn acts(&self) -> impl Iterator<Item = &Act> {
        self.functions.iter().flat_map(|function| &function.acts)
    }
}
