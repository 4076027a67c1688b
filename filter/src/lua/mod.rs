//! Lua as KrakenD's scripts know it: the dialect and the library. Knows nothing of requests or data.

#[allow(dead_code)] // the state that uses it is not here yet
mod dialect;
mod letters;
#[allow(dead_code)]
mod library;
mod loading;
#[cfg(test)]
mod numbers;
mod tokens;
