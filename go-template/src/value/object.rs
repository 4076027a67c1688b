//! Values that are more than data: they have methods that a template may call. Knows nothing of templates.

/// A value with methods.
#[derive(Clone, Debug)]
pub enum Object {}

impl Object {
    pub(crate) fn type_name(&self) -> &'static str {
        match *self {}
    }
}
