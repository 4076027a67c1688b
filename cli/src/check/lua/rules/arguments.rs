//! Calls of helpers with arguments that the helpers do not take: too few, too many, or literals of another kind.

use std::rc::Rc;

use super::{Remarks, Use};
use crate::check::finding::Level;
use crate::check::lua::names::Kind;
use crate::check::lua::scene::Scene;
use crate::lua::tree::{Expr, What};

pub(super) fn look(scene: &Scene<'_>, at: Use<'_>, remarks: &mut Remarks) {
    let What::Call(of, arguments) = &at.expr.what else { return };
    let Some((library, name)) = of.global_field().filter(|(library, _)| scene.helpers && scene.is_original(library))
    else {
        return;
    };
    let Some(helper) = scene.names.helper(library, name).filter(|_| !scene.assigned_fields.contains(name)) else {
        return;
    };
    let whole = format!("{library}.{name}");
    let needed = helper.takes.iter().filter(|argument| !argument.ends_with('?')).count();
    let mut add = |expr: &Rc<Expr>, message: String, help: Option<String>| {
        remarks.add("arguments", Level::Error, &expr.span, message, help);
    };
    if arguments.len() < needed && !arguments.last().is_some_and(|last| may_be_several(last)) {
        let help = Some(format!("it takes {}", signature(&helper.takes)));
        return add(at.expr, format!("`{whole}` gets too few arguments"), help);
    }
    if let Some(first) = arguments.get(helper.takes.len()) {
        let help = Some(format!("it takes {}", signature(&helper.takes)));
        return add(first, format!("`{whole}` gets more arguments than it takes"), help);
    }
    for (argument, taken) in arguments.iter().zip(&helper.takes) {
        if let Some(wanted) = refuses(scene, taken, argument) {
            add(argument, format!("`{whole}` takes {wanted} here"), None);
        }
    }
}

// A call gives any number of values, and so does `...`. Is this expression such a call?
fn may_be_several(expr: &Expr) -> bool {
    matches!(expr.what, What::Call(..) | What::Method(..) | What::Other(_))
}

fn signature(takes: &[String]) -> String {
    if takes.is_empty() {
        return "none".to_owned();
    }
    let shown = |argument: &String| match argument.strip_suffix('?') {
        Some(optional) => format!("[{}]", words(optional)),
        None => words(argument),
    };
    takes.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn words(taken: &str) -> String {
    match taken {
        "any" => "a value".to_owned(),
        "text" | "number" => format!("a {taken}"),
        choice => choice.split('|').map(|word| format!("{word:?}")).collect::<Vec<_>>().join(" or "),
    }
}

/// What the helper takes instead, if the argument is surely of another kind.
fn refuses(scene: &Scene<'_>, taken: &str, argument: &Expr) -> Option<String> {
    let (kind, optional) = taken.strip_suffix('?').map_or((taken, false), |kind| (kind, true));
    if kind == "any" || optional && matches!(argument.what, What::Nil) {
        return None;
    }
    let is_object = matches!(
        scene.kind(argument),
        Kind::Ctx | Kind::Request | Kind::Response | Kind::Table | Kind::List | Kind::Null | Kind::Web
    );
    let is_right = match &argument.what {
        What::Nil | What::Table(_) | What::Function(_) => false,
        _ if is_object => false,
        What::Text(text) if kind.contains('|') => kind.split('|').any(|word| word == text),
        _ => true,
    };
    (!is_right).then(|| words(kind))
}
