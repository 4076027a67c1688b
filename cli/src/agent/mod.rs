//! `lua-modifier agent`: the consumer of a document's agents. Messages come from queues, and the module plays them: in an Envoy
//! that `bundle` has configured, or in this program. The module's outcome for each message decides what the queue is told.

mod admin;
mod amqp;
mod health;
mod ledger;
mod log;
mod metrics;
mod orders;
mod outcome;
mod player;
mod pool;
mod rate;
mod retries;
mod service;

use std::path::PathBuf;

use super::document::Reading;
use super::embedded::hosts::{Origin, Ways};
use super::environment::Given;
use super::{Common, Outcome, Trouble, module};
use orders::Orders;
use player::Player;

#[derive(clap::Args)]
#[command(
    after_help = "Each message is acknowledged once its scripts and backends are done with it, and goes back to its queue if they fail (with
nack_discard the queue drops it, or sends it to its dead-letter exchange); with auto_ack the queue forgets it before. A lost
connection is made anew, as the agent's `connection` says. Ctrl-C and SIGTERM take no new messages, let what is under way end
within the agent's timeout, and give the rest back. The configuration and its Lua files are read once, at the start.

--admin serves three paths:
  /__health   every agent and the age of its last ping; 503 while one is not connected: for a readiness probe
  /__live     200 as long as this program runs: for a liveness probe, which must not restart it when a queue is away
  /metrics    what became of messages, for Prometheus

Exit code: 0 it was told to end; 2 it could not start, or every agent has used up its max_retries.

Examples:
  lua-modifier agent krakend.json
  lua-modifier agent krakend.json --to http://127.0.0.1:10100 --admin 0.0.0.0:9090
  lua-modifier agent krakend.json --only orders --log-level debug
  lua-modifier agent krakend.json --backend shop.internal=http://127.0.0.1:10001"
)]
pub(crate) struct Args {
    /// The KrakenD configuration
    #[arg(value_name = "krakend.json")]
    document: PathBuf,
    /// Hand messages to the Envoy that listens for them here, as `bundle` has configured it [default: play them in this program]
    #[arg(long, value_name = "URL")]
    to: Option<Origin>,
    /// Run this agent alone; may be given several times [default: all of the configuration]
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Serve health and metrics here; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<String>,
    /// The least important lines that are shown; at debug each message has one
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: log::Level,
    #[command(flatten)]
    ways: Ways,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    given: Given,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    if args.to.is_some() && args.ways.are_given() {
        return Err(Trouble::new(
            "--backend and --proper-case are for messages that are played here: with --to Envoy knows its backends",
        ));
    }
    let orders = Orders::read(args)?;
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| Trouble::new(format!("no thread can be started: {error}")))?;
    let ended = runtime.block_on(async {
        let player = match &args.to {
            Some(origin) => Player::envoy(origin.clone()),
            None => Player::here(&orders, module::load(common.wasm.as_deref())?, args).await?,
        };
        service::run(args, &orders, player).await
    });
    // Do not wait for a VM that is still computing.
    runtime.shutdown_background();
    ended.map(|()| Outcome::Clean)
}
