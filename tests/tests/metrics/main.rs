//! What operators see: metrics in Envoy's own /stats and for Prometheus, the dashboard that shows them, and the lines of the
//! log that tell where a failure was.

mod counting;
mod dashboard;
mod failures;
mod setting;
