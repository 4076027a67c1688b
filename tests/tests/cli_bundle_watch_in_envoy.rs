//! `lua-modifier bundle --watch` beside a real Envoy under load: scripts and the document change, and no request is lost.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::command::command;
use tests::envoy::Bundled;
use tests::machine::Folder;
use tests::upstreams::{Rule, Upstream};
use tests::wire::http1::{self, Head};

/// The command while it watches.
struct Watching {
    child: Child,
    said: Receiver<String>,
}

impl Watching {
    fn start(place: &Path, arguments: &[&str]) -> Self {
        let mut command = command(place);
        command.args(["bundle", "krakend.json", "-o", "envoy.yaml", "--watch"]).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (tell, said) = channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, said }
    }

    /// Waits for a line with these words, and returns all lines up to it.
    fn until(&self, words: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.said.recv_timeout(Duration::from_secs(60)) {
                Ok(line) => lines.push(line),
                Err(_) => panic!("{words:?} was not said: {lines:?}"),
            }
            if lines.last().is_some_and(|line| line.contains(words)) {
                return lines;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

fn watched_document(upstream: &str) -> Value {
    json!({
        "version": 3, "timeout": "5s",
        "endpoints": [{
            "endpoint": "/t", "backend": [{"host": [format!("http://{upstream}")], "url_pattern": "/b"}],
            "extra_config": {"modifier/lua-proxy": {"sources": ["lua/greet.lua"], "post": "greet(response.load():data())"}},
        }],
    })
}

fn greets(word: &str) -> String {
    format!("function greet(data) data:set('said', '{word}') end\n")
}

/// Sends requests one after the other on one connection, and tells the text of each answer, in order.
fn client_on_one_connection(port: u16, over: &AtomicBool, tell: &dyn Fn(&str)) -> Result<Vec<String>, String> {
    let connection = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    connection.set_nodelay(true).and_then(|()| connection.set_read_timeout(Some(Duration::from_secs(20)))).unwrap();
    let mut stream = BufReader::new(&connection);
    let mut heard = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let failed = |what: &dyn std::fmt::Display| format!("request {}: {what}", heard.len());
        (&connection).write_all(b"GET /t HTTP/1.1\r\nHost: load\r\n\r\n").map_err(|error| failed(&error))?;
        let head = Head::read(&mut stream).map_err(|error| failed(&error))?;
        let head = head.ok_or_else(|| failed(&"the connection was closed"))?;
        let length = head.get("content-length").and_then(|length| length.parse().ok());
        let body = http1::read_length(&mut stream, length.ok_or_else(|| failed(&head.start))?);
        let body: Value = serde_json::from_slice(&body).map_err(|error| failed(&error))?;
        let said = body["said"].as_str().filter(|_| head.start.starts_with("HTTP/1.1 200"));
        let said = said.ok_or_else(|| failed(&format!("{}: {body}", head.start)))?;
        if head.get("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            return Err(failed(&"the connection is to be closed"));
        }
        tell(said);
        heard.push(said.to_owned());
    }
    Ok(heard)
}

#[test]
fn scripts_change_under_load_without_a_lost_request() {
    const CLIENTS: usize = 8;
    let upstream = Upstream::start();
    upstream.set_rules(vec![Rule::new(&json!({"path": "/b", "body": "{\"backend\": 1}"}))]);
    let other = Upstream::start();
    other.set_rules(vec![Rule::new(&json!({"path": "/side", "headers": {}, "body": "five"}))]);
    let place = Folder::default();
    place.write("krakend.json", watched_document(&upstream.authority()).to_string());
    place.write("lua/greet.lua", greets("one"));
    let watching = Watching::start(place.path(), &["--listen=127.0.0.1:0", "--admin-port=0"]);
    watching.until("watching krakend.json");
    let envoy = Bundled::start(&place.path().join("envoy.yaml"));
    let port = envoy.port("lua-modifier");

    let over = AtomicBool::new(false);
    let (tell, heard) = channel();
    let answered: Vec<Result<Vec<String>, String>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (over, tell) = (&over, tell.clone());
                // If there is no receiver any more, the test has failed already.
                scope.spawn(move || {
                    client_on_one_connection(port, over, &|said| drop(tell.send((number, said.to_owned()))))
                })
            })
            .collect();
        drop(tell);
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            change_scripts(&place, &watching, &envoy, &other.authority(), &|word| all_heard(&heard, word, CLIENTS));
        }));
        over.store(true, Ordering::SeqCst);
        let answered = clients.into_iter().map(|client| client.join().unwrap()).collect();
        if let Err(panic) = played {
            println!("the clients: {answered:?}");
            std::panic::resume_unwind(panic);
        }
        answered
    });
    let mut requests = 0;
    for one in answered {
        let mut words = one.unwrap_or_else(|failure| panic!("{failure}"));
        requests += words.len();
        words.dedup();
        assert_eq!(words, ["one", "two", "three", "four", "five", "six"], "each in its turn, on one connection");
    }
    println!("{requests} requests on {CLIENTS} connections met six configurations, and none was lost");
    assert!(other.asked().iter().all(|asked| asked.path == "/side") && !other.asked().is_empty());
}

/// Waits until each client gets this word in an answer, from now on.
fn all_heard(heard: &Receiver<(usize, String)>, word: &str, clients: usize) {
    while heard.try_recv().is_ok() {}
    let mut missing: Vec<usize> = (0..clients).collect();
    while !missing.is_empty() {
        let (number, said) =
            heard.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("nobody says {word}"));
        missing.retain(|client| *client != number || said != word);
    }
}

fn change_scripts(place: &Folder, watching: &Watching, envoy: &Bundled, other: &str, all_hear: &dyn Fn(&str)) {
    all_hear("one");
    // First a new file in the place of the old one, as editors do; then the old file is overwritten.
    place.replace("lua/greet.lua", &greets("two"));
    assert_eq!(watching.until("wrote ").len(), 1);
    all_hear("two");
    place.write("lua/greet.lua", greets("three"));
    all_hear("three");

    // A script that does not compile is reported, and the old script stays in use.
    let before = place.read("envoy.xds/filter/filter.yaml");
    place.replace("lua/greet.lua", "function greet(data) this is no Lua end");
    watching.until("the module refuses krakend.json");
    assert!(watching.until("line 1")[0].contains("greet.lua"));
    all_hear("three");
    fs::remove_file(place.path().join("lua/greet.lua")).unwrap();
    watching.until("the source lua/greet.lua cannot be read");
    all_hear("three");
    assert_eq!(place.read("envoy.xds/filter/filter.yaml"), before);
    place.write("lua/greet.lua", greets("four"));
    all_hear("four");

    // A script that asks a new host: the host's cluster is added.
    let asks = format!("function greet(data) data:set('said', http_response.new('http://{other}/side'):body()) end");
    place.replace("lua/greet.lua", &asks);
    all_hear("five");

    // A file that Envoy itself refuses, not written by this command: the old configuration stays in use as well.
    let filter = place.read("envoy.xds/filter/filter.yaml");
    place.write("broken.yaml", filter.replace("\"version\": 3", "\"version\": 2"));
    fs::rename(place.path().join("broken.yaml"), place.path().join("envoy.xds/filter/filter.yaml")).unwrap();
    assert!(envoy.logs("Filesystem config update rejected").is_some());
    all_hear("five");

    // The document is watched, too.
    let mut document: Value = serde_json::from_str(&place.read("krakend.json")).unwrap();
    let block = &mut document["endpoints"][0]["extra_config"]["modifier/lua-proxy"];
    block["post"] = "response.load():data():set('said', 'six')".into();
    place.replace("krakend.json", &document.to_string());
    all_hear("six");
}
