//! Replaces `query` in a build without the feature `jmespath`: such a build refuses every configuration with an expression.

use crate::config::{Expression, Limits};
use crate::data::Table;
use crate::pipeline::failure::Failure;

/// Cannot be reached: no configuration with an expression is loaded.
pub(crate) fn apply(_: &Expression, _: &Table, _: &Limits) -> Result<Table, Failure> {
    Err(Failure::broken("an expression in a build without modifier/jmespath"))
}
