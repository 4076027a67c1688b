//! What many endpoints have alike is kept once: the texts of their scripts, and their hosts. Knows no document.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::endpoint::Endpoint;
use super::hosts::ServiceHost;
use super::lua_block::LuaBlock;

/// What was seen so far.
#[derive(Default)]
pub(super) struct Alike {
    texts: Seen<str>,
    hosts: Seen<[ServiceHost]>,
}

// The values come from the configuration: no attack is possible, and a fast hash is good enough.
type Seen<T> = HashSet<Arc<T>, FxBuildHasher>;

impl Alike {
    /// Puts what was seen before in the place of what is equal to it.
    pub(super) fn share(&mut self, endpoint: &mut Endpoint) {
        self.share_scripts(&mut endpoint.lua_endpoint);
        self.share_scripts(&mut endpoint.lua_proxy);
        let shadows = endpoint.shadow.iter_mut().flat_map(|shadow| &mut shadow.endpoint.backends);
        for backend in endpoint.backends.iter_mut().chain(shadows) {
            share(&mut self.hosts, &mut backend.hosts);
            self.share_scripts(&mut backend.lua_backend);
        }
    }

    fn share_scripts(&mut self, block: &mut Option<Box<LuaBlock>>) {
        if let Some(block) = block {
            share(&mut self.texts, &mut block.pre);
            share(&mut self.texts, &mut block.post);
        }
    }
}

// One value for all that are equal.
fn share<T: ?Sized + Eq + Hash>(seen: &mut Seen<T>, value: &mut Arc<T>) {
    match seen.get(&**value) {
        Some(same) => *value = Arc::clone(same),
        None => drop(seen.insert(Arc::clone(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read;

    #[test]
    fn equal_scripts_and_hosts_are_one() {
        let scripts = r#"{"modifier/lua-endpoint": {"pre": "print(1)"}, "modifier/lua-proxy": {"pre": "print(2)", "post": "print(1)"}}"#;
        let backend =
            r#"{"host": ["http://a", "http://b"], "extra_config": {"modifier/lua-backend": {"pre": "print(2)"}}}"#;
        let other = r#"{"host": ["http://b", "http://a"]}"#;
        let endpoint = |path: &str, other: &str| {
            format!(r#"{{"endpoint": "{path}", "extra_config": {scripts}, "backend": [{backend}, {other}]}}"#)
        };
        let endpoints = [endpoint("/a", backend), endpoint("/b", other)].join(",");
        let read = read(format!(r#"{{"version": 3, "endpoints": [{endpoints}]}}"#).as_bytes()).unwrap();
        let [a, b] = read.endpoints.as_slice() else { panic!() };
        let hosts = |endpoint: &Endpoint, number: usize| Arc::clone(&endpoint.backends[number].hosts);
        assert!(Arc::ptr_eq(&hosts(a, 0), &hosts(a, 1)) && Arc::ptr_eq(&hosts(a, 0), &hosts(b, 0)));
        assert_ne!(hosts(b, 0), hosts(b, 1));
        let (first, proxy) = (a.lua_endpoint.as_ref().unwrap(), b.lua_proxy.as_ref().unwrap());
        assert!(Arc::ptr_eq(&first.pre, &proxy.post) && !Arc::ptr_eq(&first.pre, &proxy.pre));
        assert!(Arc::ptr_eq(&proxy.pre, &a.backends[1].lua_backend.as_ref().unwrap().pre));
    }
}
