//! What exists for scripts, with types and a sentence for each, read from the table `names.json` beside this file: the one
//! source of the linter, of the definitions for editors and of a page of the manual. A test holds it against the module.

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

/// What a value is, where that is known.
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
    /// It is there only with `allow_open_libs`.
    pub(crate) open: bool,
    pub(super) functions: Vec<String>,
}

/// One of KrakenD's objects.
#[derive(Deserialize)]
pub(crate) struct Object {
    pub(crate) stages: Vec<Stage>,
    /// It is there only in `post`.
    pub(crate) post_only: bool,
    /// What its objects are.
    pub(super) kind: Kind,
    /// What it is, in a sentence.
    pub(crate) says: String,
    /// Functions of the global itself.
    pub(crate) statics: BTreeMap<String, Member>,
    /// Functions of its objects.
    pub(crate) methods: BTreeMap<String, Member>,
}

/// A function of an object.
#[derive(Deserialize)]
pub(crate) struct Member {
    /// What it gives, as far as the linter follows it.
    pub(super) kind: Kind,
    /// The ways to call it, in the notation of LuaCATS: `(name: string): string`. The setter is the last.
    pub(crate) forms: Vec<String>,
    /// What it does, in a sentence.
    pub(crate) says: String,
    /// KrakenD does not have it.
    #[serde(default)]
    pub(crate) ours: bool,
    /// The stages in which the setter never reaches the backend, and what to do instead.
    #[serde(default)]
    pub(crate) idle: BTreeMap<Stage, String>,
}

/// A global function of KrakenD's, or a name that its Lua has and Lua 5.1 has not.
#[derive(Deserialize)]
pub(crate) struct Told {
    pub(crate) forms: Vec<String>,
    pub(crate) says: String,
}

/// A function of a helper.
#[derive(Deserialize)]
pub(crate) struct Helper {
    /// What it takes, in order: `text`, `number`, `any`, or words of which it takes one, `hex|raw`. Behind a `?` it may be left out.
    pub(super) takes: Vec<String>,
    pub(super) gives: Kind,
    /// As those of a [`Member`].
    pub(crate) forms: Vec<String>,
    pub(crate) says: String,
    /// The edition of KrakenD that has it, too.
    #[serde(default)]
    pub(crate) krakend: Option<String>,
}

/// What is there only with `"helpers": true`.
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
    /// What KrakenD's Lua has and Lua 5.1 has not: `math.mod`.
    pub(crate) beyond: BTreeMap<String, Told>,
    pub(crate) libraries: BTreeMap<String, Library>,
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) helpers: Helpers,
    /// What exists and always fails, and why.
    pub(super) fails: BTreeMap<String, String>,
    /// What other Luas have.
    pub(super) elsewhere: BTreeMap<String, String>,
}

impl Names {
    /// The table. It is part of this program, and a test reads it.
    pub(crate) fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(TABLE)
    }

    /// What every script has.
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
