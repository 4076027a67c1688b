//! How Go writes values: fmt, strconv and encoding/json. Knows values, nothing of templates.

mod directive;
mod float;
mod go_syntax;
mod json;
mod number;
mod padding;
mod print;
mod printf;
mod quote;
mod verbs;

pub(crate) use float::format_float;
pub(crate) use json::{Style, to_json};
pub(crate) use number::{parse_float, parse_integer, parse_unsigned};
pub(crate) use print::{print, print_all, print_line, type_of};
pub(crate) use printf::printf;
pub(crate) use quote::{is_printable, lossy, quote};
