//! `lua-modifier bundle --watch` without a gateway: the command follows the files of a document, and writes a file again when
//! it changes. `cli_bundle_watch_in_envoy.rs` tests that Envoy follows the files.

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use tests::command::command;
use tests::machine::{Folder, Lines};

struct Watching {
    child: Child,
    said: Lines,
}

impl Watching {
    fn start(place: &Folder, arguments: &[&str]) -> Self {
        let mut command = command(place);
        command.args(["bundle", "--watch", "--plugin-config", "-o", "out.json"]).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Lines::follow(child.stderr.take().unwrap());
        Self { child, said }
    }

    fn says(&self, words: &str, times: usize) -> String {
        let line = self.said.wait_for_many(words, times, Duration::from_secs(60));
        line.unwrap_or_else(|| panic!("{words:?} was not said {times} times: {:#?}", self.said.so_far()))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

fn timeout(place: &Folder) -> Value {
    serde_json::from_str::<Value>(&place.read("out.json")).unwrap()["timeout"].clone()
}

#[test]
fn what_a_template_is_made_of_is_followed_also_in_folders_that_come_later() {
    let place = Folder::default();
    place.write(
        "krakend.json",
        "{ \"version\": 3, \"timeout\": \"{{ .s.timeout }}\", {{ include \"new/tail.json\" }} }",
    );
    place.write("settings/s.json", "{\"timeout\": \"1s\"}");
    place.write("partials/new/tail.json", "\"endpoints\": []");
    let folders = ["krakend.json", "--settings", "settings", "--partials", "partials"];
    let watching = Watching::start(&place, &folders);
    watching.says("watching krakend.json", 1);
    assert_eq!(timeout(&place), "1s");

    place.replace("settings/s.json", "{\"timeout\": \"2s\"}");
    watching.says("wrote out.json", 1);
    assert_eq!(timeout(&place), "2s");

    std::fs::remove_dir_all(place.path().join("partials/new")).unwrap();
    watching.says("partials/new/tail.json cannot be read: No such file or directory", 1);
    assert_eq!(timeout(&place), "2s");
    place.write("partials/new/tail.json", "\"timeout\": \"3s\"");
    watching.says("wrote out.json", 2);
    assert_eq!(timeout(&place), "3s");
}

#[test]
fn yaml_is_followed_and_a_broken_one_is_told_where_it_is_broken() {
    let place = Folder::default();
    place.write("krakend.yaml", "version: 3\ntimeout: 1s\n");
    let watching = Watching::start(&place, &["krakend.yaml"]);
    watching.says("watching krakend.yaml", 1);
    place.replace("krakend.yaml", "version: 3\ntimeout: [\n");
    assert!(watching.says("this is not YAML", 1).contains("krakend.yaml:"));
    assert_eq!(timeout(&place), "1s");
    place.replace("krakend.yaml", "version: 3\ntimeout: 2s\n");
    watching.says("wrote out.json", 1);
    assert_eq!(timeout(&place), "2s");
}

#[test]
fn what_a_template_says_of_the_time_and_of_chance_is_no_change() {
    let place = Folder::default();
    let document = |seconds: usize| {
        format!("{{ \"version\": 3, \"timeout\": \"{seconds}s\", \"name\": \"{{{{ now }}}} {{{{ uuidv4 }}}}\" }}")
    };
    place.write("krakend.json", document(0));
    place.write("settings/s.json", "{}");
    let watching = Watching::start(&place, &["krakend.json", "--settings", "settings"]);
    watching.says("watching krakend.json", 1);
    // Each written file lies in a watched folder, so the command reads again after it.
    for change in 1..=5 {
        place.replace("krakend.json", &document(change));
        watching.says("wrote out.json", change);
        assert_eq!(timeout(&place), format!("{change}s"));
    }
}
