//! All agents together: starts them, tells them to end, and reports both on the terminal.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::amqp::Agency;
use super::ledger::Ledger;
use super::log::Log;
use super::{Args, Orders, Player, admin};
use crate::Trouble;
use crate::embedded::signals;
use crate::embedded::terminal::tell;

/// Runs all agents until a signal ends them, or until no agent is left.
pub(super) async fn run(args: &Args, orders: &Orders, player: Player) -> Result<(), Trouble> {
    let end = signals::end();
    let (player, mut running) = (Arc::new(player), JoinSet::new());
    let (stop, stopped) = watch::channel(false);
    let ledgers: Vec<Arc<Ledger>> = orders.agents.iter().map(|agent| Arc::new(Ledger::new(&agent.name))).collect();
    if let Some(address) = &args.admin {
        let at = admin::start(address, ledgers.clone()).await?;
        tell(&format!("health and metrics are served on http://{at}"));
    }
    let names: Vec<&str> = orders.agents.iter().map(|agent| agent.name.as_str()).collect();
    tell(&format!("agents of {}: {}; messages are {}", args.document.display(), names.join(", "), player.place()));
    for (agent, ledger) in orders.agents.iter().zip(ledgers) {
        let agency = Agency {
            agent: Arc::clone(agent),
            player: Arc::clone(&player),
            log: Log::new(&agent.name, args.log_level),
            ledger,
        };
        running.spawn(Arc::new(agency).run(stopped.clone()));
    }
    drop(stopped);
    tokio::select! {
        () = all(&mut running) => return Err(Trouble::new("no agent is left: each has used up its max_retries")),
        () = end => {}
    }
    tell("ending: no new messages; what is under way ends first, and the rest goes back");
    let _ = stop.send(true);
    tokio::select! {
        () = all(&mut running) => {}
        // A second signal: the connections break, and the queue takes back the messages that are not acknowledged.
        () = signals::end() => tell("what is under way is broken off"),
    }
    Ok(())
}

/// Waits until no agent runs.
async fn all(running: &mut JoinSet<()>) {
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tell(&format!("an agent has failed: {error}"));
        }
    }
}
