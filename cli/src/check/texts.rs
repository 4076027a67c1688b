//! The Lua texts of a document: the scripts of each block, from files or from the document itself, and the places of their
//! bytes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::lua::Stage;
use super::reduced::at;
use crate::document::{BLOCKS, Document, NAMESPACE, Page, Places, Step, plain_name};

/// One Lua text.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) code: Rc<str>,
    pub(crate) page: Rc<Page>,
    // The string of the document that holds the text; none if the text is a file.
    literal: Option<Range<usize>>,
}

impl Text {
    /// The bytes of the page at which bytes of the code stand.
    pub(crate) fn on_page(&self, span: &Range<usize>, places: &Places<'_>) -> Range<usize> {
        match &self.literal {
            None => span.clone(),
            Some(literal) => places.inside(literal, span.start)..places.inside(literal, span.end),
        }
    }
}

/// One `modifier/lua-*` block in a place where it has an effect.
pub(crate) struct Block<'a> {
    pub(crate) path: Vec<Step>,
    pub(crate) stage: Stage,
    pub(crate) value: &'a Map<String, Value>,
}

impl Block<'_> {
    /// Whether a switch of the block is on.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// The path of one of its keys.
    pub(crate) fn path_of(&self, key: &str) -> Vec<Step> {
        self.path.iter().cloned().chain([Step::Key(key.to_owned())]).collect()
    }

    /// The names of its sources.
    pub(crate) fn sources(&self) -> Vec<&str> {
        let list = self.value.get("sources").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// All blocks of a document.
pub(crate) fn blocks(json: &Value) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut level = vec![(Vec::new(), json, vec![(0, Stage::Service)])];
    for (endpoint, path) in items(json, &[], "endpoints") {
        for (backend, path) in items(endpoint, &path, "backend") {
            level.push((path, backend, vec![(2, Stage::Backend)]));
        }
        level.push((path, endpoint, vec![(0, Stage::Endpoint), (1, Stage::Proxy)]));
    }
    for (agent, path) in items(json, &[], "async_agent") {
        for (backend, path) in items(agent, &path, "backend") {
            level.push((path, backend, vec![(2, Stage::Backend)]));
        }
        level.push((path, agent, vec![(1, Stage::Proxy)]));
    }
    for (path, value, stages) in level {
        for (place, stage) in stages {
            for name in [BLOCKS.get(place), BLOCKS.get(place.saturating_add(3))].into_iter().flatten() {
                let steps = ["extra_config", name].map(|key| Step::Key(key.to_owned()));
                if let Some(Value::Object(block)) = at(value, &steps) {
                    found.push(Block { path: path.iter().cloned().chain(steps).collect(), stage, value: block });
                }
            }
        }
    }
    found
}

fn items<'a>(value: &'a Value, path: &[Step], key: &str) -> Vec<(&'a Value, Vec<Step>)> {
    let list = value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let steps = |index| path.iter().cloned().chain([Step::Key(key.to_owned()), Step::Index(index)]).collect();
    list.iter().enumerate().map(|(index, item)| (item, steps(index))).collect()
}

/// The texts of a document.
pub(crate) struct Texts<'a> {
    page: Rc<Page>,
    places: &'a Places<'a>,
    document: &'a Document,
    sources: BTreeMap<&'a str, Text>,
}

impl<'a> Texts<'a> {
    pub(crate) fn of(document: &'a Document, page: &Rc<Page>, places: &'a Places<'a>) -> Self {
        let mut texts = Texts { page: Rc::clone(page), places, document, sources: BTreeMap::new() };
        for (name, code) in &document.lua.sources {
            let text = texts.embedded("sources", name).unwrap_or_else(|| texts.on_disk(name, code));
            texts.sources.insert(name, text);
        }
        texts
    }

    /// A file that scripts reach, by its plain name.
    pub(crate) fn file(&self, name: &str) -> Option<Text> {
        let embedded = || self.embedded("files", self.document.embedded_file(name)?);
        self.document.lua.files.get(name).map(|code| self.on_disk(name, code)).or_else(embedded)
    }

    fn embedded(&self, key: &str, name: &str) -> Option<Text> {
        self.inline(&["extra_config", NAMESPACE, key, name].map(|key| Step::Key(key.to_owned())))
    }

    // A script's absolute name is for another machine: on this machine the file lies elsewhere.
    fn on_disk(&self, name: &str, code: &str) -> Text {
        let path = self.document.lua.disk.get(name).filter(|_| name.starts_with('/'));
        let name = path.map_or_else(|| name.to_owned(), |path| plain_name(&path.display().to_string()));
        Text { code: code.into(), page: Rc::new(Page { name, text: code.to_owned() }), literal: None }
    }

    /// A source by the string that blocks use.
    pub(crate) fn source(&self, name: &str) -> Option<&Text> {
        self.sources.get(name)
    }

    /// A string of the document.
    pub(crate) fn inline(&self, path: &[Step]) -> Option<Text> {
        let code = at(&self.document.json, path)?.as_str()?;
        let literal = self.places.find(path).map(|found| found.value)?;
        Some(Text { code: code.into(), page: Rc::clone(&self.page), literal: Some(literal) })
    }
}
