//! One `modifier/lua-*` block: its code, its sources, its switches. Knows no Lua: other code finds out whether the scripts
//! compile.

use std::sync::Arc;

use md5::{Digest, Md5};

use super::migration;
use super::notices::Notices;
use super::plugin::Plugin;
use super::reader::{Node, Result, listed, quoted};

/// A block of scripts, ready to be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LuaBlock {
    /// Its JSON path, for error messages about its code: `$.endpoints[0].extra_config["modifier/lua-proxy"]`.
    pub at: Arc<str>,
    /// Run before `pre`, in this order.
    pub sources: Vec<Source>,
    /// Run before the next stage.
    pub pre: Arc<str>,
    /// Run after the next stage.
    pub post: Arc<str>,
    /// Whether the sources are fetched anew for each run; sources that are embedded are not.
    pub live: bool,
    /// Whether `string`, `math`, `os` and the like exist.
    pub allow_open_libs: bool,
    /// Whether the steps after this stage are left out.
    pub skip_next: bool,
}

/// A file of Lua code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name that the block uses for it.
    pub name: String,
    /// Its text; `None` if the source is live.
    pub text: Option<Arc<str>>,
}

impl LuaBlock {
    pub(super) fn read(node: &Node<'_>, plugin: &Plugin, notices: &mut Notices) -> Result<Self> {
        notices.check_keys(node, migration::LUA)?;
        let live = node.flag_at("live")?;
        let fetched = live && plugin.sources_url.is_some();
        let sources = match node.get("sources") {
            Some(list) => read_sources(&list, live, plugin)?,
            None => Vec::new(),
        };
        if live && !fetched && !sources.is_empty() {
            notices.remark(node, FIXED.to_owned());
        }
        if let Some(checksums) = node.get("md5") {
            check_md5(&checksums, &sources, live)?;
        }
        Ok(Self {
            at: node.at().into(),
            sources,
            pre: node.text_at("pre")?.unwrap_or_default().into(),
            post: node.text_at("post")?.unwrap_or_default().into(),
            live: fetched,
            allow_open_libs: node.flag_at("allow_open_libs")?,
            skip_next: node.flag_at("skip_next")?,
        })
    }
}

const FIXED: &str = "\"live\": true without a sources_url: the sources are fixed until a new configuration comes; to have them read \
                     at each run, name a server of them in extra_config[\"envoy/lua-modifier\"].sources_url";

fn read_sources(list: &Node<'_>, live: bool, plugin: &Plugin) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for item in list.items()? {
        let name = item.text()?;
        let text = match plugin.sources_url.as_ref().filter(|_| live) {
            Some(server) if server.path(name).is_none() => {
                return Err(item.error(format!("{} leaves the folder of sources_url: no \"..\" here", quoted(name))));
            }
            Some(_) => None,
            None => Some(plugin.sources.get(name).cloned().ok_or_else(|| item.error(missing(name, live, plugin)))?),
        };
        sources.push(Source { name: name.to_owned(), text });
    }
    Ok(sources)
}

fn missing(name: &str, live: bool, plugin: &Plugin) -> String {
    const SHOWN: usize = 8;
    let mut known: Vec<String> = plugin.sources.keys().map(|name| quoted(name)).collect();
    known.sort();
    if known.len() > SHOWN {
        known.truncate(SHOWN);
        known.push("...".to_owned());
    }
    let known = match known.is_empty() {
        true => "there are none".to_owned(),
        false => format!("there are {}", listed(known.iter().map(String::as_str))),
    };
    let or = if live { ", or say in sources_url from where it is fetched at each run" } else { "" };
    format!(
        "source {} is not in extra_config[\"envoy/lua-modifier\"].sources: add its text there under this very name ({known}){or}",
        quoted(name)
    )
}

fn check_md5(checksums: &Node<'_>, sources: &[Source], live: bool) -> Result<()> {
    for (name, node) in checksums.data_entries()? {
        let wanted = node.text()?;
        // KrakenD: live sources are not checked (config.go returns before it looks at md5).
        if live {
            continue;
        }
        let Some(text) = sources.iter().find(|source| source.name == name).and_then(|source| source.text.as_ref())
        else {
            return Err(node.error(format!("a checksum for {}, which this block's sources do not list", quoted(name))));
        };
        let actual = hex(&Md5::digest(text.as_bytes()));
        if actual != wanted {
            return Err(node.error(format!(
                "md5 of {} is \"{actual}\", not {}: mend the source or the checksum (lower case counts)",
                quoted(name),
                quoted(wanted)
            )));
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
