//! Patterns of endpoints and a path: the endpoint that is found fits the path, segment by segment; and a path that is made from
//! a pattern finds an endpoint.

use arbitrary::{Result, Unstructured};
use lua_modifier::config::{self, Configuration, Match};
use lua_modifier::http::encode_path;
use serde_json::json;

const LITERALS: [&str; 6] = ["a", "A", "b", "ab", "__health", "é"];

pub(crate) fn run(data: &[u8]) {
    let mut bytes = Unstructured::new(data);
    let Ok(paths) = patterns(&mut bytes) else { return };
    let (raw, of_pattern): (String, usize) = bytes.arbitrary().unwrap_or_default();
    let endpoints: Vec<_> =
        paths.iter().map(|path| json!({"endpoint": path, "backend": [{"host": ["a"], "url_pattern": "/"}]})).collect();
    let Ok(config) = config::read(json!({"version": 3, "endpoints": endpoints}).to_string().as_bytes()) else { return };
    fits(&config, &raw);
    fits(&config, &format!("/{raw}"));
    if let Some(path) = paths.get(of_pattern % paths.len().max(1)) {
        let filled: Vec<String> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "7".into() } else { encode_path(part.as_bytes()) })
            .collect();
        let met = fits(&config, &filled.join("/"));
        assert!(met || path == "/__health", "{path} does not meet its own endpoint");
    }
}

fn patterns(bytes: &mut Unstructured<'_>) -> Result<Vec<String>> {
    (0..bytes.int_in_range(1..=8)?).map(|_| pattern(bytes)).collect()
}

fn pattern(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut path = String::new();
    for position in 0..bytes.int_in_range(1..=5)? {
        path.push('/');
        match bytes.int_in_range(0..=4)? {
            0 | 1 => path.push_str(bytes.choose(&LITERALS)?),
            2 | 3 => path.push_str(&format!("{{p{position}}}")),
            _ => path.push_str(bytes.arbitrary()?),
        }
    }
    Ok(path)
}

/// Is an endpoint found? If so, checks that the path fits it.
fn fits(config: &Configuration, path: &str) -> bool {
    let Match::Endpoint { index, params } = config.routes.find("GET", path) else { return false };
    let pattern = &config.endpoints[index].path;
    let (path, _) = path.split_at(path.find('?').unwrap_or(path.len()));
    let decoded = lua_modifier::http::decode_path(path).unwrap();
    let (mut wanted, mut given): (Vec<&[u8]>, Vec<&[u8]>) = (segments(pattern.as_bytes()), segments(&decoded));
    // A star at the end stands for one segment or more.
    if wanted.pop_if(|last| *last == b"*").is_some() {
        assert!(given.len() > wanted.len(), "{path} met {pattern}");
        given.truncate(wanted.len());
    }
    assert_eq!(wanted.len(), given.len(), "{path} met {pattern}");
    let mut found = params.iter();
    for (wanted, given) in wanted.iter().zip(&given) {
        if wanted.starts_with(b"{") && wanted.ends_with(b"}") && wanted.len() > 2 {
            assert_eq!(found.next().map(|(_, value)| value.as_slice()), Some(*given), "{path} met {pattern}");
        } else {
            assert_eq!(wanted, given, "{path} met {pattern}");
        }
    }
    true
}

fn segments(path: &[u8]) -> Vec<&[u8]> {
    path.split(|byte| *byte == b'/').collect()
}
