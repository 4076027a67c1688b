//! All keys that the service knows. A key is found in a time that does not depend on what was shown, nor on which key it is.

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

/// A key, as far as it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    secret: Secret,
    /// The roles of whoever has it, in the order of the document.
    pub roles: Vec<String>,
}

impl KeyRing {
    /// The key that was shown, if it is one.
    #[must_use]
    pub fn find(&self, shown: &[u8]) -> Option<&KnownKey> {
        let shown = self.form.sums(shown)?;
        // All of them are compared.
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
    /// What distinguishes it from other keys, and tells nothing of it.
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
        // What is wrong with a key is told without it.
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
