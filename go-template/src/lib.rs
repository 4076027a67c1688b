//! Go's text/template language with sprig's functions. Start at [`Templates`]: parse named templates, execute one, and ask
//! [`Rendered`] which byte of which template a rendered byte came from. The models for output and error texts are Go's own
//! sources (text/template, fmt, strconv, encoding/json of Go 1.27) and sprig 3.2.3.
//!
//! The crate reads no file and no variable of the environment: the caller provides both, by [`Templates::function`] and
//! [`Templates::environment`].

mod error;
mod functions;
mod limits;
mod rendered;
mod run;
mod slot;
mod syntax;
mod templates;
mod text;
mod value;

pub use error::{Error, Execution};
pub use limits::Limits;
pub use rendered::{Origin, Rendered};
pub use templates::Templates;
pub use value::{List, Map, Object, Time, Value, Version};
