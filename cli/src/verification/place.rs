//! Finds the token of a request, in the places where Envoy's `jwt_authn` is told to look.

use host_sim::Headers;
use lua_modifier::config::Place;

/// The token at a place; none if there is no value, or if there are several, because none of them may be chosen.
pub(super) fn token(headers: &Headers, place: &Place) -> Option<String> {
    match place {
        Place::Header(name) => {
            let mut values = headers.raw().filter(|(known, _)| known == name).map(|(_, value)| value);
            let value = std::str::from_utf8(values.next().filter(|_| values.next().is_none())?).ok()?;
            Some(bare(value)).filter(|token| !token.is_empty()).map(str::to_owned)
        }
        Place::Cookie(name) => {
            let lines = headers.raw().filter(|(known, _)| *known == "cookie");
            let pairs = lines.flat_map(|(_, line)| line.split(|byte| *byte == b';'));
            let cookies = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='));
            cookies.into_iter().find(|(known, _)| known == name).map(|(_, value)| value.trim_matches('"').to_owned())
        }
    }
}

/// The text after `Bearer `, in upper or lower case; without `Bearer `, the whole text.
fn bare(value: &str) -> &str {
    let (scheme, rest) = value.split_at_checked(7).unwrap_or(("", value));
    if scheme.eq_ignore_ascii_case("bearer ") { rest.trim() } else { value.trim() }
}

/// A place in words.
pub(super) fn named(place: &Place) -> String {
    match place {
        Place::Header(name) => format!("the header {name}"),
        Place::Cookie(name) => format!("the cookie {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(place: &Place, lines: &[(&str, &str)]) -> Option<String> {
        token(&lines.iter().copied().collect(), place)
    }

    #[test]
    fn a_header_counts_once_with_or_without_its_scheme() {
        let place = Place::Header("authorization".to_owned());
        for value in ["Bearer t.o.k", "bEaReR t.o.k", "Bearer  t.o.k", "t.o.k", " t.o.k "] {
            assert_eq!(found(&place, &[("authorization", value)]).as_deref(), Some("t.o.k"), "{value}");
        }
        assert_eq!(found(&place, &[("authorization", "Basic dTpw")]).as_deref(), Some("Basic dTpw"));
        assert_eq!(found(&place, &[("authorization", "")]), None);
        // Envoy joins these two headers to one value, which is no token.
        let both = found(&place, &[("authorization", "Bearer a"), ("authorization", "Bearer b")]);
        assert_eq!(both.as_deref(), Some("a,Bearer b"));
        assert_eq!(found(&place, &[("x-other", "Bearer a")]), None);
    }

    #[test]
    fn the_first_cookie_of_a_name_counts() {
        let place = Place::Cookie("jwt".to_owned());
        assert_eq!(found(&place, &[("cookie", "a=1; jwt=x; jwt=y")]).as_deref(), Some("x"));
        assert_eq!(found(&place, &[("cookie", "a=1"), ("cookie", "jwt=\"x\"")]).as_deref(), Some("x"));
        assert_eq!(found(&place, &[("cookie", "ajwt=1; jwtb=2")]), None);
    }
}
