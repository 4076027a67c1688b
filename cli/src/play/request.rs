//! Parts of a request as people write them. Reports what HTTP does not allow before anything is played.

use crate::Trouble;

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// A method of HTTP, written in upper or lower case.
pub(crate) fn method(written: &str) -> Result<String, Trouble> {
    let method = written.to_ascii_uppercase();
    match METHODS.contains(&method.as_str()) {
        true => Ok(method),
        false => Err(Trouble::new(format!("`{written}` is no method: say one of {}", METHODS.join(", ")))),
    }
}

/// Checks that a path can stand in a request.
pub(crate) fn check_path(path: &str) -> Result<(), Trouble> {
    let wrong = |why: &str| Err(Trouble::new(format!("the path `{path}` {why}")));
    if !path.starts_with('/') {
        return wrong("must begin with a slash, without scheme and host: /users/42?page=2");
    }
    if path.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return wrong("holds a blank: write it as %20");
    }
    if path.contains('#') {
        return wrong("holds a #: what stands behind it never reaches a server");
    }
    Ok(())
}

/// The name and the value of a header that is written as one line.
pub(crate) fn header(line: &str) -> Result<(String, String), Trouble> {
    let wrong = |why: &str| Trouble::new(format!("the header `{line}` {why}"));
    let (name, value) = line.split_once(':').ok_or_else(|| wrong("has no colon: write it as 'Name: value'"))?;
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(letter) {
        return Err(wrong("has a name that HTTP does not allow: letters, digits and - are fine"));
    }
    if value.contains(['\r', '\n', '\0']) {
        return Err(wrong("holds the end of a line"));
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}
