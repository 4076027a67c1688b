//! Whether templates are rendered, and with which folders: by the command's options, else by KrakenD's own variables.

use std::env::var_os;
use std::path::PathBuf;

use super::Flexible;

/// How a text becomes JSON.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct RenderOptions {
    /// Render the configuration as KrakenD's flexible configuration, with the *.json of this folder as settings [default:
    /// $FC_SETTINGS]. Each of these four options switches rendering on, and so does $FC_ENABLE if it is not empty
    #[arg(long, value_name = "FOLDER", help_heading = "Templates")]
    settings: Option<PathBuf>,
    /// The folder of the files that templates `include` [default: $FC_PARTIALS, else the working directory]
    #[arg(long, value_name = "FOLDER", help_heading = "Templates")]
    partials: Option<PathBuf>,
    /// The folder of the *.tmpl that templates call [default: $FC_TEMPLATES]
    #[arg(long, value_name = "FOLDER", help_heading = "Templates")]
    templates: Option<PathBuf>,
    /// Write the rendered text to this file, too [default: $FC_OUT]. Its name tells the format: .yaml, .yml, .toml, else JSON
    #[arg(long, value_name = "FILE", help_heading = "Templates")]
    rendered: Option<PathBuf>,
    /// Only these options count, and no variables.
    #[arg(skip)]
    alone: bool,
}

impl RenderOptions {
    /// Only these folders count, and no option or variable. If there are none, options and variables count.
    pub(crate) fn or_just(&self, [settings, partials, templates]: [Option<PathBuf>; 3]) -> Self {
        match (&settings, &partials, &templates) {
            (None, None, None) => self.clone(),
            _ => Self { settings, partials, templates, rendered: self.rendered.clone(), alone: true },
        }
    }

    /// How templates are rendered, if they are.
    pub(in crate::document) fn flexible(&self) -> Option<Flexible> {
        let variable = |name: &str| var_os(name).filter(|value| !self.alone && !value.is_empty());
        let options = [&self.settings, &self.partials, &self.templates, &self.rendered];
        if options.iter().all(|option| option.is_none()) && variable("FC_ENABLE").is_none() {
            return None;
        }
        let of = |option: &Option<PathBuf>, name| option.clone().or_else(|| variable(name).map(PathBuf::from));
        Some(Flexible {
            settings: of(&self.settings, "FC_SETTINGS"),
            partials: of(&self.partials, "FC_PARTIALS"),
            templates: of(&self.templates, "FC_TEMPLATES"),
            rendered: of(&self.rendered, "FC_OUT"),
        })
    }
}
