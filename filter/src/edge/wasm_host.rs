//! Envoy, as a stream of a Wasm filter reaches it: hostcalls that work on the stream whose callback runs. And as the root reaches
//! it, whose calls are those of shadows.

use std::time::{Duration, Instant};

use super::calls;
use super::hostcalls::{self, Buffer, Map};
use crate::envoy::{
    Caller, Direction, HeaderPairs, Host, Meter, MetricKind, Refusal, SharedData, StreamAccess, Unshared,
};

/// Envoy, for one stream, or for the root.
pub(super) struct WasmHost {
    pub(super) context: u32,
    pub(super) epoch: Instant,
}

/// Envoy's metrics.
pub(super) struct WasmMeter;

impl StreamAccess for WasmHost {
    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn headers(&self, direction: Direction) -> Result<HeaderPairs, Refusal> {
        hostcalls::headers(map(direction))
    }

    fn set_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal> {
        hostcalls::set_header(map(direction), name, value)
    }

    fn add_header(&self, direction: Direction, name: &str, value: &[u8]) -> Result<(), Refusal> {
        hostcalls::add_header(map(direction), name, value)
    }

    fn remove_header(&self, direction: Direction, name: &str) -> Result<(), Refusal> {
        hostcalls::remove_header(map(direction), name)
    }

    fn body(&self, direction: Direction) -> Result<Vec<u8>, Refusal> {
        hostcalls::buffer(buffer(direction))
    }

    fn replace_body(&self, direction: Direction, bytes: &[u8]) -> Result<(), Refusal> {
        hostcalls::replace_buffer(buffer(direction), bytes)
    }

    fn attribute(&self, path: &[&str]) -> Result<Vec<u8>, Refusal> {
        hostcalls::property(path)
    }
}

impl Host for WasmHost {
    fn answer(&self, status: u16, details: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Result<(), Refusal> {
        hostcalls::answer(status, details, headers, body)
    }

    fn resume(&self, direction: Direction) -> Result<(), Refusal> {
        hostcalls::resume(direction)
    }
}

impl Caller for WasmHost {
    fn dispatch(
        &self,
        cluster: &str,
        headers: &[(&str, &[u8])],
        body: &[u8],
        timeout: Duration,
    ) -> Result<u32, Refusal> {
        let timeout = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
        let token = hostcalls::dispatch(cluster, headers, body, timeout)?;
        calls::note(token, self.context);
        Ok(token)
    }
}

impl SharedData for WasmHost {
    fn shared_now(&self) -> Result<u64, Unshared> {
        hostcalls::monotonic_time().map_err(unshared)
    }

    fn shared(&self, name: &[u8]) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        hostcalls::shared(name).map_err(unshared)
    }

    fn share(&self, name: &[u8], value: &[u8], mark: u32) -> Result<(), Unshared> {
        hostcalls::share(name, value, mark).map_err(unshared)
    }
}

fn unshared(refusal: Refusal) -> Unshared {
    match refusal {
        Refusal::Changed => Unshared::Changed,
        other => Unshared::Refused(format!("shared data: {other}")),
    }
}

impl Meter for WasmMeter {
    fn define(&self, kind: MetricKind, name: &str) -> Result<u32, Refusal> {
        hostcalls::define_metric(kind, name)
    }

    fn add(&self, metric: u32, more: i64) -> Result<(), Refusal> {
        hostcalls::increment_metric(metric, more)
    }

    fn record(&self, metric: u32, value: u64) -> Result<(), Refusal> {
        hostcalls::record_metric(metric, value)
    }
}

fn map(direction: Direction) -> Map {
    match direction {
        Direction::Request => Map::Request,
        Direction::Response => Map::Response,
    }
}

fn buffer(direction: Direction) -> Buffer {
    match direction {
        Direction::Request => Buffer::RequestBody,
        Direction::Response => Buffer::ResponseBody,
    }
}
