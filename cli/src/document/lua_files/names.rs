//! Names of files as scripts and documents write them: their plain form, and the names that a module may have. Looks at no
//! disk.

/// Where `require` looks by default, as in KrakenD's VM (gopher-lua, config.go).
const PATH: [&str; 3] = ["./?.lua", "/usr/local/share/lua/5.1/?.lua", "/usr/local/share/lua/5.1/?/init.lua"];

/// `./lua/../a.lua` becomes `a.lua`, as in Go's `path.Clean`; a path that leads out of the folder stays: `../a.lua`.
pub(crate) fn clean(name: &str) -> String {
    let absolute = name.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            ("..", _) if absolute => {}
            (part, _) => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// The files that a module's name may mean, in their plain form, if scripts add these patterns to `package.path`.
pub(crate) fn of_module(name: &str, patterns: &[String]) -> Vec<String> {
    let slashed = name.replace('.', "/");
    let all = patterns.iter().map(String::as_str).chain(PATH);
    let mut names: Vec<String> = Vec::new();
    for name in all.map(|pattern| clean(&pattern.replace('?', &slashed))) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a name is one that every module may have, although no script has named its folder.
pub(super) fn is_default(name: &str) -> bool {
    name.starts_with("/usr/local/share/lua/5.1/")
}

/// The rest of a plain name below a plain prefix.
pub(super) fn below<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    match prefix {
        "." => (!name.starts_with('/') && name != ".." && !name.starts_with("../")).then_some(name),
        "/" => name.strip_prefix('/'),
        _ => {
            let rest = name.strip_prefix(prefix)?;
            if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_plain_form() {
        for (name, plain) in [
            ("a.lua", "a.lua"),
            ("./lua//x/../a.lua", "lua/a.lua"),
            ("lua/../../a.lua", "../a.lua"),
            ("../../a", "../../a"),
            ("/etc/./krakend/../a", "/etc/a"),
            ("/../a", "/a"),
            ("./", "."),
            ("a/..", "."),
            ("", "."),
            ("/", "/"),
            ("my scripts/it's \"é\".lua", "my scripts/it's \"é\".lua"),
        ] {
            assert_eq!(clean(name), plain, "{name}");
        }
    }

    #[test]
    fn a_module_is_looked_for_along_the_path() {
        assert_eq!(
            of_module("a.b", &["./lua/?.lua".to_owned(), "/etc/krakend/?.lua".to_owned(), "?.lua".to_owned()]),
            [
                "lua/a/b.lua",
                "/etc/krakend/a/b.lua",
                "a/b.lua",
                "/usr/local/share/lua/5.1/a/b.lua",
                "/usr/local/share/lua/5.1/a/b/init.lua"
            ]
        );
    }

    #[test]
    fn what_is_below_a_prefix_is_told_by_whole_parts() {
        assert_eq!(below("/etc/krakend/a.lua", "/etc/krakend"), Some("a.lua"));
        assert_eq!(below("/etc/krakend2/a.lua", "/etc/krakend"), None);
        assert_eq!(below("/a", "/"), Some("a"));
        assert_eq!(below("../shared/a", "../shared"), Some("a"));
        assert_eq!(below("a/b", "."), Some("a/b"));
        assert_eq!(below("../a", "."), None);
    }
}
