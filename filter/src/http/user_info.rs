//! The credentials in a URL, `http://me:secret@host/`: read as Go's `net/url` reads them, and sent as Go's client sends them.
//! Only the service and the script that wrote them get the secret: never a log, an error or a metric.

use std::borrow::Cow;
use std::fmt;

use super::headers::Headers;
use super::names;
use super::percent::{percent_decode, push_escaped};

/// A name and perhaps a password, both decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct UserInfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl UserInfo {
    /// Reads the text before `@`.
    ///
    /// # Errors
    /// Go's reason. It does not name a broken escape, which may be a part of the secret.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_valid = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte));
        if !is_valid {
            return Err("net/url: invalid userinfo");
        }
        let decoded =
            |text: &str| percent_decode(text.as_bytes()).map(Cow::into_owned).ok_or("invalid URL escape in userinfo");
        Ok(match text.split_once(':') {
            Some((name, password)) => Self { name: decoded(name)?, password: Some(decoded(password)?) },
            None => Self { name: decoded(text)?, password: None },
        })
    }

    /// The credentials as in a URL: `me:secret`, percent-encoded.
    pub fn written(&self) -> String {
        let mut out = String::new();
        encode(&self.name, &mut out);
        if let Some(password) = &self.password {
            out.push(':');
            encode(password, &mut out);
        }
        out
    }

    /// The value of `Authorization` that Go's client makes of the credentials.
    pub fn basic(&self) -> String {
        let password = self.password.as_deref().unwrap_or_default();
        let joined: Vec<u8> = [self.name.as_slice(), b":", password].concat();
        format!("Basic {}", base64(&joined))
    }
}

/// The text that may be shown: the name if there is a password too, and `***`. Go shows the name always, but without a password
/// the name may be the secret.
impl fmt::Display for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.password.is_some() {
            let mut name = String::new();
            encode(&self.name, &mut name);
            write!(f, "{name}:")?;
        }
        f.write_str("***")
    }
}

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserInfo({self})")
    }
}

/// Adds the `Authorization` header for the URL's credentials to a request, unless the request has such a header that is not
/// empty.
pub fn authorize(headers: &mut Headers, user: Option<&UserInfo>) {
    if let Some(user) = user
        && headers.get(names::AUTHORIZATION).is_none_or(<[u8]>::is_empty)
    {
        headers.set(names::AUTHORIZATION, user.basic());
    }
}

/// A text that should be a URL, without the credentials in it.
pub fn without_credentials(text: &str) -> String {
    let start = text.find("//").map_or(0, |at| at.saturating_add(2));
    let (front, rest) = text.split_at_checked(start).unwrap_or((text, ""));
    let (authority, behind) =
        rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len())).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{front}***@{host}{behind}"),
        None => text.to_owned(),
    }
}

fn encode(text: &[u8], out: &mut String) {
    for byte in text {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,;=".contains(byte) {
            out.push(char::from(*byte));
        } else {
            push_escaped(*byte, out);
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| char::from(LETTERS.get((bits & 63) as usize).copied().unwrap_or(b'='));
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.push(letter(bits >> 18));
        out.push(letter(bits >> 12));
        out.push(if chunk.len() > 1 { letter(bits >> 6) } else { '=' });
        out.push(if chunk.len() > 2 { letter(bits) } else { '=' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_basic() {
        let table = [
            ("user:pass", "Basic dXNlcjpwYXNz"),
            ("us%20er:p%40ss", "Basic dXMgZXI6cEBzcw=="),
            ("user", "Basic dXNlcjo="),
            ("user:", "Basic dXNlcjo="),
            (":p", "Basic OnA="),
            ("a:b:c", "Basic YTpiOmM="),
            ("%C3%A9:%ff", "Basic w6k6/w=="),
        ];
        for (text, basic) in table {
            assert_eq!(UserInfo::parse(text).unwrap().basic(), basic, "{text}");
        }
    }

    #[test]
    fn credentials_are_written_back_as_go_does_and_told_to_nobody() {
        let table = [
            ("me:s%20ecret", "me:s%20ecret", "me:***"),
            ("token!", "token%21", "***"),
            ("a:b:c", "a:b%3Ac", "a:***"),
            ("a@b:c", "a%40b:c", "a%40b:***"),
        ];
        for (text, written, told) in table {
            let user = UserInfo::parse(text).unwrap();
            assert_eq!((user.written().as_str(), user.to_string().as_str()), (written, told));
            assert_eq!(format!("{user:?}"), format!("UserInfo({told})"));
        }
    }

    #[test]
    fn what_is_no_user_is_refused_without_saying_it() {
        assert_eq!(UserInfo::parse("a b:c").unwrap_err(), "net/url: invalid userinfo");
        assert_eq!(UserInfo::parse("a:s%zz").unwrap_err(), "invalid URL escape in userinfo");
    }

    #[test]
    fn a_text_loses_its_credentials() {
        let table = [
            ("http://me:secret@h/p?a=b@c", "http://***@h/p?a=b@c"),
            ("http://me:se@cret@h", "http://***@h"),
            ("//me@h/", "//***@h/"),
            ("me:secret@h:80", "***@h:80"),
            ("http://h/@x", "http://h/@x"),
            ("/p@x", "/p@x"),
            ("", ""),
        ];
        for (text, told) in table {
            assert_eq!(without_credentials(text), told);
        }
    }
}
