//! Hosts the module in real time, in this program instead of Envoy: VMs on threads of their own, and the backends behind them,
//! over real HTTP. Knows no clients and no queues: [`serve`](super::serve) and [`agent`](super::agent) bring their requests.

pub(crate) mod backends;
pub(crate) mod headers;
pub(crate) mod hosts;
mod open;
pub(crate) mod pipe;
pub(crate) mod refusal;
mod route;
pub(crate) mod setting;
pub(crate) mod signals;
pub(crate) mod terminal;
pub(crate) mod worker;
