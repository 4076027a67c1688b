//! EmmyLua's language server on a folder: what it remarks on each script there. It speaks the Language Server Protocol on its standard
//! input and output. Knows nothing of what the scripts are.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::cases::list;
use crate::machine::Folder;

/// A remark on a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The line, from 1 on.
    pub line: u64,
    /// The kind of remark: `undefined-field`.
    pub code: String,
    /// The server's words.
    pub message: String,
}

/// What the server remarks on the `*.lua` of a folder, by their paths in it. Where it has nothing to say, a script is not there.
pub fn remarks(server: &Path, folder: &Path) -> BTreeMap<String, Vec<Remark>> {
    let mut session = Session::start(server);
    let root = format!("file://{}", folder.display());
    session.ask(
        "initialize",
        &json!({
            "processId": null, "rootUri": root, "workspaceFolders": [{"uri": root, "name": "scripts"}],
            "capabilities": {"workspace": {"diagnostics": {"refreshSupport": false}}},
        }),
    );
    session.tell("initialized", &json!({}));
    let report = session.ask("workspace/diagnostic", &json!({"previousResultIds": []}));
    let mut found = BTreeMap::new();
    for item in list(&report["items"]) {
        let remarks: Vec<Remark> = list(&item["items"]).iter().map(remark).collect();
        let uri = item["uri"].as_str().unwrap();
        if let Some(path) = uri.strip_prefix(&format!("{root}/")).filter(|_| !remarks.is_empty()) {
            found.insert(path.to_owned(), remarks);
        }
    }
    found
}

fn remark(item: &Value) -> Remark {
    Remark {
        line: item["range"]["start"]["line"].as_u64().unwrap() + 1,
        code: item["code"].as_str().unwrap_or_default().to_owned(),
        message: item["message"].as_str().unwrap_or_default().to_owned(),
    }
}

/// A running server. It ends with this.
struct Session {
    /// It writes a log there, whatever it is told.
    _home: Folder,
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    asked: u64,
}

impl Session {
    fn start(server: &Path) -> Self {
        let home = Folder::default();
        let mut command = Command::new(server);
        command
            .args(["--log-level", "error", "--resources-path", "none"])
            .env("HOME", home.path())
            .env_remove("XDG_DATA_HOME");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", server.display()));
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { _home: home, process, to, from, asked: 0 }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": parameters}));
    }

    /// Asks, and waits for the answer; what the server asks in its turn gets no settings.
    fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let number = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}));
        loop {
            let message = self.read();
            if message["method"].is_string() {
                if !message["id"].is_null() {
                    self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": null}));
                }
            } else if message["id"].as_u64() == Some(number) {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the language server has ended");
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.from.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
