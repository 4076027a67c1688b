//! Requests of the gateway to itself: a header of its own names the endpoints that a request has come through, so that a loop
//! ends and can be reported.
//!
//! The header is set only on requests to the gateway's own address, and removed from every other request: no script and no
//! service sees it. A client that sends such a header can make its own request fail, and nothing else.

use super::failure::Failure;
use crate::config::Endpoint;
use crate::http::{Headers, names};

/// This many requests that wait for each other are a loop.
const MOST: usize = 16;

const NO_ENDPOINT: &str = "-";

/// The numbers of the endpoints that a request has come through, the outermost first; `None` if no endpoint fitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lineage(Vec<Option<usize>>);

impl Lineage {
    /// The lineage of a request that comes in.
    pub(crate) fn of(headers: &Headers) -> Self {
        let text = headers.get_str(names::LINEAGE);
        Self(
            text.map(|text| text.split('.').take(MOST).map(|number| number.parse().ok()).collect()).unwrap_or_default(),
        )
    }

    /// The header's value for a request that an exchange of this endpoint sends.
    pub(crate) fn continued(&self, endpoint: Option<usize>) -> String {
        let number =
            |number: &Option<usize>| number.map_or_else(|| NO_ENDPOINT.to_owned(), |number| number.to_string());
        self.0.iter().chain([&endpoint]).map(number).collect::<Vec<_>>().join(".")
    }

    /// Refuses a request that has come through too many endpoints.
    pub(crate) fn check(&self, endpoint: Option<usize>, endpoints: &[Endpoint]) -> Result<(), Failure> {
        if self.0.len() < MOST {
            return Ok(());
        }
        let name = |number: &Option<usize>| {
            let endpoint = number.and_then(|number| endpoints.get(number));
            endpoint
                .map_or_else(|| "no endpoint".to_owned(), |endpoint| format!("{} {}", endpoint.method, endpoint.path))
        };
        // The message names the loop only once.
        let since = self.0.iter().rposition(|number| *number == endpoint).unwrap_or_default();
        let way = self.0.get(since..).unwrap_or_default().iter().chain([&endpoint]).map(name).collect::<Vec<_>>();
        Err(Failure::Loop { way: way.join(" -> "), times: self.0.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Lineage {
        Lineage::of(&Headers::from_iter([(names::LINEAGE.as_str(), text)]))
    }

    #[test]
    fn it_is_carried_from_request_to_request() {
        let first = Lineage::default().continued(Some(3));
        assert_eq!(first, "3");
        let second = taken(&first).continued(None);
        assert_eq!(second, "3.-");
        assert_eq!(taken(&second).continued(Some(0)), "3.-.0");
    }

    #[test]
    fn too_long_a_way_is_a_loop_whatever_stands_in_the_header() {
        let check = |text: &str| taken(text).check(Some(1), &[]);
        assert_eq!(check(&["1"; MOST - 1].join(".")), Ok(()));
        for text in ["1", "", "x", "99999999999999999999", "-"] {
            let failure = check(&[text; MOST * 2].join(".")).unwrap_err();
            assert_eq!(failure.status(), 508, "{text}");
            assert!(failure.to_string().contains("16 times"), "{failure}");
        }
        assert_eq!(
            Lineage::of(&Headers::from_iter([(names::LINEAGE.as_str(), b"\xff".as_slice())])),
            Lineage::default()
        );
    }
}
