//! The names that scripts can use, with types and a sentence for each, read from the table `names.json` beside this file: the
//! only source of the linter, of the definitions for editors and of a page of the manual. A test compares it with the module.

use std::collections::BTreeMap;

use serde::Deserialize;

const TABLE: &str = include_str!("names.json");

/// Where a script runs.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    Service,
    Endpoint,
    Proxy,
    Backend,
}

/// The kind of a value, if it is known.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Ctx,
    Request,
    Response,
    Table,
    List,
    Null,
    Web,
    Text,
    Any,
}

/// A table of Lua's library.
#[derive(Deserialize)]
pub(crate) struct Library {
    /// The library exists only with `allow_open_libs`.
    pub(crate) open: bool,
    pub(super) functions: Vec<String>,
}

/// One of KrakenD's objects.
#[derive(Deserialize)]
pub(crate) struct Object {
    pub(crate) stages: Vec<Stage>,
    /// The object exists only in `post`.
    pub(crate) post_only: bool,
    /// The kind of its objects.
    pub(super) kind: Kind,
    /// A sentence that describes it.
    pub(crate) says: String,
    /// Functions of the global itself.
    pub(crate) statics: BTreeMap<String, Member>,
    /// Functions of its objects.
    pub(crate) methods: BTreeMap<String, Member>,
}

/// A function of an object.
#[derive(Deserialize)]
pub(crate) struct Member {
    /// The kind of its result, as far as the linter follows it.
    pub(super) kind: Kind,
    /// The ways to call it, in the notation of LuaCATS: `(name: string): string`. The setter is the last.
    pub(crate) forms: Vec<String>,
    /// A sentence that describes what it does.
    pub(crate) says: String,
    /// KrakenD does not have this function.
    #[serde(default)]
    pub(crate) ours: bool,
    /// The stages in which the setter never reaches the backend, and what to do instead.
    #[serde(default)]
    pub(crate) idle: BTreeMap<Stage, String>,
}

/// A global function that KrakenD adds, or a name that its Lua has and Lua 5.1 does not have.
#[derive(Deserialize)]
pub(crate) struct Told {
    pub(crate) forms: Vec<String>,
    pub(crate) says: String,
}

/// A function of a helper.
#[derive(Deserialize)]
pub(crate) struct Helper {
    /// The arguments, in order: `text`, `number`, `any`, or a choice of words, `hex|raw`. An argument with a `?` behind it may
    /// be left out.
    pub(super) takes: Vec<String>,
    pub(super) gives: Kind,
    /// Like the forms of a [`Member`].
    pub(crate) forms: Vec<String>,
    pub(crate) says: String,
    /// The edition of KrakenD that has the function, too.
    #[serde(default)]
    pub(crate) krakend: Option<String>,
}

/// The part that exists only with `"helpers": true`.
#[derive(Deserialize)]
pub(crate) struct Helpers {
    pub(super) stages: Vec<Stage>,
    pub(crate) libraries: BTreeMap<String, BTreeMap<String, Helper>>,
}

/// Everything that is known of names.
#[derive(Deserialize)]
pub(crate) struct Names {
    values: Vec<String>,
    functions: Vec<String>,
    /// Global functions that KrakenD adds.
    pub(crate) told: BTreeMap<String, Told>,
    /// Names that KrakenD's Lua has and Lua 5.1 does not have: `math.mod`.
    pub(crate) beyond: BTreeMap<String, Told>,
    pub(crate) libraries: BTreeMap<String, Library>,
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) helpers: Helpers,
    /// Functions that exist and always fail, with the reason.
    pub(super) fails: BTreeMap<String, String>,
    /// Names that other Luas have.
    pub(super) elsewhere: BTreeMap<String, String>,
}

impl Names {
    /// Reads the table. It is part of this program, and a test reads it.
    pub(crate) fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(TABLE)
    }

    /// Whether every script has this name.
    pub(super) fn is_everywhere(&self, name: &str) -> bool {
        self.values.iter().chain(&self.functions).any(|known| known == name)
    }

    /// All names of globals, for hints.
    pub(super) fn globals(&self) -> impl Iterator<Item = &str> {
        let plain = self.values.iter().chain(&self.functions).map(String::as_str);
        let tables = self.libraries.keys().chain(self.objects.keys()).chain(self.helpers.libraries.keys());
        plain.chain(tables.map(String::as_str))
    }

    /// A function of a helper, by its global and its name.
    pub(super) fn helper(&self, library: &str, name: &str) -> Option<&Helper> {
        self.helpers.libraries.get(library)?.get(name)
    }

    /// The object whose values are of this kind, and its name.
    pub(super) fn object_of(&self, kind: Kind) -> Option<(&str, &Object)> {
        self.objects.iter().find(|(_, object)| object.kind == kind).map(|(name, object)| (name.as_str(), object))
    }
}

/// The name that was probably meant.
pub(super) fn near<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let score = |name: &'a str| (strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase()), name);
    let (distance, name) = known.into_iter().map(score).min()?;
    (distance <= 2 && distance.saturating_mul(2) < wrong.chars().count().max(2)).then_some(name)
}
