//! From a backend's body to the client's: decode, format, merge, encode.

pub mod decode;
pub mod encode;
pub mod format;
pub mod merge;
mod sequential;

pub use sequential::Reference;
