//! An Envoy with a bundle, an upstream that keeps the requests it gets, and a server of key sets. Knows no test.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tests::command::{call, yaml};
use tests::envoy::Bundled;
use tests::machine::Folder;
use tests::upstreams::{Asked, RawAnswer, Server};

/// The variables that name the supported Envoys.
pub(crate) const ENVOYS: [&str; 2] = ["ENVOY", "ENVOY_OLDEST"];

/// The upstream behind the gateway: it answers every request with the request's path.
pub(crate) struct Behind {
    server: Server,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Behind {
    pub(crate) fn start() -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let noted = Arc::clone(&asked);
        let server = Server::start(Box::new(move |request: &Asked| {
            noted.lock().unwrap().push(request.clone());
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            RawAnswer::json(json!({"path": path, "query": query}).to_string())
        }));
        Self { server, asked }
    }

    pub(crate) fn authority(&self) -> String {
        self.server.authority()
    }

    /// The requests that it got since the last call.
    pub(crate) fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// A server of one key set, which can be changed or taken away.
pub(crate) struct KeyServer {
    server: Server,
    answer: Arc<Mutex<Option<String>>>,
}

impl KeyServer {
    /// Starts without keys: connections to the server break off.
    pub(crate) fn start() -> Self {
        let answer: Arc<Mutex<Option<String>>> = Arc::default();
        let given = Arc::clone(&answer);
        let server = Server::start(Box::new(move |_: &Asked| match given.lock().unwrap().as_ref() {
            Some(keys) => RawAnswer::json(keys),
            None => RawAnswer { bytes: Vec::new(), last: true },
        }));
        Self { server, answer }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/keys", self.server.authority())
    }

    pub(crate) fn give(&self, keys: Option<String>) {
        *self.answer.lock().unwrap() = keys;
    }
}

/// An endpoint with a token, and its backend.
pub(crate) fn endpoint(path: &str, upstream: &str, pattern: &str, validator: Option<Value>) -> Value {
    let mut endpoint = json!({
        "endpoint": path, "input_headers": ["*"], "input_query_strings": ["*"],
        "backend": [{"host": [format!("http://{upstream}")], "url_pattern": pattern}],
    });
    if let Some(validator) = validator {
        endpoint["extra_config"] = json!({"auth/validator": validator});
    }
    endpoint
}

/// The validator of a key set in a file, with further keys.
pub(crate) fn by_file(alg: &str, file: &str, more: &Value) -> Value {
    let mut block = json!({"alg": alg, "jwk_local_path": file, "disable_jwk_security": true});
    block.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    block
}

/// The bundle of a document in its folder, in the form in which Envoy is started with it.
pub(crate) fn bundle(folder: &Folder, document: &Value) -> Value {
    folder.write("krakend.json", document.to_string());
    let said =
        call(folder.path(), &["bundle", "krakend.json", "--listen=127.0.0.1:0", "--admin-port=0", "-o", "envoy.yaml"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    yaml::document(&folder.read("envoy.yaml"))
}

/// Starts an Envoy with a bootstrap and two workers.
pub(crate) fn start(envoy: &str, folder: &Folder, bootstrap: &Value) -> (Bundled, u16) {
    folder.write("bootstrap.json", bootstrap.to_string());
    let running = Bundled::start_with_workers(envoy, &folder.path().join("bootstrap.json"), 2);
    let port = running.port("lua-modifier");
    (running, port)
}
