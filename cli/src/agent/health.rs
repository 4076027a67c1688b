//! The health of agents, for probes: an answer in the shape of KrakenD's `/__health`, with more about each agent.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::ledger::Ledger;

/// The status and the body of the answer: the status is 503 while an agent is not connected to its queue.
pub(super) fn of(ledgers: &[Arc<Ledger>]) -> (u16, Value) {
    let agents: Map<String, Value> = ledgers.iter().map(|ledger| (ledger.agent.clone(), agent(ledger))).collect();
    let well = ledgers.iter().all(|ledger| ledger.is_connected());
    let (status, word) = if well { (200, "ok") } else { (503, "unavailable") };
    (status, json!({"status": word, "agents": agents}))
}

fn agent(ledger: &Ledger) -> Value {
    let age = ledger.since_ping().map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
    json!({"connected": ledger.is_connected(), "last_ping_ms_ago": age})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_agent_without_a_connection_makes_all_unavailable() {
        let ledgers = ["a", "b"].map(|name| Arc::new(Ledger::new(name)));
        ledgers.iter().for_each(|ledger| ledger.set_connected(true));
        ledgers[1].ping();
        let (status, health) = of(&ledgers);
        assert_eq!((status, &health["status"]), (200, &json!("ok")));
        assert_eq!(health["agents"]["a"], json!({"connected": true, "last_ping_ms_ago": null}));
        assert!(health["agents"]["b"]["last_ping_ms_ago"].is_u64());
        ledgers[0].set_connected(false);
        let (status, health) = of(&ledgers);
        assert_eq!((status, &health["status"]), (503, &json!("unavailable")));
        assert_eq!(health["agents"]["b"]["connected"], json!(true));
    }
}
