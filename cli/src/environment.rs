//! Variables of the environment for scripts. The document lists their names. The values come from the command line; in the
//! commands that run as a gateway, other values come from this process's environment.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

use super::Trouble;
use super::document::Document;

/// Variables by name.
pub(crate) type Variables = BTreeMap<String, String>;

/// Values that are given.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct Given {
    /// A variable that scripts read by os.getenv. "env" in extra_config["envoy/lua-modifier"] must list it. NAME alone takes the value
    /// from this process
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    variables: Vec<Variable>,
}

/// `NAME=value`, or `NAME` with the value that it has in this process.
#[derive(Clone, Debug)]
struct Variable {
    name: String,
    value: String,
}

impl FromStr for Variable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => (text, here(text)?.ok_or_else(|| format!("{text} is not set here: say {text}=VALUE"))?),
        };
        if name.is_empty() {
            return Err("write it like NAME=VALUE, or NAME".to_owned());
        }
        Ok(Self { name: name.to_owned(), value })
    }
}

impl Given {
    /// The variables that the scripts of a document get.
    pub(crate) fn of(&self, document: &Document) -> Result<Variables, Trouble> {
        let listed: Vec<&str> = document.variables().collect();
        if let Some(other) = self.variables.iter().find(|given| !listed.contains(&given.name.as_str())) {
            return Err(unlisted("--env", &other.name, document));
        }
        Ok(self.among(document))
    }

    /// Checks the variables against many documents: a variable that no document lists is an error.
    pub(crate) fn of_one_of<'a>(&self, documents: impl Iterator<Item = &'a Document> + Clone) -> Result<(), Trouble> {
        let lists = |name: &str| documents.clone().any(|document| document.variables().any(|listed| listed == name));
        match (self.variables.iter().find(|given| !lists(&given.name)), documents.clone().next()) {
            (Some(other), Some(document)) => Err(unlisted("--env", &other.name, document)),
            _ => Ok(()),
        }
    }

    /// The values of the variables that a document lists.
    pub(crate) fn among(&self, document: &Document) -> Variables {
        let given = |name: &str| Some(self.variables.iter().rev().find(|given| given.name == name)?.value.clone());
        document.variables().filter_map(|name| Some((name.to_owned(), given(name)?))).collect()
    }

    /// The variables of a gateway that runs here. A value that is not given is taken from this process.
    pub(crate) fn with_own(&self, document: &Document) -> Result<Variables, Trouble> {
        let mut variables = self.of(document)?;
        for name in document.variables() {
            let own = here(name).map_err(|why| Trouble::new(format!("the variable {why}")))?;
            if let Some(value) = own.filter(|_| !variables.contains_key(name)) {
                variables.insert(name.to_owned(), value);
            }
        }
        Ok(variables)
    }
}

/// The error about a variable that is given although no script could read it.
pub(crate) fn unlisted(what: &str, name: &str, document: &Document) -> Trouble {
    let list = Value::from(document.variables().chain([name]).collect::<Vec<_>>());
    Trouble::new(format!(
        "{what} {name}: scripts of {} may not read this variable: say \"env\": {list} in extra_config[\"envoy/lua-modifier\"]",
        document.path.display()
    ))
}

fn here(name: &str) -> Result<Option<String>, String> {
    match std::env::var_os(name).map(std::ffi::OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => Err(format!("{name} is not UTF-8 here: give it a value with --env {name}=VALUE")),
    }
}
