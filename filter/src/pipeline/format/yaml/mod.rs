//! YAML in both directions, limited to data that JSON can hold. Knows no settings.

mod read;
mod scalar;
mod write;

pub(super) use read::{YamlError, read};
pub(super) use write::write;
