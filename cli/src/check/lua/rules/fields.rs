//! KrakenD's objects, used as if they were tables: a field is read or written, a method is called with a dot.

use super::methods::{an_object, is_added};
use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::Kind;
use crate::check::lua::scene::Scene;
use crate::lua::tree::What;

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, remarks: &mut Remarks) {
    if let What::Call(of, arguments) = &at.expr.what
        && let What::Field(object, name, span) = &of.what
    {
        let kind = scene.kind(object);
        let Some((global, known)) = scene.names.object_of(kind) else { return };
        let with_itself =
            arguments.first().is_some_and(|first| matches!(scene.kind(first), Kind::Any) || scene.kind(first) == kind);
        if known.methods.contains_key(name) && !with_itself {
            let message = format!("a method of {} called with a dot: it does not get its object", an_object(global));
            remarks.add("dot-call", Level::Error, span, message, Some(format!("write `:{name}(...)`")));
        }
        return;
    }
    let What::Field(object, name, span) = &at.expr.what else { return };
    let kind = scene.kind(object);
    let Some((global, known)) = scene.names.object_of(kind) else { return };
    if known.methods.contains_key(name) || is_added(scene, name) && !at.target {
        return;
    }
    let setter = matches!(kind, Kind::Table | Kind::List);
    if at.target {
        let help = setter.then(|| format!("write `:set(\"{name}\", ...)`"));
        let message = format!("{} is no Lua table: it takes no fields", an_object(global));
        remarks.add("no-field", Level::Error, span, message, help);
    } else {
        let help = setter.then(|| format!("write `:get(\"{name}\")`"));
        let message = format!("{} has no field `{name}`: this is nil", an_object(global));
        remarks.add("no-field", Level::Warning, span, message, help);
    }
}
