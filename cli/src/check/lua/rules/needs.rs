//! Files and variables that scripts ask for by name, and that do not exist.

use super::Remarks;
use crate::check::finding::Level;
use crate::check::lua::Around;
use crate::check::lua::scene::Scene;
use crate::document::{files_of, is_built_in};
use crate::lua::needs::{By, Need, Needs};

pub(super) fn look(scene: &Scene<'_>, needs: &Needs, around: &Around<'_>, remarks: &mut Remarks) {
    for need in &needs.all {
        let reached = scene.reach.before.contains(&need.function) || scene.reach.behind.contains(&need.function);
        let there = scene.open || matches!(need.by, By::Dofile | By::Loadfile | By::Require);
        let Some(function) = scene.program.functions.get(need.function).filter(|_| reached && there) else { continue };
        remarks.text = function.text;
        match need.by {
            By::Getenv => variable(need, needs, around, remarks),
            _ => file(need, needs, around, remarks),
        }
    }
}

fn variable(need: &Need, needs: &Needs, around: &Around<'_>, remarks: &mut Remarks) {
    let Some(name) = need.name.as_ref().filter(|name| !needs.set.contains(*name) && !around.lists(name)) else {
        return;
    };
    let message = format!("the variable {name} is not listed, and nil for this script");
    let help = format!("say \"env\": {} in extra_config[\"envoy/lua-modifier\"]", around.list_with(name));
    remarks.add("unlisted-variable", Level::Warning, &need.span, message, Some(help));
}

fn file(need: &Need, needs: &Needs, around: &Around<'_>, remarks: &mut Remarks) {
    let asked = need.by.name();
    let Some(name) = &need.name else {
        if !around.has_more_files() {
            let message = format!("which file `{asked}` reads here shows at run time only: none is brought along");
            let help = "add patterns for the files that it may be: \"bundle\": [\"lua/**/*.lua\"] in \
                        extra_config[\"envoy/lua-modifier\"]";
            remarks.add("unknown-file", Level::Note, &need.span, message, Some(help.to_owned()));
        }
        return;
    };
    let files = files_of(need.by, name, &needs.paths);
    let module = need.by == By::Require;
    // Scripts may make modules, or only the running script may tell where modules are.
    let elsewhere = module && (is_built_in(name) || needs.own_modules || needs.unknown_path);
    if elsewhere || files.iter().any(|file| around.file(file).is_some()) {
        return;
    }
    let fault = files.iter().find_map(|file| Some((file, around.why(file).filter(|why| why.is_fault())?)));
    let why = fault.or_else(|| files.iter().find_map(|file| Some((file, around.why(file)?))));
    let fails = need.certain && !matches!(need.by, By::Loadfile | By::Open);
    let level = if fault.is_some() || fails { Level::Error } else { Level::Note };
    let message = match why {
        Some((file, why)) if !module || fault.is_some() => format!("{file} cannot be read: {why}"),
        _ if module => format!("there is no module {name}: no file {}", files.join(", ")),
        _ => format!("there is no file {name}"),
    };
    let relative = || "names are relative to the working directory, as KrakenD has it".to_owned();
    let help = why.and_then(|(_, why)| why.help()).unwrap_or_else(relative);
    remarks.add("missing-file", level, &need.span, message, Some(help));
}
