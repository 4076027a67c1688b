//! Documents in folders of their own: the files that are found, and the messages about the others.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::super::blocks;
use super::*;

/// A folder with files, which exists as long as a test has it.
struct Place(PathBuf);

impl Place {
    fn with(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("lua-modifier-files-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let place = Self(std::env::temp_dir().join(name));
        files.iter().for_each(|(name, text)| place.write(name, text.as_bytes()));
        place
    }

    fn write(&self, name: &str, text: &[u8]) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn link(&self, name: &str, to: &Path) {
        std::os::unix::fs::symlink(to, self.0.join(name)).unwrap();
    }

    /// The files that are found from the folder `gateway` in this folder.
    fn gather(&self, block: &Value, ours: &Value, roots: &[(&str, &str)]) -> LuaFiles {
        let json = json!({"extra_config": {"modifier/lua-endpoint": block, "envoy/lua-modifier": ours}});
        let root = |(prefix, folder): &(&str, &str)| {
            format!("{prefix}={}", self.0.join(folder).display()).parse::<Root>().unwrap()
        };
        let options = FileOptions { roots: roots.iter().map(root).collect() };
        let folder = self.0.join("gateway");
        LuaFiles::gather(&json, blocks(&json), &options, (&folder, &folder.join("conf/krakend.json")))
    }

    fn pre(&self, script: &str) -> LuaFiles {
        self.gather(&json!({"pre": script, "allow_open_libs": true}), &json!({}), &[])
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn names(found: &LuaFiles) -> Vec<&str> {
    found.files.keys().map(String::as_str).collect()
}

fn refusal(found: &LuaFiles) -> String {
    found.fault().map_or_else(String::new, |trouble| trouble.to_string())
}

#[test]
fn files_are_followed_from_script_to_script_in_circles_too() {
    let place = Place::with(&[
        ("gateway/a.lua", "return require('lua.b')"),
        ("gateway/lua/b.lua", "local a = require('a'); for l in io.lines('data/my list \"é\".txt') do end"),
        ("gateway/data/my list \"é\".txt", "dofile('c.lua')"),
        ("gateway/c.lua", ""),
        ("gateway/lua/x.lua", "package.path = package.path .. ';./mods/?/init.lua'"),
        ("gateway/mods/m/init.lua", "return {}"),
    ]);
    let found = place.pre("dofile('./lua/../a.lua') loadfile('lua/x.lua')() require 'm' pcall(require, 'none')");
    assert_eq!(names(&found), ["a.lua", "data/my list \"é\".txt", "lua/b.lua", "lua/x.lua", "mods/m/init.lua"]);
    assert_eq!((found.warnings, found.notes), (vec![], vec![]));
}

#[test]
fn what_a_document_brings_itself_is_not_looked_for() {
    let place = Place::with(&[("gateway/a.lua", "disk"), ("gateway/b.lua", "")]);
    let ours = json!({"files": {"./a.lua": "dofile('b.lua')"}});
    let found = place.gather(&json!({"pre": "dofile('a.lua')"}), &ours, &[]);
    assert_eq!(names(&found), ["b.lua"]);
}

#[test]
fn a_name_that_is_nowhere_is_a_warning_where_a_script_would_fail() {
    let place = Place::with(&[("gateway/lua/x", ""), ("gateway/conf/beside.lua", "")]);
    let script = "dofile('no.lua') pcall(dofile, 'perhaps.lua') io.open('no.txt') loadfile('no2.lua') require('string') \
                  dofile('lua') dofile('beside.lua') require('mod')";
    let found = place.pre(script);
    let beside = place.0.join("gateway/conf");
    assert_eq!(
        found.warnings,
        [
            "dofile(\"no.lua\"): No such file or directory: a script that comes there fails".to_owned(),
            "dofile(\"lua\"): Is a directory: a script that comes there fails".to_owned(),
            format!(
                "dofile(\"beside.lua\"): No such file or directory: a script that comes there fails; it was found in {}/, \
                 where the configuration lies: run the command from there, as KrakenD runs",
                beside.display()
            ),
            "require(\"mod\"): No such file or directory: a script that comes there fails".to_owned(),
        ]
    );
    assert_eq!(refusal(&found), "");
    assert_eq!(names(&found), ["lua/"], "a folder is told as one");
}

#[test]
fn absolute_names_lead_below_the_folder_that_fits_all_of_them() {
    let place = Place::with(&[("gateway/lua/a.lua", "dofile('/etc/krakend/lua/b.lua')"), ("gateway/lua/b.lua", "")]);
    let sources =
        json!({"sources": ["/etc/krakend/lua/a.lua"], "pre": "dofile('/etc/krakend/lua/b.lua') dofile('lua/b.lua')"});
    let found = place.gather(&sources, &json!({}), &[]);
    assert_eq!(names(&found), ["/etc/krakend/lua/b.lua", "lua/b.lua"]);
    assert!(found.sources.contains_key("/etc/krakend/lua/a.lua"));
    let gateway = place.0.join("gateway");
    let gateway = gateway.display();
    assert_eq!(found.notes, [format!("/etc/krakend is taken as {gateway} (--root /etc/krakend={gateway})")]);
    let by_path = "package.path = '/etc/krakend/lua/?.lua;' .. package.path; local b = require('b')";
    assert_eq!(names(&place.pre(by_path)), ["/etc/krakend/lua/b.lua"]);
}

#[test]
fn two_folders_that_would_fit_are_no_guess_and_a_root_says_which() {
    let place = Place::with(&[("gateway/lua/a.lua", "1"), ("gateway/a.lua", "2"), ("other/lua/a.lua", "3")]);
    let script = json!({"pre": "dofile('/etc/krakend/lua/a.lua')"});
    let found = place.gather(&script, &json!({}), &[]);
    assert_eq!(names(&found), [""; 0]);
    assert!(
        found.warnings[0]
            .ends_with("fails; say which folder takes the place of /etc/krakend/lua: --root /etc/krakend/lua=FOLDER")
    );
    let found = place.gather(&script, &json!({}), &[("/etc/krakend/", "other")]);
    assert_eq!(found.files["/etc/krakend/lua/a.lua"], "3");
    // Of two roots, the one with the longer path counts.
    let found = place.gather(&script, &json!({}), &[("/etc", "."), ("/etc/krakend/lua", "gateway/lua")]);
    assert_eq!(found.files["/etc/krakend/lua/a.lua"], "1");
}

#[test]
fn what_leads_out_of_the_folders_is_refused_and_a_root_lets_it() {
    let place = Place::with(&[("gateway/x/y", ""), ("shared/a.lua", "return 'shared'"), ("gateway/here.lua", "")]);
    let shared = place.0.join("shared/a.lua");
    place.link("gateway/link.lua", &shared);
    place.link("gateway/chain.lua", Path::new("link.lua"));
    place.link("gateway/inside.lua", Path::new("x/../here.lua"));
    let out = "leads out of the working directory by .. (files are read from the working directory; --root ../shared=../shared \
               adds a folder)";
    assert_eq!(refusal(&place.pre("dofile('../shared/a.lua')")), format!("../shared/a.lua cannot be read: it {out}"));
    for name in ["link.lua", "chain.lua"] {
        let said = refusal(&place.pre(&format!("pcall(dofile, '{name}')")));
        assert!(
            said.starts_with(&format!("{name} cannot be read: it is a link that leads out of the folder, to ")),
            "{said}"
        );
    }
    assert_eq!(
        names(&place.pre("dofile('inside.lua') dofile('x/../../gateway/here.lua')")),
        ["../gateway/here.lua", "inside.lua"]
    );
    let script = json!({"pre": "dofile('../shared/a.lua') dofile('link.lua')"});
    assert_eq!(names(&place.gather(&script, &json!({}), &[("../shared", "shared")])), ["../shared/a.lua", "link.lua"]);
    let script = json!({"pre": "dofile('/etc/krakend/../a.lua')"});
    let found = place.gather(&script, &json!({}), &[("/etc/krakend", "gateway")]);
    assert!(
        refusal(&found).starts_with("/etc/a.lua cannot be read: it leads out of the folder of --root by .."),
        "{}",
        refusal(&found)
    );
    let sources = place.gather(&json!({"sources": ["../shared/a.lua"]}), &json!({}), &[]);
    assert!(matches!(sources.missing["../shared/a.lua"], Unreadable::Outside { .. }));
}

#[test]
fn what_json_cannot_carry_is_refused() {
    let place = Place::with(&[("gateway/x", "")]);
    place.write("gateway/latin.lua", b"-- one\n-- caf\xe9\n");
    let help = "(a configuration is JSON, which carries text only: save the file as UTF-8, or as \\ddd escapes)";
    assert_eq!(
        refusal(&place.pre("dofile('latin.lua')")),
        format!("latin.lua cannot be read: line 2 is not UTF-8 {help}")
    );
    std::fs::File::create(place.0.join("gateway/large.lua")).unwrap().set_len(1 << 30).unwrap();
    assert_eq!(refusal(&place.pre("dofile('large.lua')")), "large.lua cannot be read: it is larger than 16 MiB");
    assert_eq!(refusal(&place.pre(&format!("dofile('a\\0b') dofile('{}')", "x".repeat(5000)))), "");
    assert!(place.pre("io.lines('/dev/zero')").warnings[0].contains("it is a device or a pipe, and no file"));
}

#[test]
fn patterns_add_what_scripts_name_at_run_time() {
    let place = Place::with(&[
        ("gateway/lua/a.lua", "dofile('named.txt')"),
        ("gateway/lua/deep/er/b.lua", ""),
        ("gateway/lua/c.txt", ""),
        ("gateway/d.lua", ""),
        ("gateway/named.txt", ""),
    ]);
    let with =
        |patterns: &[&str], roots: &[(&str, &str)]| place.gather(&json!({}), &json!({"bundle": patterns}), roots);
    assert_eq!(names(&with(&["lua/**/*.lua"], &[])), ["lua/a.lua", "lua/deep/er/b.lua", "named.txt"]);
    assert_eq!(names(&with(&["./*.lua", "lua/*.{txt,md}"], &[])), ["d.lua", "lua/c.txt"]);
    assert_eq!(names(&with(&["/etc/krakend/*.lua"], &[("/etc/krakend", "gateway")])), ["/etc/krakend/d.lua"]);
    let nothing = with(&["none/*.lua"], &[]);
    assert_eq!(nothing.unmatched[&0], "bundle: the pattern \"none/*.lua\": no file matches");
    assert!(
        refusal(&with(&["lua/[z-a].lua"], &[]))
            .starts_with("bundle: the pattern \"lua/[z-a].lua\": this is no pattern: ")
    );
    assert!(refusal(&with(&["../**"], &[])).contains("it leads out of the working directory by .."));
    place.link("gateway/lua/loop", Path::new(".."));
    assert_eq!(names(&with(&["lua/*/er/*.lua"], &[])), ["lua/deep/er/b.lua"]);
    place.write("shared/e.lua", b"");
    place.link("gateway/lua/out", &place.0.join("shared"));
    assert!(
        refusal(&with(&["lua/**/*.lua"], &[]))
            .contains("lua/out cannot be read: it is a link that leads out of the folder")
    );
}

#[test]
fn patterns_that_match_too_much_are_refused() {
    let place = Place::with(&[]);
    (0..1001).for_each(|n| place.write(&format!("gateway/many/{n}.lua"), b""));
    (0..3).for_each(|n| place.write(&format!("gateway/large/{n}.lua"), &vec![b' '; 6 << 20]));
    let with = |pattern: &str| refusal(&place.gather(&json!({}), &json!({"bundle": [pattern]}), &[]));
    assert_eq!(with("many/*"), "bundle: the pattern \"many/*\": more than 1000 files match: name fewer");
    assert_eq!(
        with("large/*"),
        "bundle: the pattern \"large/*\": all files that scripts reach are more than 1000, or more than 16 MiB"
    );
}

#[test]
fn scripts_that_are_no_lua_or_nest_deeply_name_nothing() {
    let place = Place::with(&[("gateway/a.lua", "")]);
    assert_eq!(names(&place.pre("dofile('a.lua') = = 1")), [""; 0]);
    let deep = format!("x = {}require('a'){}", "(".repeat(50_000), ")".repeat(50_000));
    assert!(names(&place.pre(&deep)).len() <= 1);
}
