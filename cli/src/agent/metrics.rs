//! The ledgers as Prometheus reads them.

use std::fmt::Write;
use std::sync::Arc;

use super::ledger::Ledger;

type Number = fn(&Ledger) -> u64;

/// Name, type and help text of each metric, and how to read it from a ledger.
const METRICS: [(&str, &str, &str, Number); 8] = [
    ("messages_received_total", "counter", "Messages that came from the queue.", |ledger| ledger.received.get()),
    ("messages_done_total", "counter", "Messages that were done.", |ledger| ledger.done.get()),
    ("messages_failed_total", "counter", "Messages that were not done.", |ledger| ledger.failed.get()),
    ("messages_requeued_total", "counter", "Messages that went back to the queue.", |ledger| ledger.requeued.get()),
    ("messages_discarded_total", "counter", "Messages that failed and were dropped.", |ledger| ledger.discarded.get()),
    ("messages_in_flight", "gauge", "Messages that are being played.", |ledger| ledger.in_flight.get()),
    ("reconnects_total", "counter", "Connections to the queue behind the first.", |ledger| ledger.reconnects.get()),
    ("connected", "gauge", "Whether the agent is connected to its queue.", |ledger| ledger.is_connected().into()),
];

/// The text of `/metrics`.
pub(super) fn text(ledgers: &[Arc<Ledger>]) -> String {
    let mut text = String::new();
    for (name, kind, help, number) in METRICS {
        let _ = writeln!(text, "# HELP lua_modifier_agent_{name} {help}\n# TYPE lua_modifier_agent_{name} {kind}");
        for ledger in ledgers {
            let agent = escaped(&ledger.agent);
            let _ = writeln!(text, "lua_modifier_agent_{name}{{agent=\"{agent}\"}} {}", number(ledger));
        }
    }
    text
}

// A text as the value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_a_line_for_each_agent() {
        let ledgers = ["orders", "a\"b\\c\nd"].map(|name| Arc::new(Ledger::new(name)));
        ledgers[0].received.add();
        ledgers[0].set_connected(true);
        let held = ledgers[0].in_flight.hold();
        let metrics = text(&ledgers);
        for line in [
            "# TYPE lua_modifier_agent_messages_received_total counter",
            "lua_modifier_agent_messages_received_total{agent=\"orders\"} 1",
            "lua_modifier_agent_messages_in_flight{agent=\"orders\"} 1",
            "lua_modifier_agent_connected{agent=\"orders\"} 1",
            "lua_modifier_agent_connected{agent=\"a\\\"b\\\\c\\nd\"} 0",
        ] {
            assert!(metrics.lines().any(|known| known == line), "{line}\n{metrics}");
        }
        drop(held);
        assert!(text(&ledgers).contains("in_flight{agent=\"orders\"} 0"));
    }
}
