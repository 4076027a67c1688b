//! Fixed values that an endpoint adds to its data after the merge and before the proxy's `post` (namespace `proxy`, `static`).

use crate::bindings::ProxyResponse;
use crate::config::{StaticData, StaticStrategy};
use crate::data::{Table, Value, parse};

/// The values, and the condition for adding them.
pub(crate) struct Static {
    json: String,
    strategy: StaticStrategy,
}

impl Static {
    pub(crate) fn new(data: &StaticData) -> Self {
        Self { json: data.json.clone(), strategy: data.strategy }
    }

    /// Adds the values to a response, or makes a response of them if there is none. `failed`: a backend failed.
    pub(crate) fn apply(&self, response: Option<ProxyResponse>, failed: bool) -> Option<ProxyResponse> {
        let complete = response.as_ref().is_some_and(|response| response.complete);
        let adds = match self.strategy {
            StaticStrategy::Always => true,
            StaticStrategy::Success => !failed,
            StaticStrategy::Errored => failed,
            StaticStrategy::Complete => !failed && complete,
            StaticStrategy::Incomplete => !complete,
        };
        if !adds {
            return response;
        }
        let response = response.unwrap_or_else(ProxyResponse::empty);
        response.data.make_real();
        for (key, value) in self.fields().entries() {
            response.data.table().set(key, value);
        }
        Some(response)
    }

    // Read anew for each response, because scripts may change the data.
    fn fields(&self) -> Table {
        match parse(self.json.clone()) {
            Ok(Value::Table(fields)) => fields,
            _ => Table::new(),
        }
    }
}
