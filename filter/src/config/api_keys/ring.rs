//! All keys that the service knows. The time of a search depends neither on the key that a request shows, nor on the key that
//! is found.

use super::secret::{Form, Secret};
use crate::config::migration;
use crate::config::notices::Notices;
use crate::config::reader::{Node, Result, quoted};

/// The keys of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRing {
    form: Form,
    keys: Vec<KnownKey>,
}

/// A key, without its secret part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    secret: Secret,
    /// The roles of the key's owner, in the order of the document.
    pub roles: Vec<String>,
}

impl KeyRing {
    /// The known key that a request shows, if it is one.
    #[must_use]
    pub fn find(&self, shown: &[u8]) -> Option<&KnownKey> {
        let shown = self.form.sums(shown)?;
        // All keys are compared, so that the time does not depend on the result.
        let mut found = None;
        for key in &self.keys {
            if key.secret.is_one_of(&shown) {
                found = Some(key);
            }
        }
        found
    }

    pub(super) fn has_role(&self, role: &str) -> bool {
        self.keys.iter().any(|key| key.roles.iter().any(|known| known == role))
    }
}

impl KnownKey {
    /// An id that differs from other keys' and reveals nothing of the key.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        self.secret.bytes()
    }
}

pub(super) fn read(node: &Node<'_>, notices: &mut Notices) -> Result<KeyRing> {
    let form = Form::read(node, notices)?;
    let Some(list) = node.get("keys") else {
        return Err(node.error_at("keys", "is missing: the list of all keys, each with its roles"));
    };
    let mut keys: Vec<KnownKey> = Vec::new();
    for item in list.items()? {
        notices.check_keys(&item, migration::KEY)?;
        let Some(key) = item.get("key") else { return Err(item.error_at("key", "is missing")) };
        // An error message about a key does not show the key.
        let text = key.value().as_str().ok_or_else(|| key.error("must be a string"))?;
        let secret = form.secret(text).map_err(|what| key.error(what))?;
        if let Some(other) = keys.iter().position(|known| known.secret == secret) {
            return Err(key.error(format!("is the same as {}: keep one of them", quoted(&format!("keys[{other}]")))));
        }
        keys.push(KnownKey { secret, roles: item.texts_at("roles")? });
    }
    if keys.is_empty() {
        notices.remark(&list, "there is no key: nobody is let in".to_owned());
    }
    Ok(KeyRing { form, keys })
}
