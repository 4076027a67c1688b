//! In the place of `query`, in a build without the feature `jmespath`: no configuration that has an expression is read there.

use crate::config::{Expression, Limits};
use crate::data::Table;
use crate::pipeline::failure::Failure;

/// Cannot be asked.
pub(crate) fn apply(_: &Expression, _: &Table, _: &Limits) -> Result<Table, Failure> {
    Err(Failure::broken("an expression in a build without modifier/jmespath"))
}
