//! `security/cors`: the headers of the answer to a preflight, and those of any other response. Decides like rs/cors, and like
//! the script in front of Envoy's filters (`bundle/templates/front.lua`): a change here needs the same change there.

use hyper::header::HeaderValue;
use lua_modifier::config::{Cors, Origins};

use super::Marks;
use super::asked::Asked;

/// The number of empty names that a list may have, as in rs/cors.
const MOST_EMPTY: usize = 16;

/// The headers of the answer to a preflight; none if the request is not a preflight.
pub(super) fn preflight(cors: &Cors, asked: &Asked<'_>) -> Option<Marks> {
    let method = asked.joined("access-control-request-method").filter(|method| !method.is_empty())?;
    if asked.method != "OPTIONS" {
        return None;
    }
    let mut marks = vec![("vary", HeaderValue::from_static(cors.preflight_vary()))];
    let origin = asked.joined("origin").unwrap_or_default();
    let names = asked.joined("access-control-request-headers");
    if !allows_origin(cors, &origin) || !allows_method(cors, &method) {
        return Some(marks);
    }
    if let (Some(names), Some(known)) = (&names, &cors.headers)
        && !allows_headers(known, names)
    {
        return Some(marks);
    }
    marks.extend(echo("access-control-allow-origin", allowed_origin(cors, &origin)));
    marks.extend(echo("access-control-allow-methods", &method));
    marks
        .extend(names.filter(|names| !names.is_empty()).and_then(|names| echo("access-control-allow-headers", &names)));
    if cors.credentials {
        marks.push(("access-control-allow-credentials", HeaderValue::from_static("true")));
    }
    if cors.private_network && asked.first("access-control-request-private-network") == b"true" {
        marks.push(("access-control-allow-private-network", HeaderValue::from_static("true")));
    }
    marks.extend(cors.max_age.map(|seconds| ("access-control-max-age", HeaderValue::from(seconds))));
    Some(marks)
}

/// The headers of the response to any other request, except `Vary`.
pub(super) fn actual(cors: &Cors, asked: &Asked<'_>) -> Marks {
    let origin = asked.joined("origin").unwrap_or_default();
    let mut marks = Marks::new();
    if allows_origin(cors, &origin) && allows_method(cors, asked.method.as_bytes()) {
        marks.extend(echo("access-control-allow-origin", allowed_origin(cors, &origin)));
        let exposed = cors.exposed.as_ref();
        marks.extend(exposed.and_then(|names| echo("access-control-expose-headers", names.as_bytes())));
        if cors.credentials {
            marks.push(("access-control-allow-credentials", HeaderValue::from_static("true")));
        }
    }
    marks
}

fn echo(name: &'static str, value: &[u8]) -> Option<(&'static str, HeaderValue)> {
    Some((name, HeaderValue::from_bytes(value).ok()?))
}

fn allowed_origin<'a>(cors: &Cors, origin: &'a [u8]) -> &'a [u8] {
    if cors.origins == Origins::Any { b"*" } else { origin }
}

fn allows_origin(cors: &Cors, origin: &[u8]) -> bool {
    let Origins::These(names, patterns) = &cors.origins else { return !origin.is_empty() };
    // An origin that a browser sends has no comma: a comma means two headers that were joined.
    if origin.is_empty() || !origin.iter().all(|byte| byte.is_ascii_graphic() && *byte != b',') {
        return false;
    }
    let origin = origin.to_ascii_lowercase();
    let fits = |(start, end): &(String, String)| {
        let rest = origin.strip_prefix(start.as_bytes());
        rest.is_some_and(|rest| rest.ends_with(end.as_bytes()))
    };
    names.iter().any(|name| name.as_bytes() == origin) || patterns.iter().any(fits)
}

fn allows_method(cors: &Cors, method: &[u8]) -> bool {
    method == b"OPTIONS" || cors.methods.iter().any(|known| known.as_bytes() == method)
}

// Browsers send the names in alphabetical order, in lower case, each name once.
fn allows_headers(known: &[String], list: &[u8]) -> bool {
    let (mut last, mut empty) = (None, 0_usize);
    for name in list.split(|byte| *byte == b',') {
        let name = name.strip_prefix(b" ").or(name.strip_prefix(b"\t")).unwrap_or(name);
        let name = name.strip_suffix(b" ").or(name.strip_suffix(b"\t")).unwrap_or(name);
        if name.is_empty() {
            empty = empty.saturating_add(1);
            if empty > MOST_EMPTY {
                return false;
            }
            continue;
        }
        let place = known.iter().position(|known| known.as_bytes() == name);
        if place.is_none() || place <= last {
            return false;
        }
        last = place;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<String> {
        ["a", "b", "x-c"].map(str::to_owned).to_vec()
    }

    #[test]
    fn names_are_allowed_in_their_order_and_each_once() {
        for list in ["", "a", "b", "a,b,x-c", "a, b", "a ,x-c", " a\t,\tb ", ",,a,,", "  "] {
            assert!(allows_headers(&known(), list.as_bytes()), "{list:?}");
        }
        for list in ["A", "b,a", "a,a", "a,d", "  a", "a,  b", "   ", ",,,,,,,,,,,,,,,,,", "a\u{0}", "a;b"] {
            assert!(!allows_headers(&known(), list.as_bytes()), "{list:?}");
        }
    }
}
