//! Lua as KrakenD's scripts know it: the dialect and the library. Knows nothing of requests or data.

pub mod dialect;
mod letters;
pub mod library;
mod loading;
#[cfg(test)]
mod numbers;
mod tokens;
