//! One exchange through the module, and its story, which `run` prints and `test` compares with expectations. Prints nothing and
//! judges nothing.

mod arrival;
mod backends;
mod changes;
mod conditions;
pub(crate) mod json_path;
mod messages;
mod observed;
mod place;
mod player;
mod request;
mod rules;
mod story;
mod teller;

pub(crate) use arrival::Arrival;
pub(crate) use backends::Fault;
pub(crate) use changes::Change;
pub(crate) use conditions::{Conditions, Moment};
pub(crate) use messages::Message;
pub(crate) use place::Place;
pub(crate) use player::{Player, Watching};
pub(crate) use request::{check_path, header, method};
pub(crate) use rules::{OneOrMany, Rule, at, checked, in_file, read_rules};
pub(crate) use story::{Edited, Failure, Half, Happening, LogLine, Note, Received, Sent, Story};
