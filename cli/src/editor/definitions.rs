//! `krakend.lua`: a file that no script runs. It has comments in the notation of LuaCATS, and functions without bodies.
//!
//! A function with several ways to call it is defined by the first of them; the others are overloads. A setter that never
//! reaches the backend at some stage is a separate definition, because a deprecation holds for a whole definition.

use super::Extent;
use super::form::Form;
use crate::check::{Member, Names, Object, Stage, Told};

const ONLY_HERE: &str = "Only in lua-modifier, not in KrakenD.";

/// The first line of the file, by which it is recognized.
pub(super) const MARK: &str = "---@meta krakend\n";

/// The text of `krakend.lua`.
pub(super) fn of(names: &Names, extent: Extent) -> String {
    let mut text = format!(
        "{MARK}-- What scripts of modifier/lua-endpoint, modifier/lua-proxy and modifier/lua-backend can use. Written by `lua-modifier types` of \
         version {}:\n-- call it again, and change nothing here. What exists at which stage, `lua-modifier check` knows.\n",
        env!("CARGO_PKG_VERSION")
    );
    names.objects.iter().for_each(|(name, object)| text.push_str(&class(name, object)));
    names.told.iter().for_each(|(name, told)| text.push_str(&plain(name, told)));
    let is_there = |name: &str| name.split_once('.').is_none_or(|_| extent.open);
    names.beyond.iter().filter(|(name, _)| is_there(name)).for_each(|(name, told)| text.push_str(&plain(name, told)));
    if extent.helpers {
        text.push_str(&helpers(names, extent));
    }
    text
}

fn comment(sentence: &str) -> String {
    format!("---{sentence}\n")
}

fn class(name: &str, object: &Object) -> String {
    let place = place(object);
    let mut text = format!(
        "\n---{} {place}\n---@class {name}\nlocal {name}_object = {{}}\n\n---{} {place}\n---@class krakend.{name}\n\
         ---@field __index table Methods that a script adds for itself.\n{name} = {{}}\n",
        object.says, object.says
    );
    object.statics.iter().for_each(|(member, told)| text.push_str(&function(&format!("{name}.{member}"), None, told)));
    let methods = object.methods.iter();
    methods.for_each(|(member, told)| {
        text.push_str(&function(&format!("{name}_object:{member}"), Some(name), told));
    });
    text
}

/// The blocks in which an object exists, in a sentence.
fn place(object: &Object) -> String {
    let is_at = |stage: Stage| object.stages.contains(&stage);
    let blocks = match (is_at(Stage::Endpoint), is_at(Stage::Proxy)) {
        (true, true) => "everywhere".to_owned(),
        (true, false) => "in modifier/lua-endpoint".to_owned(),
        _ => "in modifier/lua-proxy and modifier/lua-backend".to_owned(),
    };
    let half = if object.post_only { ", in \"post\" only" } else { "" };
    format!("It is there {blocks}{half}.")
}

fn function(path: &str, class: Option<&str>, member: &Member) -> String {
    let forms: Vec<Form<'_>> = member.forms.iter().map(|form| Form::of(form)).collect();
    let (setter, others) = match forms.split_last() {
        Some((setter, others)) if !member.idle.is_empty() => (Some(setter), others),
        _ => (None, forms.as_slice()),
    };
    let Some((first, overloads)) = others.split_first() else { return String::new() };
    let mut text = format!("\n{}", comment(&member.says));
    if member.ours {
        text.push_str(&comment(ONLY_HERE));
    }
    text.push_str(&first.comments());
    overloads.iter().for_each(|form| text.push_str(&form.overload(class)));
    text.push_str(&format!("function {path}({}) end\n", first.names()));
    if let Some(setter) = setter {
        text.push('\n');
        for (stage, instead) in &member.idle {
            let block = if *stage == Stage::Backend { "modifier/lua-backend" } else { "modifier/lua-proxy" };
            text.push_str(&comment(&format!("To set it in {block} has no effect: {instead}.")));
        }
        text.push_str(&format!("---@deprecated\n{}function {path}({}) end\n", setter.comments(), setter.names()));
    }
    text
}

/// The definition of a global function, or of a value whose only form is its type.
fn plain(name: &str, told: &Told) -> String {
    let mut text = format!("\n{}", comment(&told.says));
    let forms: Vec<Form<'_>> =
        told.forms.iter().filter(|form| form.starts_with('(')).map(|form| Form::of(form)).collect();
    match forms.split_first() {
        None => text.push_str(&format!("---@type {}\n{name} = nil\n", told.forms.concat())),
        Some((first, overloads)) => {
            text.push_str(&first.comments());
            overloads.iter().for_each(|form| text.push_str(&form.overload(None)));
            text.push_str(&format!("function {name}({}) end\n", first.names()));
        }
    }
    text
}

fn helpers(names: &Names, extent: Extent) -> String {
    let mut text = String::new();
    for (library, functions) in &names.helpers.libraries {
        if extent.open && names.libraries.contains_key(library) {
            text.push('\n'); // the editor has the library, and this adds to it
        } else {
            text.push_str(&format!("\n---Helpers, there where the configuration says \"helpers\": true.\n---@class krakend.{library}\n{library} = {{}}\n"));
        }
        for (name, helper) in functions {
            let origin = match &helper.krakend {
                Some(edition) => format!("As in KrakenD's {edition} edition."),
                None => ONLY_HERE.to_owned(),
            };
            let told = Told { forms: helper.forms.clone(), says: format!("{} {origin}", helper.says) };
            text.push_str(&plain(&format!("{library}.{name}"), &told));
        }
    }
    text
}
