//! Finds scripts of the service that change a token after Envoy has verified it, as far as their text shows it. Other changes
//! are found when the request comes, which is then answered with 401. Knows no Lua except `headers("Name", ...)`.

use crate::config::lua_block::LuaBlock;

/// The warning about a block of the service, if endpoints find their tokens in these headers.
pub(crate) fn told<'a>(block: &LuaBlock, headers: impl Iterator<Item = &'a str>) -> Option<String> {
    let sources = block.sources.iter().filter_map(|source| source.text.as_deref());
    let code = sources.chain([&*block.pre]).collect::<Vec<_>>().join("\n").to_ascii_lowercase();
    let mut names: Vec<&str> = headers.chain(["cookie"]).collect();
    names.dedup();
    let set = names.into_iter().find(|name| sets(&code, name))?;
    Some(format!(
        "a script sets the header {set}, in which endpoints find their token: Envoy has verified the token before this script runs, and \
         one that a script has changed is 401 (change it in modifier/lua-endpoint of the endpoint, or let clients put it where it is \
         verified)"
    ))
}

// Finds `"name",`: the name in quotes, with another argument after it.
fn sets(code: &str, name: &str) -> bool {
    let is_quoted = |(at, _): (usize, &str)| {
        let quote =
            code.get(..at).and_then(|before| before.chars().next_back()).filter(|quote| matches!(quote, '"' | '\''));
        let behind = code.get(at.saturating_add(name.len())..).unwrap_or_default();
        quote.and_then(|quote| behind.strip_prefix(quote)).is_some_and(|rest| rest.trim_start().starts_with(','))
    };
    code.match_indices(name).any(is_quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_a_value_is_set() {
        for code in
            ["c:headers('cookie', x)", "ctx.load():headers(\"cookie\" , nil)", "x('a cookie') c:headers('cookie',1)"]
        {
            assert!(sets(code, "cookie"), "{code}");
        }
        for code in
            ["c:headers('cookie')", "cookie, b", "'cookies', 1", "'cookie\", 1", "", "c:headers('set-cookie', 1)"]
        {
            assert!(!sets(code, "cookie"), "{code}");
        }
    }
}
