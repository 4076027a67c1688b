//! `security/cors` and `security/http`, with what `lua-modifier bundle` writes, in the newest Envoy and the oldest, and with
//! `serve`: what browsers are told, which hosts are answered, the headers of each kind of response, and that no spelling of an
//! origin or a host gets past these rules.

mod dice;
mod fetch;
mod hosts;
mod origins;
mod responses;
mod setting;
