//! Short names of Rust's functions, for backtraces: demangled, without hashes and generic arguments. Paths in the filter begin with its
//! folder, paths elsewhere have the package and the last two words, and those of Rust's libraries only the last two. Knows nothing of modules.

/// The crate whose paths are written without its name.
const OURS: &str = "lua_modifier";

/// The libraries whose paths are cut to the last two words.
const LIBRARIES: [&str; 3] = ["core", "alloc", "std"];

/// The short form of a symbol. Names that Rust did not mangle stay as they are.
pub(crate) fn short(symbol: &str) -> String {
    match rustc_demangle::try_demangle(symbol) {
        Ok(name) => name_of(&format!("{name:#}")),
        Err(_) => symbol.to_owned(),
    }
}

/// `<a::B<C> as d::E<F>>::g::<H>` becomes `<a::B as E>::g`, `<a::b::C<D>>::e` becomes `a::b::C::e`.
fn name_of(name: &str) -> String {
    // Here the argument is all that tells one function from the others.
    if let Some(dropped) = name.strip_prefix("core::ptr::drop_in_place::<").and_then(|rest| rest.strip_suffix('>')) {
        return format!("drop<{}>", kind(dropped));
    }
    let Some((inner, rest)) = qualified(name) else { return path(&plain(name)) };
    let rest = plain(rest);
    match split_as(inner) {
        // The way by which a closure is called, and not the closure.
        Some((what, as_what)) if matches!(last(&plain(as_what)), "Fn" | "FnMut" | "FnOnce") => kind(what),
        Some((what, as_what)) => format!("<{} as {}>{rest}", kind(what), last(&plain(as_what))),
        None => path(&format!("{}{rest}", plain(inner))),
    }
}

/// What stands between the angle brackets that a name begins with, and the rest.
fn qualified(name: &str) -> Option<(&str, &str)> {
    let inside = name.strip_prefix('<')?;
    let end = closing(inside)?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

/// The place of the bracket that closes the one in front of a text.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut before) = (0, ' ');
    for (place, letter) in text.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' if before == '-' => {} // an arrow
            '>' if depth == 0 => return Some(place),
            '>' => depth -= 1,
            _ => {}
        }
        before = letter;
    }
    None
}

/// `a::B<C> as d::E` in two.
fn split_as(inner: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    while let Some(found) = inner.get(from..)?.find(" as ") {
        let place = from + found;
        let (what, rest) = (inner.get(..place)?, inner.get(place + 4..)?);
        if what.matches('<').count() == what.replace("->", "").matches('>').count() {
            return Some((what, rest));
        }
        from = place + 4;
    }
    None
}

/// A text without its generic arguments, and without `::` in front of them.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('<') {
        let (before, inside) = (rest.get(..place).unwrap_or_default(), rest.get(place + 1..).unwrap_or_default());
        let Some(end) = closing(inside) else { break };
        out.push_str(before.strip_suffix("::").unwrap_or(before));
        if !before.ends_with(|letter: char| letter.is_alphanumeric() || "_:}".contains(letter)) {
            // A qualified path inside another one: its own name is enough.
            let inner = inside.get(..end).unwrap_or_default();
            out.push_str(&kind(split_as(inner).map_or(inner, |(what, _)| what)));
        }
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    out + rest
}

/// A type as it is written in front of `as`.
fn kind(text: &str) -> String {
    let text = plain(text);
    if is_path(&text) { path(&text) } else { text.split(' ').map(last).collect::<Vec<_>>().join(" ") }
}

fn is_path(text: &str) -> bool {
    text.chars().all(|letter| letter.is_alphanumeric() || "_:{}#".contains(letter))
}

/// The last word of a path.
fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// A path, cut as its crate says.
fn path(path: &str) -> String {
    let words: Vec<&str> = path.split("::").collect();
    let Some((package, rest)) = words.split_first() else { return path.to_owned() };
    let two = rest.get(rest.len().saturating_sub(2)..).unwrap_or_default().join("::");
    match *package {
        OURS => rest.join("::"),
        package if LIBRARIES.contains(&package) => two,
        _ if rest.len() > 2 => format!("{package}::{two}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{name_of, short};

    #[test]
    fn names_are_cut_to_what_tells_them_apart() {
        for (name, expected) in [
            ("<lua_modifier::pipeline::exchange::Exchange>::handle", "pipeline::exchange::Exchange::handle"),
            ("lua_modifier::lua::loading::maker::{closure#0}", "lua::loading::maker::{closure#0}"),
            ("<lua_modifier::data::list::TooLong as core::fmt::Display>::fmt", "<data::list::TooLong as Display>::fmt"),
            ("<alloc::vec::Vec<u8> as core::clone::Clone>::clone", "<vec::Vec as Clone>::clone"),
            ("<alloc::vec::Vec<fn(u8) -> u8>>::reserve::<A>", "Vec::reserve"),
            ("<[u8] as core::cmp::PartialEq<[u8]>>::eq", "<[u8] as PartialEq>::eq"),
            ("<&mut a::b::C<D> as e::F>::g", "<&mut C as F>::g"),
            ("core::slice::sort::stable::drift::sort::<(u8, u8), <[u8]>::sort::{closure#0}>", "drift::sort"),
            ("<mlua::state::Lua>::create_function::<a::B, c::D>::{closure#0}", "mlua::create_function::{closure#0}"),
            ("core::ptr::drop_in_place::<lua_modifier::http::Query<A>>", "drop<http::Query>"),
            ("<<a::B as c::D>::E as f::G>::h", "<a::B::E as G>::h"),
            ("<a::B::C::{closure#1} as core::ops::FnOnce<(u8,)>>::call_once::{shim:vtable#0}", "a::C::{closure#1}"),
        ] {
            assert_eq!(name_of(name), expected, "{name}");
        }
    }

    #[test]
    fn names_of_c_stay_as_they_are() {
        assert_eq!(short("luaV_execute"), "luaV_execute");
        assert_eq!(short("_RNvNtCs123_4core9panicking9panic_fmt"), "panicking::panic_fmt");
    }
}
