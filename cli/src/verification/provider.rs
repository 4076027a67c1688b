//! One provider: its keys, and its verdict on a token.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lua_modifier::config::{KeySource, Place, Provider as Named};
use serde_json::{Map, Value};
use tokens::{Compact, Fetched, KeySet, structure};

use super::fetching::{Ask, Fetching};
use crate::document::KeySets;

/// The least time between two fetches of keys, whatever keys the tokens name.
const COOLDOWN: Duration = Duration::from_secs(1);
/// How long keys are kept if KrakenD would not keep them.
const SHORTEST: Duration = Duration::from_secs(10);

pub(super) struct Provider {
    name: String,
    place: Place,
    keys: Keys,
}

enum Keys {
    Fixed(KeySet),
    Fetched(Mutex<Fetched>, Ask),
}

impl Provider {
    pub(super) fn new(named: Named, files: &KeySets) -> Result<Self, String> {
        let keys = match named.source {
            KeySource::File(name) => {
                let read = KeySet::read(files.text(&name)?.as_bytes());
                Keys::Fixed(read.map_err(|why| format!("the key set {name}: {why}"))?)
            }
            KeySource::Url { url, checks_certificate, ca } => {
                let kept = named.cache.unwrap_or(SHORTEST);
                Keys::Fetched(Mutex::new(Fetched::new(kept, COOLDOWN)), Ask { url, checks_certificate, ca })
            }
        };
        Ok(Self { name: named.name, place: named.place, keys })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The payload of a token, or the reason why the token is not verified.
    pub(super) async fn verify(
        &self,
        token: &str,
        began: Instant,
        fetching: &Fetching,
    ) -> Result<Map<String, Value>, String> {
        let payload = match &self.keys {
            Keys::Fixed(keys) => keys.verify(token),
            Keys::Fetched(fetched, ask) => {
                let kid = Compact::read(token).map_err(|why| why.to_string())?.kid().to_owned();
                let locked = || fetched.lock().unwrap_or_else(PoisonError::into_inner);
                if locked().is_due(began.elapsed(), &kid) {
                    let answer = fetching.fetch(ask).await;
                    let known = locked().came(began.elapsed(), answer.as_deref().map_err(Clone::clone));
                    known
                        .or_else(|why| locked().keys().map(drop).map_err(|_| why))
                        .map_err(|why| no_keys(ask, &why))?;
                }
                locked().keys().map_err(|why| no_keys(ask, why))?.verify(token)
            }
        };
        let payload = payload.map_err(|why| why.to_string())?;
        match structure(&payload) {
            Some(_) => Ok(payload),
            None => Err("a number in it is too large".to_owned()),
        }
    }
}

fn no_keys(ask: &Ask, why: &str) -> String {
    format!("there are no keys of {}: {why}", ask.url)
}
