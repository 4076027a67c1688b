//! The host, shown on small foreign modules: what loads, what streams go through, calls and replies, and the world around.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod back_pressure;
mod calls;
mod guest;
mod loading;
mod local_replies;
mod phases;
mod upstream;
mod world;
