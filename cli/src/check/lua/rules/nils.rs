//! JSON's null is not nil: `get` gives a luaNil for it, which is true and equals nothing.

use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::Kind;
use crate::check::lua::scene::Scene;
use crate::lua::tree::{Expr, Given, Variable, What};

/// A script that mentions one of these names handles null.
const AWARE: [&str; 3] = ["luaNil", "userdata", "keyExists"];

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, remarks: &mut Remarks) {
    let What::Equal(left, right) = &at.expr.what else { return };
    // `getmetatable(value) == luaNil` tells null apart.
    let by_metatable = scene.mentioned.contains("getmetatable");
    let is_class = |expr: &Expr| !by_metatable && expr.global() == Some("luaNil") && scene.is_original("luaNil");
    let is_null = |expr: &Expr| scene.kind(expr) == Kind::Null || is_class(expr);
    if is_null(left) || is_null(right) {
        let message = "a luaNil equals nothing, not even another one: this never changes".to_owned();
        let help = "ask type(value) == \"userdata\", or keyExists before it is read".to_owned();
        remarks.add("null-comparison", Level::Warning, &at.expr.span, message, Some(help));
        return;
    }
    let other = match (&left.what, &right.what) {
        (_, What::Nil) => left,
        (What::Nil, _) => right,
        _ => return,
    };
    if gets(scene, other) && !AWARE.iter().any(|name| scene.mentioned.contains(name)) {
        let message = "nil means that the key is missing; JSON's null is not nil".to_owned();
        let help = "where the value may be null, ask type(value) == \"userdata\" as well".to_owned();
        remarks.add("nil-comparison", Level::Note, &at.expr.span, message, Some(help));
    }
}

// Is this a `get` of JSON data, directly or through a variable?
fn gets(scene: &Scene<'_>, expr: &Expr) -> bool {
    match &expr.what {
        What::Method(of, name, ..) => name == "get" && matches!(scene.kind(of), Kind::Table | Kind::List),
        What::Name(Variable::Local(local)) => match scene.program.locals.get(*local).map(Vec::as_slice) {
            Some([Given::Value(value)]) => matches!(value.what, What::Method(..)) && gets(scene, value),
            _ => false,
        },
        _ => false,
    }
}
