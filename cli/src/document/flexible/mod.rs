//! KrakenD's flexible configuration: a document that is a template, with settings, partials and sub-templates. Places and names
//! of files are as in krakend-flexibleconfig. Where that program only logs an error and goes on with the unrendered text, or
//! puts nothing in the place of a missing text, there is an error here. Knows nothing of what a document says.

mod folders;
mod options;
mod partials;
mod settings;
mod trace;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use go_template::{Error, Limits, Rendered, Templates, Value};

use super::{Fault, LONGEST, Origins, Page, Trouble, Unread};
use partials::Partials;

pub(crate) use options::RenderOptions;

/// How templates are rendered.
#[derive(Clone, Debug)]
pub(super) struct Flexible {
    settings: Option<PathBuf>,
    partials: Option<PathBuf>,
    templates: Option<PathBuf>,
    /// The file to which the rendered text is written, too.
    pub(super) rendered: Option<PathBuf>,
}

/// The texts of templates, by the engine's name for each. A later text replaces an earlier one, as in Go.
type Sheets = HashMap<String, (PathBuf, String)>;

impl Flexible {
    /// Renders the document of a path, and tells the origin of each byte.
    pub(super) fn render(&self, path: &Path, text: &str) -> Result<(String, Origins), Unread> {
        let settings = self.settings.as_deref().map(settings::read).transpose()?.unwrap_or_default();
        let (settings, pages): (Vec<_>, Vec<_>) =
            settings.into_iter().map(|(name, value, page)| ((name, value), page)).unzip();
        let others = self.settings.iter().chain(&self.templates).cloned().collect();
        let partials = Rc::new(Partials::new(self.partials.clone(), others));
        let mut templates = engine(&partials).map_err(|error| Trouble::new(error.to_string()))?;
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let mut sheets = Sheets::new();
        let mut parse = |name: &str, path: PathBuf, text: String| {
            let parsed = templates.parse(name, &text);
            sheets.insert(name.to_owned(), (path, text));
            parsed.map_err(|error| fault(&error, &sheets))
        };
        parse(&name, path.to_owned(), text.to_owned())?;
        for path in self.sub_templates()? {
            let text = read_page("template", &path)?.text;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            parse(&name, path, text)?;
        }
        let rendered = templates.execute(&name, &Value::map(settings)).map_err(|error| fault(&error, &sheets))?;
        self.write(&rendered, &sheets, &partials)?;
        let mut origins = trace::origins(&rendered, sheets, &partials.taken());
        for page in pages {
            origins.page(page);
        }
        Ok((rendered.text, origins))
    }

    // The sub-templates in the folder itself, in the order of their names.
    fn sub_templates(&self) -> Result<Vec<PathBuf>, Trouble> {
        match &self.templates {
            Some(folder) => folders::files(folder, ".tmpl"),
            None => Ok(Vec::new()),
        }
    }

    // A file that already holds the text is not written: another program may be watching it.
    fn write(&self, rendered: &Rendered, sheets: &Sheets, partials: &Partials) -> Result<(), Trouble> {
        let Some(target) = &self.rendered else { return Ok(()) };
        if let Ok(real) = target.canonicalize() {
            let taken = partials.taken();
            let inputs = sheets.values().map(|(path, _)| path).chain(taken.iter().map(|(path, _)| path));
            let mut settings = self.settings.iter().filter_map(|folder| folder.canonicalize().ok());
            if inputs.into_iter().any(|input| input.canonicalize().is_ok_and(|input| input == real))
                || settings
                    .any(|folder| real.parent() == Some(&folder) && real.extension().is_some_and(|e| e == "json"))
            {
                let target = target.display();
                return Err(Trouble::new(format!(
                    "{target} is what the document is made of: write the rendered text elsewhere"
                )));
            }
        }
        if std::fs::read(target).is_ok_and(|there| there == rendered.text.as_bytes()) {
            return Ok(());
        }
        std::fs::write(target, &rendered.text).map_err(|error| Trouble::file(target, "written", &error))
    }
}

/// The engine with KrakenD's two functions.
fn engine(partials: &Rc<Partials>) -> Result<Templates, Error> {
    let mut templates = Templates::new();
    templates.limits(Limits { output_bytes: LONGEST, ..Limits::default() });
    templates.environment(|name| std::env::var(name).ok());
    let partials = Rc::clone(partials);
    templates.function_of("include", 1, move |arguments| match arguments {
        [Value::String(name)] => partials.text(name).map(Value::from),
        // Go's words for a failed type assertion.
        [other] => Err(format!("interface conversion: interface {{}} is {}, not string", other.type_name())),
        _ => Err("include takes the name of a partial".to_owned()),
    });
    // KrakenD's function does the same as sprig's.
    let mut json = Templates::new();
    json.parse("marshal", "{{ toJson . }}")?;
    templates.function_of("marshal", 1, move |arguments| {
        let value = arguments.first().unwrap_or(&Value::Nil);
        json.execute("marshal", value).map(|rendered| rendered.text.into()).map_err(|error| error.message)
    });
    Ok(templates)
}

/// The page of a file in the folders of templates.
fn read_page(rule: &'static str, path: &Path) -> Result<Page, Unread> {
    let bytes = std::fs::read(path).map_err(|error| Trouble::file(path, "read", &error))?;
    let name = path.display().to_string();
    String::from_utf8(bytes).map(|text| Page { name: name.clone(), text }).map_err(|error| {
        let start = error.utf8_error().valid_up_to();
        let page = Page { name, text: String::from_utf8_lossy(error.as_bytes()).into_owned() };
        let span = start..page.after(start);
        Fault { rule, page, span: Some(span), message: "this is not UTF-8".to_owned(), help: None }.into()
    })
}

// The fault at its place, if the text is known; the engine names no other place.
fn fault(error: &Error, sheets: &Sheets) -> Unread {
    let Some((path, text)) = sheets.get(&error.template) else { return Trouble::new(error.to_string()).into() };
    let page = Page { name: path.display().to_string(), text: text.clone() };
    let node = error.execution.as_ref().map(|execution| execution.node.as_str()).filter(|node| !node.is_empty());
    let rest = text.get(error.offset..).unwrap_or_default();
    let length = node.filter(|node| rest.starts_with(*node)).map(str::len);
    let end = length.map_or_else(|| page.after(error.offset), |length| error.offset.saturating_add(length));
    let span = text.get(error.offset..end).map(|_| error.offset..end);
    Fault { rule: "template", page, span, message: error.message.clone(), help: None }.into()
}
