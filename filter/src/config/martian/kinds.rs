//! The modifiers that are supported: their names, their scopes, and their readers.

use super::reading::{Kind, Scopes};
use super::{bodies, cookie, filters, groups, headers, urls};

pub(super) const KINDS: [Kind; 14] = [
    ("fifo.Group", Scopes::Both, groups::fifo),
    ("priority.Group", Scopes::Both, groups::priority),
    ("header.Modifier", Scopes::Both, headers::set),
    ("header.Append", Scopes::Both, headers::append),
    ("header.Copy", Scopes::Both, headers::copy),
    ("header.Id", Scopes::Request, headers::identify),
    ("header.Blacklist", Scopes::Both, headers::blacklist),
    ("header.Filter", Scopes::Both, filters::by_value),
    ("header.RegexFilter", Scopes::Both, filters::by_pattern),
    ("cookie.Modifier", Scopes::Both, cookie::add),
    ("body.Modifier", Scopes::Both, bodies::set),
    ("querystring.Modifier", Scopes::Request, urls::set_query),
    ("url.Modifier", Scopes::Request, urls::set),
    ("status.Modifier", Scopes::Response, bodies::set_status),
];
