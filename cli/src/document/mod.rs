//! A KrakenD configuration on disk with the Lua files that it names, and the one text that the module is configured with.
//! Judges nothing: the module does.
//!
//! [`Reading`] holds the options for reading it; `written` makes the document's text JSON, from a template (`flexible`), from
//! YAML or from TOML (`notation`), and `made` knows the way back; `lua_files` finds the files.

mod agents;
mod fault;
mod flexible;
mod key_sets;
mod lua_files;
mod made;
mod notation;
mod origins;
mod page;
mod path;
mod places;
mod reading;
mod written;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lua_modifier::config::{ConfigError, Enforced, Front};
use serde_json::{Map, Value, json};

use super::Trouble;

pub(crate) use agents::{agents_configuration, of_endpoints};
pub(crate) use fault::{Fault, Unread};
pub(crate) use flexible::RenderOptions;
pub(crate) use key_sets::KeySets;
pub(crate) use lua_files::{LuaFiles, Unreadable, files_of, is_built_in, plain_name};
pub(crate) use made::Made;
pub(crate) use origins::Origins;
pub(crate) use page::{Page, Position, line};
pub(crate) use path::{Step, split, written};
pub(crate) use places::Places;
pub(crate) use reading::Reading;
pub(crate) use written::Written;

/// No configuration is longer than this. A longer text comes from a template that never ends, or from aliases of aliases.
const LONGEST: usize = 8 << 20;

/// The filter's namespace in `extra_config`.
pub(crate) const NAMESPACE: &str = "envoy/lua-modifier";

/// The blocks that hold scripts, with their present and their oldest names.
pub(crate) const BLOCKS: [&str; 6] = [
    "modifier/lua-endpoint",
    "modifier/lua-proxy",
    "modifier/lua-backend",
    "github.com/devopsfaith/krakend-lua/router",
    "github.com/devopsfaith/krakend-lua/proxy",
    "github.com/devopsfaith/krakend-lua/proxy/backend",
];

/// A configuration and its sources, as read from disk.
pub(crate) struct Document {
    /// The path of the file that was read.
    pub(crate) path: PathBuf,
    /// The document's text as JSON.
    pub(crate) text: String,
    /// The texts that it was made from.
    pub(crate) made: Made,
    /// The same text, parsed.
    pub(crate) json: Value,
    /// The Lua files that the document names, and those that its scripts name. A file that the document embeds wins over the
    /// disk.
    pub(crate) lua: LuaFiles,
    /// The key sets that the document names as files.
    pub(crate) key_sets: KeySets,
}

impl Document {
    /// The document of a text that has been parsed, with its sources relative to a folder; empty means the working directory,
    /// as in KrakenD.
    pub(crate) fn new(written: Written, json: Value, reading: &Reading, folder: &Path) -> Self {
        let Written { path, text, made } = written;
        let lua = LuaFiles::gather(&json, blocks(&json), &reading.files, (folder, &path));
        let key_sets = KeySets::gather(&json, folder);
        Self { path, text, made, json, lua, key_sets }
    }

    /// The files on disk whose change matters.
    pub(crate) fn disk(&self) -> impl Iterator<Item = &Path> {
        self.lua.disk.values().map(PathBuf::as_path).chain(self.key_sets.disk()).chain([self.path.as_path()])
    }

    /// The filter's own namespace.
    pub(crate) fn ours(&self) -> Option<&Map<String, Value>> {
        self.json.get("extra_config")?.get(NAMESPACE)?.as_object()
    }

    /// The variables of the environment that the document's scripts may read.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let list = self.ours().and_then(|ours| ours.get("env")?.as_array());
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether live sources are fetched at each run, and are not files.
    pub(crate) fn fetches(&self) -> bool {
        lua_files::fetches(self.ours())
    }

    /// Live sources that are files: KrakenD reads these at each run.
    pub(crate) fn live(&self) -> BTreeSet<&str> {
        let fetched = self.fetches();
        let live = self.blocks().filter(|block| !fetched && block.get("live") == Some(&Value::Bool(true)));
        let names = live.filter_map(|block| block.get("sources")?.as_array()).flatten().filter_map(Value::as_str);
        names.filter(|name| self.lua.disk.contains_key(*name)).collect()
    }

    /// The text of a file that scripts reach, by its plain name.
    pub(crate) fn file(&self, name: &str) -> Option<&str> {
        let embedded = || self.ours()?.get("files")?.get(self.embedded_file(name)?)?.as_str();
        self.lua.files.get(name).map(String::as_str).or_else(embedded)
    }

    /// The string by which the document itself embeds this file.
    pub(crate) fn embedded_file(&self, name: &str) -> Option<&str> {
        let files = self.ours()?.get("files")?.as_object()?;
        files.keys().find(|key| plain_name(key) == name).map(String::as_str)
    }

    /// All that was read, by name and text; a name without a text belongs to a file that is missing. If all this is equal, the
    /// document is unchanged, even if a template depends on the time or on chance.
    pub(crate) fn read(&self) -> Vec<(String, Option<String>)> {
        let lua = &self.lua;
        let own = self.path.display().to_string();
        let mut read = match self.made.origins() {
            Some(origins) => origins.pages().iter().map(|page| (page.name.clone(), Some(page.text.clone()))).collect(),
            None => vec![(own, Some(self.text.clone()))],
        };
        read.sort();
        read.extend(lua.sources.iter().chain(&lua.files).map(|(name, text)| (name.clone(), Some(text.clone()))));
        read.extend(self.key_sets.read());
        read.extend(lua.missing.keys().chain(lua.unread.keys()).map(|name| (name.clone(), None)));
        read
    }

    /// The module's message about the document, with the place it means if the text is not the file's own.
    pub(crate) fn placed(&self, said: &str) -> String {
        let complaint = said.strip_prefix("configuration: ").unwrap_or(said);
        let place = || {
            let origins = self.made.origins()?;
            let (path, _) = split(complaint, &self.json)?;
            let (page, span) = origins.find(&Places::of(&self.text).find(&path)?.pointer())?;
            Some(origins.pages().get(page)?.place(span.start))
        };
        place().map_or_else(|| said.to_owned(), |place| format!("{said} ({place})"))
    }

    /// Every `modifier/lua-*` block: of the service, of endpoints and agents, and of their backends.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Map<String, Value>> {
        blocks(&self.json)
    }

    /// The same as [`Self::plugin_configuration`], but for a module with the front's filters before it; and that front. If the
    /// front cannot be read, no block is enforced.
    pub(crate) fn configuration_behind_front(&self) -> (Value, Result<Front, ConfigError>) {
        let (mut configuration, front) = (self.plugin_configuration(), Front::read(&self.json));
        if let Ok(front) = &front {
            enforce(&mut configuration, &front.blocks);
        }
        (configuration, front)
    }

    /// The module's configuration: the document with its Lua files inside.
    pub(crate) fn plugin_configuration(&self) -> Value {
        let mut json = self.json.clone();
        let nothing = self.lua.sources.is_empty() && self.lua.files.is_empty();
        let ours = if nothing { None } else { namespace(&mut json) };
        if let Some(ours) = ours {
            for (key, texts) in [("sources", &self.lua.sources), ("files", &self.lua.files)] {
                if texts.is_empty() {
                    continue;
                }
                let texts = texts.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str())));
                // If the key holds another type of value, the module reports it.
                if let Value::Object(embedded) = ours.entry(key).or_insert_with(|| Value::Object(Map::new())) {
                    embedded.extend(texts);
                }
            }
        }
        let key_ids = self.key_sets.key_ids();
        if !key_ids.is_empty()
            && let Some(ours) = namespace(&mut json)
        {
            ours.insert("key_ids".to_owned(), Value::Object(key_ids));
        }
        json
    }
}

fn blocks(json: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let owners = || list(json.get("endpoints")).iter().chain(list(json.get("async_agent")));
    let backends = owners().flat_map(move |owner| list(owner.get("backend")));
    let levels = std::iter::once(json).chain(owners()).chain(backends);
    let extras = levels.filter_map(|level| level.get("extra_config"));
    extras.flat_map(|extra| BLOCKS.iter().filter_map(move |name| extra.get(name)?.as_object()))
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Makes live sources that are files ordinary ones, with the texts that have just been read. Otherwise the module would note
/// that they are fixed, which is not true: the command reads them again.
pub(crate) fn take_live(configuration: &mut Value) {
    let ours = configuration.get("extra_config").and_then(|extra| extra.get(NAMESPACE)?.as_object());
    if lua_files::fetches(ours) {
        return;
    }
    each_block(configuration, &mut |block| {
        if block.get("live") == Some(&Value::Bool(true)) {
            block.remove("live");
            block.remove("md5"); // KrakenD does not check the md5 of live sources
        }
    });
}

/// Changes every `modifier/lua-*` block in a value, at any depth.
pub(crate) fn each_block(value: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|item| each_block(item, change)),
        Value::Object(object) => {
            for (key, item) in object.iter_mut() {
                match item.as_object_mut().filter(|_| BLOCKS.contains(&key.as_str())) {
                    Some(block) => change(block),
                    None => each_block(item, change),
                }
            }
        }
        _ => {}
    }
}

/// Makes the configuration that of a gateway with no other routes behind it: a request without an endpoint gets an answer, as
/// in KrakenD, unless the document says otherwise.
pub(crate) fn answer_unmatched(configuration: &mut Value) {
    if let Some(ours) = namespace(configuration) {
        ours.entry("unmatched").or_insert_with(|| "answer".into());
    }
}

/// Lets the health check be answered, unless the document says otherwise.
pub(crate) fn answer_health(configuration: &mut Value) {
    if let Some(ours) = namespace(configuration) {
        ours.entry("health").or_insert(Value::Bool(true));
    }
}

/// Tells the module which blocks are enforced in front of it, each with its present value.
pub(crate) fn enforce(configuration: &mut Value, blocks: &[Enforced]) {
    if blocks.is_empty() {
        return;
    }
    let Some(ours) = namespace(configuration) else { return };
    // If the key holds another type of value, the module reports it.
    if let Value::Array(list) = ours.entry("enforced_by_envoy").or_insert_with(|| Value::Array(Vec::new())) {
        list.retain(|known| blocks.iter().all(|block| known.get("path").is_none_or(|path| *path != block.path)));
        list.extend(blocks.iter().map(
            |Enforced { namespace, path, digest }| json!({"namespace": namespace, "path": path, "digest": digest}),
        ));
    }
}

/// Our namespace in a document, which is made if it is missing; none if a value around it is not an object.
pub(crate) fn namespace(json: &mut Value) -> Option<&mut Map<String, Value>> {
    let object = |map: &mut Map<String, Value>, key: &str| {
        map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    };
    let document = json.as_object_mut()?;
    object(document, "extra_config");
    let extra = document.get_mut("extra_config")?.as_object_mut()?;
    object(extra, NAMESPACE);
    extra.get_mut(NAMESPACE)?.as_object_mut()
}
