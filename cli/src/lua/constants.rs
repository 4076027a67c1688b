//! The value that an expression surely has, as far as its text and that of local variables tell: a text, or a function of the
//! library.

use super::tree::{Expr, Given, Program, Variable, What};

/// The number of variables through which a value is followed.
const FOLLOWED: usize = 12;

/// A part of a text that is put together.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    /// `package.path`, with its earlier value.
    Path,
    /// Made at run time.
    Unknown,
}

impl Program {
    /// The text that an expression surely has as its value.
    pub(crate) fn constant(&self, expr: &Expr) -> Option<String> {
        match self.pieces(expr).as_slice() {
            [Piece::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// The parts of a text; constant parts that stand together are one piece.
    pub(crate) fn pieces(&self, expr: &Expr) -> Vec<Piece> {
        let mut found = Vec::new();
        self.collect(expr, FOLLOWED, &mut found);
        found
    }

    fn collect(&self, expr: &Expr, steps: usize, found: &mut Vec<Piece>) {
        let next = steps.checked_sub(1);
        match (&expr.what, next) {
            (What::Text(text), _) => match found.last_mut() {
                Some(Piece::Text(before)) => before.push_str(text),
                _ => found.push(Piece::Text(text.clone())),
            },
            (What::Concat(left, right), Some(next)) => {
                self.collect(left, next, found);
                self.collect(right, next, found);
            }
            (What::Name(Variable::Local(local)), Some(next)) => match self.only(*local) {
                Some(value) => self.collect(value, next, found),
                None => found.push(Piece::Unknown),
            },
            _ if expr.global_field() == Some(("package", "path")) => found.push(Piece::Path),
            _ => found.push(Piece::Unknown),
        }
    }

    /// The global, or the field of a global, that an expression means, directly or through local variables.
    pub(crate) fn library<'a>(&'a self, expr: &'a Expr) -> Option<(Option<&'a str>, &'a str)> {
        let mut at = expr;
        for _ in 0..FOLLOWED {
            if let What::Name(Variable::Local(local)) = &at.what {
                at = self.only(*local)?;
                continue;
            }
            let of_field = || at.global_field().map(|(library, name)| (Some(library), name));
            return at.global().map(|name| (None, name)).or_else(of_field);
        }
        None
    }

    // The only value that a local variable is ever given.
    fn only(&self, local: usize) -> Option<&Expr> {
        match self.locals.get(local).map(Vec::as_slice) {
            Some([Given::Value(value)]) => Some(value),
            _ => None,
        }
    }
}
