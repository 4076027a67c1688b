//! Whose bucket a request asks for.

use crate::bindings::Context;
use crate::config::ClientKey;
use crate::pipeline::rate::Whose;

/// Whose it is; `None` where nothing tells.
pub(super) fn whose(key: &ClientKey, context: &Context) -> Option<Whose> {
    let bytes = match key {
        ClientKey::Address => return Some(Whose::Address),
        ClientKey::AddressIn(header) => {
            let named = context.headers.get_str(header).and_then(ClientKey::address_in);
            return Some(named.map_or(Whose::Address, |address| Whose::Key(address.as_bytes().to_vec())));
        }
        ClientKey::Header(name) => context.headers.get(name)?,
        ClientKey::Param(name) => {
            context.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())?
        }
    };
    (!bytes.is_empty()).then(|| Whose::Key(bytes.to_vec()))
}
