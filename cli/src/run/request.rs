//! The request or message that `run` sends, read from its options. They are much like curl's options, but nothing is added that
//! the user did not ask for.

use std::path::Path;

use host_sim::Request;
use serde::Serialize;
use serde_json::Value;

use crate::Trouble;
use crate::document::Document;
use crate::play::{Arrival, check_path, header, method};
use crate::verification::Token;

/// Method, path, headers, body.
#[derive(clap::Args)]
pub(super) struct Args {
    /// GET, POST, ...
    #[arg(value_name = "METHOD", required_unless_present = "agent", conflicts_with = "agent")]
    method: Option<String>,
    /// Path and query as the client sends them
    #[arg(value_name = "PATH", required_unless_present = "agent", conflicts_with = "agent")]
    path: Option<String>,
    /// Play a message of this agent's queue instead of a request: -d is the message
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// A header; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", conflicts_with = "agent")]
    headers: Vec<String>,
    /// The body; @FILE reads it from a file, @- from standard input
    #[arg(short = 'd', long = "data", value_name = "BODY", conflicts_with = "raw")]
    data: Option<String>,
    /// The body, an @ at its front included
    #[arg(long = "data-raw", value_name = "BODY")]
    raw: Option<String>,
    /// The claims of the client's token, as JSON: it counts as verified, and nobody has to sign it
    #[arg(long, value_name = "JSON", conflicts_with_all = ["token", "agent"])]
    claims: Option<String>,
    /// The client's token, as it would send it: it is verified by the configuration's keys
    #[arg(long, value_name = "TOKEN", conflicts_with = "agent")]
    token: Option<String>,
}

/// The request or message, and the form in which it is shown.
pub(super) struct Asked {
    pub(super) arriving: Arrival,
    pub(super) shown: Shown,
}

/// The request or message as it is printed in front of the story.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Shown {
    Request { method: String, path: String, headers: Vec<(String, String)>, body: String },
    Message { agent: String, body: String },
}

impl Args {
    pub(super) fn read(&self, document: &Document) -> Result<Asked, Trouble> {
        if let Some(agent) = &self.agent {
            let message = self.body()?;
            let body = String::from_utf8_lossy(&message).into_owned();
            let arriving = Arrival::message(document, agent, message)?;
            return Ok(Asked { arriving, shown: Shown::Message { agent: agent.clone(), body } });
        }
        let (asked, path) = (self.method.as_deref().unwrap_or_default(), self.path.as_deref().unwrap_or_default());
        let method = method(asked)?;
        check_path(path)?;
        let headers = self.headers.iter().map(|line| header(line)).collect::<Result<Vec<_>, _>>()?;
        let body = self.body()?;
        let mut arriving = Request::new(&method, path);
        for (name, value) in &headers {
            arriving = arriving.header(name, value);
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        let shown = Shown::Request { method, path: path.to_owned(), headers, body: text };
        if !body.is_empty() {
            arriving = arriving.body(body);
        }
        Ok(Asked { arriving: Arrival::Request(arriving, self.token()?), shown })
    }

    fn token(&self) -> Result<Option<Token>, Trouble> {
        let Some(claims) = &self.claims else { return Ok(self.token.clone().map(Token::Given)) };
        match serde_json::from_str(claims) {
            Ok(Value::Object(claims)) => Ok(Some(Token::Claims(claims))),
            Ok(_) => Err(Trouble::new("--claims must be a JSON object: '{\"sub\": \"user-1\"}'")),
            Err(error) => Err(Trouble::new(format!("--claims is not JSON: {error}"))),
        }
    }

    fn body(&self) -> Result<Vec<u8>, Trouble> {
        match (&self.data, &self.raw) {
            (Some(data), _) => match data.strip_prefix('@') {
                Some("-") => {
                    let mut body = Vec::new();
                    std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut body)
                        .map_err(|error| Trouble::file(Path::new("standard input"), "read", &error))?;
                    Ok(body)
                }
                Some(file) => std::fs::read(file).map_err(|error| Trouble::file(Path::new(file), "read", &error)),
                None => Ok(data.clone().into_bytes()),
            },
            (None, Some(raw)) => Ok(raw.clone().into_bytes()),
            (None, None) => Ok(Vec::new()),
        }
    }
}
