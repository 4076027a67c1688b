//! What operators see: metrics in Envoy's own /stats and for Prometheus, the dashboard that is drawn from them, and the lines
//! of the log that say where something failed.

mod counting;
mod dashboard;
mod failures;
mod setting;
