//! The JSON tree that scripts hold by reference: tables and lists are shared, not copied.
//! Strings, keys and numbers of a parsed document are slices of the body that it was read from. Knows nothing of Lua or HTTP,
//! and not which backend sent the data.

mod cursor;
mod cycles;
mod document;
mod fields;
mod flat_table;
mod list;
mod number;
mod parse;
mod parse_error;
mod part;
mod release;
mod scalar;
mod scan;
mod shape;
mod shapes;
mod sorted;
mod table;
mod text;
mod unescape;
mod value;
mod write;
mod write_error;

pub use cycles::Cycles;
pub use flat_table::{FlatTable, Key, Leaf};
pub use list::{List, TooLong};
pub use number::Number;
pub use parse::{parse, parse_whole};
pub use parse_error::{ParseError, ParseErrorKind, ParseErrorOf};
pub use table::Table;
pub use text::Str;
pub use value::{MAX_DEPTH, Value};
pub use write::{write, write_table};
pub use write_error::WriteError;
