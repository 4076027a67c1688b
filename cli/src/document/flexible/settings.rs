//! The settings of a flexible configuration: each `*.json` of a folder is an object, with the name of its file.

use std::path::Path;

use go_template::Value;

use super::folders::files;
use super::read_page;
use crate::document::{Fault, Page, Unread};

/// The settings of a folder: their names, their values and their texts.
pub(super) fn read(folder: &Path) -> Result<Vec<(String, Value, Page)>, Unread> {
    const ENDING: &str = ".json";
    let mut settings = Vec::new();
    for path in files(folder, ENDING)? {
        let page = read_page("settings", &path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (value, page) = value(page)?;
        settings.push((name.strip_suffix(ENDING).unwrap_or(&name).to_owned(), value, page));
    }
    Ok(settings)
}

fn value(page: Page) -> Result<(Value, Page), Unread> {
    let wrong = |page: Page, line, column, message: String| {
        let start = page.byte(line, column);
        let span = start.map(|start| start..page.after(start));
        let help =
            Some("each *.json of the folder of settings is an object: its keys are what templates name".to_owned());
        Err(Fault { rule: "settings", page, span, message, help }.into())
    };
    match serde_json::from_str::<serde_json::Value>(&page.text) {
        Ok(json @ serde_json::Value::Object(_)) => Ok((json.into(), page)),
        // Go reads null into any map, and the map is then empty.
        Ok(serde_json::Value::Null) => Ok((serde_json::Value::Object(serde_json::Map::new()).into(), page)),
        Ok(_) => {
            let before = page.text.len().saturating_sub(page.text.trim_start().len());
            let at = page.position(before);
            wrong(page, at.line, at.column, "settings must be an object".to_owned())
        }
        Err(error) => {
            let text = error.to_string();
            let words = text.split(" at line ").next().unwrap_or(&text).to_owned();
            wrong(page, error.line(), error.column(), format!("this is not JSON: {words}"))
        }
    }
}
