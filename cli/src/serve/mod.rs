//! `lua-modifier serve`: the module as a gateway of its own, without Envoy. Clients and backends speak real HTTP; between them
//! the module runs in the simulated host, in real time.

mod client;
mod configuration;
mod fresh;
mod front;
mod gateway;
mod watch;

use std::path::PathBuf;

use tokio::net::TcpListener;

use super::document::Reading;
use super::embedded::{hosts, signals, terminal};
use super::environment::Given;
use super::{Common, Outcome, Trouble, module};

#[derive(clap::Args)]
#[command(
    after_help = "A change of the document, or of a Lua file that it or a script names, is served with the next request; one that is
wrong is told, and the old configuration goes on. Ctrl-C finishes what is under way, then ends.

Examples:
  lua-modifier serve krakend.json
  lua-modifier serve krakend.json --listen 127.0.0.1:9000 --backend shop.internal=http://127.0.0.1:10001"
)]
pub(crate) struct Args {
    /// The KrakenD configuration
    #[arg(value_name = "krakend.json")]
    document: PathBuf,
    /// Where clients come in; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    #[command(flatten)]
    ways: hosts::Ways,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    given: Given,
}

pub(crate) fn run(args: &Args, common: &Common) -> Result<Outcome, Trouble> {
    let module = module::load(common.wasm.as_deref())?;
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| Trouble::new(format!("no thread can be started: {error}")))?;
    runtime.block_on(serve(args, module))?;
    // Do not wait for a VM that is still computing.
    runtime.shutdown_background();
    Ok(Outcome::Clean)
}

async fn serve(args: &Args, module: host_sim::Module) -> Result<(), Trouble> {
    let listener =
        TcpListener::bind(&args.listen).await.map_err(|error| Trouble::listener(&args.listen, &error, "--listen"))?;
    let address = listener.local_addr().map_err(|error| Trouble::listener(&args.listen, &error, "--listen"))?;
    // The gateway may be its own backend.
    let mut ways = args.ways.clone();
    ways.own = Some(address);
    let read = (args.reading.clone(), args.given.clone());
    let gateway = gateway::Gateway::start(args.document.clone(), ways, read, module).await?;
    let end = signals::end();
    terminal::tell(&format!("{} is served on http://{address}", args.document.display()));
    gateway.serve(listener, end).await
}
