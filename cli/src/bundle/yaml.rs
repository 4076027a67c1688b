//! The texts of a bundle, made from the templates beside this file. A template is YAML in its final form, comments included;
//! every value goes in through `quoted`, or is a number, or is itself made here. Decides nothing.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::super::Trouble;
use super::clusters::Cluster;
use super::text;

const TEMPLATES: [(&str, &str); 15] = [
    ("agents", include_str!("templates/agents.yaml")),
    ("bootstrap", include_str!("templates/bootstrap.yaml")),
    ("cluster", include_str!("templates/cluster.yaml")),
    ("filter", include_str!("templates/filter.yaml")),
    ("front", include_str!("templates/front.yaml")),
    ("gateway", include_str!("templates/gateway.yaml")),
    ("hosts", include_str!("templates/hosts.yaml")),
    ("istio", include_str!("templates/istio.yaml")),
    ("listener", include_str!("templates/listener.yaml")),
    ("plugin", include_str!("templates/plugin.yaml")),
    ("replies", include_str!("templates/replies.yaml")),
    ("resources", include_str!("templates/resources.yaml")),
    ("route", include_str!("templates/route.yaml")),
    ("saved", include_str!("templates/saved.yaml")),
    ("tokens", include_str!("templates/tokens.yaml")),
];

/// The templates and the values that all of them use.
pub(super) struct Writer {
    templates: Environment<'static>,
    common: Value,
}

impl Writer {
    /// A writer whose values every template may use.
    pub(super) fn new(common: Value) -> Result<Self, Trouble> {
        let mut templates = Environment::empty();
        templates.set_auto_escape_callback(|_| AutoEscape::None);
        templates.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        templates.add_filter("quoted", |text: String| text::quoted(&text));
        templates.add_filter("indent", indent);
        for (name, source) in TEMPLATES {
            templates.add_template(name, source).map_err(|error| broken(&error))?;
        }
        Ok(Self { templates, common })
    }

    /// The same writer with further values for every template.
    pub(super) fn also(self, more: Value) -> Self {
        Self { common: context! { ..more, ..self.common }, ..self }
    }

    /// The text of a template, filled in with values of its own.
    pub(super) fn fill(&self, template: &str, own: Value) -> Result<String, Trouble> {
        let values = context! { ..own, ..self.common.clone() };
        let text = self.templates.get_template(template).and_then(|template| template.render(values));
        text.map_err(|error| broken(&error))
    }

    /// The clusters, each a mapping.
    pub(super) fn clusters<'a>(&self, clusters: impl IntoIterator<Item = &'a Cluster>) -> Result<Vec<String>, Trouble> {
        let one = |cluster| self.fill("cluster", context! { cluster => Value::from(Serde(cluster)) });
        clusters.into_iter().map(one).collect()
    }
}

/// Fits a text of many lines into one line's place: its further lines stand below its first.
fn indent(text: String, width: usize) -> String {
    text.trim_end().replace('\n', &format!("\n{}", " ".repeat(width)))
}

fn broken(error: &minijinja::Error) -> Trouble {
    Trouble::new(format!("a template of this command is broken, please report it: {error:#}"))
}
