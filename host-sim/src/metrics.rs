//! Counters, gauges and histograms of a VM, with the ids and refusals that Envoy has.

use std::collections::BTreeMap;

use crate::abi::Status;

// The two lowest bits of a metric's id are its kind, as in proxy-wasm-cpp-host.
const KIND: u32 = 3;
const COUNTER: u32 = 0;
const GAUGE: u32 = 1;
const HISTOGRAM: u32 = 2;

#[derive(Debug, Default)]
pub(crate) struct Metrics {
    names: BTreeMap<u32, String>,
    values: BTreeMap<String, u64>,
    last: u32,
}

impl Metrics {
    /// Defines a metric. A known name gets a new id for the same metric.
    pub(crate) fn define(&mut self, kind: u32, name: String) -> Result<u32, Status> {
        if kind > HISTOGRAM {
            return Err(Status::BadArgument);
        }
        self.last = self.last.saturating_add(KIND + 1);
        self.values.entry(name.clone()).or_insert(0);
        let id = self.last | kind;
        self.names.insert(id, name);
        Ok(id)
    }

    pub(crate) fn increment(&mut self, id: u32, offset: i64) -> Result<(), Status> {
        let kind = id & KIND;
        let value = match kind {
            COUNTER | GAUGE => self.value(id)?,
            _ => return Err(Status::BadArgument),
        };
        if kind == COUNTER && offset <= 0 {
            return Err(Status::BadArgument);
        }
        *value = value.saturating_add_signed(offset);
        Ok(())
    }

    /// Adds the value to a counter; replaces the value of a gauge or a histogram.
    pub(crate) fn record(&mut self, id: u32, new: u64) -> Result<(), Status> {
        let value = self.value(id)?;
        match id & KIND {
            COUNTER => *value = value.saturating_add(new),
            _ => *value = new,
        }
        Ok(())
    }

    pub(crate) fn get(&mut self, id: u32) -> Result<u64, Status> {
        match id & KIND {
            COUNTER | GAUGE => self.value(id).copied(),
            _ => Err(Status::BadArgument),
        }
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<u64> {
        self.values.get(name).copied()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, u64)> {
        self.values.iter().map(|(name, value)| (name.as_str(), *value))
    }

    fn value(&mut self, id: u32) -> Result<&mut u64, Status> {
        let name = self.names.get(&id).ok_or(Status::NotFound)?;
        self.values.get_mut(name).ok_or(Status::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_only_goes_up() {
        let mut metrics = Metrics::default();
        let id = metrics.define(COUNTER, "a".into()).unwrap();
        metrics.increment(id, 2).unwrap();
        assert_eq!(metrics.increment(id, 0), Err(Status::BadArgument));
        assert_eq!(metrics.get(id), Ok(2));
        assert_eq!(metrics.by_name("a"), Some(2));
    }

    #[test]
    fn gauges_go_down_and_histograms_cannot_be_read() {
        let mut metrics = Metrics::default();
        let gauge = metrics.define(GAUGE, "g".into()).unwrap();
        metrics.record(gauge, 5).unwrap();
        metrics.increment(gauge, -2).unwrap();
        assert_eq!(metrics.get(gauge), Ok(3));
        let histogram = metrics.define(HISTOGRAM, "h".into()).unwrap();
        metrics.record(histogram, 7).unwrap();
        assert_eq!(metrics.get(histogram), Err(Status::BadArgument));
        assert_eq!(metrics.get(999), Err(Status::BadArgument));
    }
}
