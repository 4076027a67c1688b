//! Sprig's functions. Source: Masterminds/sprig 3.2.3, its map for text that is not HTML (GenericFuncMap).

use super::signature::Row;

pub(super) const TABLES: &[&[Row]] = &[];

/// Why a function of sprig's is not built in; nothing when sprig has none of this name either.
pub(super) fn why_not(_name: &str) -> Option<&'static str> {
    None
}
