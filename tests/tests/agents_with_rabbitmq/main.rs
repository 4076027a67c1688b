//! `lua-modifier agent` with a real RabbitMQ: what becomes of messages when all is well, when scripts, backends and Envoy fail,
//! and when the queue or the agent ends. No message is lost: a message is acknowledged when it is done, and not earlier.

mod ends;
mod envoy;
mod faults;
mod many;
mod outcomes;
mod setting;
mod speed;
