//! Sources that are read again at every run (`"live": true`): fetched with a conditional GET, and compiled again only when
//! changed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::bindings::{Machine, Scripts, Stage};
use crate::config::{LuaBlock, Plugin};
use crate::http::{Call, CallError, Headers, Response, Url, authorize, names};
use crate::lua::{Chunk, Code, SourceMap, Text, World};
use crate::pipeline::failure::Failure;

/// The live sources of one block, as far as they are known.
pub(crate) struct Live {
    names: Vec<String>,
    stage: Stage,
    // `pre` and `post`: the sources must find the globals that these name, too.
    halves: [Arc<str>; 2],
    known: RefCell<BTreeMap<String, Known>>,
    compiled: RefCell<Option<Compiled>>,
}

#[derive(Clone)]
struct Known {
    etag: Option<Vec<u8>>,
    modified: Option<Vec<u8>>,
    text: Rc<str>,
}

struct Compiled {
    text: String,
    chunk: Chunk,
    map: Rc<SourceMap>,
    world: Rc<World>,
}

impl Live {
    pub(crate) fn new(stage: Stage, block: &LuaBlock) -> Self {
        let names = block.sources.iter().map(|source| source.name.clone()).collect();
        let halves = [Arc::clone(&block.pre), Arc::clone(&block.post)];
        Self { names, stage, halves, known: RefCell::default(), compiled: RefCell::default() }
    }

    /// The calls that fetch every source, in their order.
    pub(crate) fn calls(&self, plugin: &Plugin, timeout: Duration) -> Result<Vec<Call>, Failure> {
        self.names.iter().map(|name| self.call(name, plugin, timeout).ok_or_else(|| unable(name, ""))).collect()
    }

    fn call(&self, name: &str, plugin: &Plugin, timeout: Duration) -> Option<Call> {
        let server = plugin.sources_url.as_ref()?;
        let host = &server.host;
        let path = server.path(name)?;
        let mut headers = Headers::new();
        headers.set(names::USER_AGENT, plugin.user_agent.as_bytes());
        if let Some(known) = self.known.borrow().get(name) {
            if let Some(etag) = &known.etag {
                headers.set("if-none-match", etag.clone());
            }
            if let Some(modified) = &known.modified {
                headers.set("if-modified-since", modified.clone());
            }
        }
        authorize(&mut headers, host.user.as_deref());
        let (scheme, authority) = (host.scheme.clone(), host.authority.as_str().into());
        let url = Url { scheme, authority, path: path.into(), ..Url::default() };
        let (cluster, method) = (host.cluster.clone(), "GET".into());
        Some(Call { cluster, method, url, headers, body: Vec::new(), timeout })
    }

    /// Takes the replies, and gives the block's scripts with the current sources.
    pub(crate) fn scripts(
        &self,
        replies: Vec<Result<Response, CallError>>,
        machine: &Machine,
        scripts: &Scripts,
        limit: u64,
    ) -> Result<Scripts, Failure> {
        let mut texts = Vec::with_capacity(self.names.len());
        for (name, reply) in self.names.iter().zip(replies) {
            texts.push((name.as_str(), self.take(name, reply, limit)?));
        }
        let (text, map) = SourceMap::join(texts.iter().map(|(name, text)| (*name, text.as_ref())));
        let mut compiled = self.compiled.borrow_mut();
        let current = match compiled.take().filter(|compiled| compiled.text == text) {
            Some(current) => current,
            None => {
                let chunk = machine.vm().compile(Text::Sources, &text).map_err(|error| {
                    let place = error.line.and_then(|line| map.place(line)).map(|place| format!(" ({place})"));
                    Failure::script(format!("{}{}", error.message, place.unwrap_or_default()))
                })?;
                let texts = self.halves.iter().map(|half| &**half).chain([text.as_str()]);
                let early = scripts.pre.iter().chain([&chunk]).cloned().collect();
                let code = Code { texts, early, late: scripts.post.iter().cloned().collect() };
                let world = machine.world(self.stage, code);
                let world = world.map_err(|error| Failure::script(error.to_string()))?;
                Compiled { chunk, map: Rc::new(map), world: Rc::new(world), text }
            }
        };
        let with_sources = Scripts {
            sources: Some(current.chunk.clone()),
            map: Rc::clone(&current.map),
            world: Rc::clone(&current.world),
            ..scripts.clone()
        };
        compiled.replace(current);
        Ok(with_sources)
    }

    fn take(&self, name: &str, reply: Result<Response, CallError>, limit: u64) -> Result<Rc<str>, Failure> {
        let response = reply.map_err(|error| unable(name, &format!(": {error}")))?;
        if response.status == 304 {
            let known = self.known.borrow().get(name).map(|known| Rc::clone(&known.text));
            return known.ok_or_else(|| unable(name, ": not modified, but never read"));
        }
        if response.status != 200 {
            return Err(unable(name, &format!(": status {}", response.status)));
        }
        let body = response.body.bytes();
        if u64::try_from(body.len()).is_ok_and(|length| length > limit) {
            return Err(unable(name, &format!(": larger than {limit} bytes (limits.body_bytes)")));
        }
        let text: Rc<str> = std::str::from_utf8(body).map_err(|_| unable(name, ": not UTF-8"))?.into();
        let header = |name: &str| response.headers.get(name).map(<[u8]>::to_vec);
        let known = Known { etag: header("etag"), modified: header("last-modified"), text: Rc::clone(&text) };
        self.known.borrow_mut().insert(name.to_owned(), known);
        Ok(text)
    }
}

// Words as KrakenD has them.
fn unable(name: &str, why: &str) -> Failure {
    Failure::Source { message: format!("lua: unable to load required source {name}"), why: why.to_owned() }
}
