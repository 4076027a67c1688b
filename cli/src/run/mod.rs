//! `lua-modifier run`: sends one request through the scripts. This file has the options; `text` writes the story for people,
//! and tools get the story itself (`play/story.rs`) as JSON.

mod reason;
mod request;
mod text;

use std::path::PathBuf;

use serde::Serialize;

use super::document::Reading;
use super::environment::Given;
use super::play::{Conditions, Player, Watching, read_rules};
use super::{Common, Outcome, Trouble, module, paint};

const EXAMPLES: &str = r#"Examples:
  lua-modifier run krakend.json GET /users/42 -H 'X-Tenant: blue'
  lua-modifier run krakend.json POST /notes -d '{"text": "tea is low"}'
  lua-modifier run krakend.json POST /notes -d @note.json --upstream responses.toml
  lua-modifier run krakend.json GET /users/42 --now 2026-01-31T09:30:00Z --seed 7
  lua-modifier run krakend.json GET /orders --claims '{"sub": "user-1", "roles": ["admin"]}'
  lua-modifier run krakend.json --agent orders -d @message.json
  lua-modifier run krakend.json GET /users/42 --format json | jq '.events[].changes'

Backends are not really called. Without --upstream each answers 200 {}. The file is TOML; the first rule that fits wins, and
where none fits the answer is 404. What a rule leaves out fits anything; * in `path` and `host` stands for anything:

  [[upstream]]
  path = "/v1/users/*"             # compared with and without the query
  method = "GET"
  host = "users.internal"
  status = 200                     # 200 if it is left out
  headers = { X-Version = "3" }    # a list gives several: Set-Cookie = ["a=1", "b=2"]
  json = { name = "Alice" }        # or body = "text"; left out: {}
  delay_ms = 20                    # simulated time: nobody waits for it

  [[upstream]]
  host = "auth.internal"
  fault = "refused"                # or "timeout", "reset": no answer at all

  [[upstream]]
  echo = true                      # the answer is the request, as JSON

With --agent the message goes through the scripts and backends of an agent (async_agent), and the story ends with what
`lua-modifier agent` would tell the queue: acknowledged, or rejected and why.

Sources of scripts are read from the working directory, as KrakenD does. Exit code: 0 the exchange ended, whatever its status;
2 it could not be played."#;

/// What to send, and how to show what happens.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The KrakenD configuration
    #[arg(value_name = "KRAKEND.JSON")]
    configuration: PathBuf,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    request: request::Args,
    /// What the backends answer: rules in TOML, see below
    #[arg(long, value_name = "FILE")]
    upstream: Option<PathBuf>,
    #[command(flatten)]
    conditions: Conditions,
    /// For people, or for tools
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// The JSON that `--format json` prints: the request, and the story of it.
#[derive(Serialize)]
struct Printed<'a> {
    request: &'a request::Shown,
    #[serde(flatten)]
    story: &'a super::play::Story,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    let document = args.reading.document(&args.configuration)?;
    let request = args.request.read(&document)?;
    let rules = args.upstream.as_deref().map(read_rules).transpose()?;
    let module = module::load(common.wasm.as_deref())?;
    let variables = args.given.of(&document)?;
    let story = Player::new(&module, &document, variables, Watching::Events)?.play(
        &request.arriving,
        rules.as_deref(),
        args.conditions,
    )?;
    let printed = match args.format {
        Format::Text => text::of(&request.shown, &story, rules.is_some()),
        Format::Json => json(&request.shown, &story)?,
    };
    paint::print(&printed, common.color);
    Ok(Outcome::Clean)
}

fn json(request: &request::Shown, story: &super::play::Story) -> Result<String, Trouble> {
    let mut text = serde_json::to_string_pretty(&Printed { request, story })
        .map_err(|error| Trouble::new(format!("the story cannot be written as JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}
