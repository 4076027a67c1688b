//! YAML in both directions: what JSON can say, too. Knows no settings.

mod read;
mod scalar;
mod write;

pub(super) use read::{YamlError, read};
pub(super) use write::write;
