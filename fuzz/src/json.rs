//! Any bytes as JSON: our parser reads all that serde_json reads, and the written text gives the same value when it is read
//! again.

use lua_modifier::data::{parse, write};

const MOST: usize = 1 << 20;

pub(crate) fn run(data: &[u8]) {
    let read = parse(data);
    // serde_json has other limits: it refuses bytes that are not UTF-8, half surrogates and more than 128 levels.
    if let Ok(text) = std::str::from_utf8(data) {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
        if let Some(Ok(theirs)) = stream.next() {
            let ours = read.as_ref().unwrap_or_else(|fault| panic!("{fault} in {text:?}"));
            if let Ok(written) = write(ours, MOST) {
                let again: serde_json::Value = serde_json::from_slice(&written).unwrap();
                assert_eq!(again, theirs, "{text:?}");
            }
        }
    }
    let Ok(value) = read else { return };
    let Ok(written) = write(&value, MOST) else { return };
    // A document like the last one is read in a shorter way.
    for _ in 0..2 {
        let again = parse(data).unwrap_or_else(|fault| panic!("{fault} when {data:?} was read again"));
        assert_eq!(write(&again, MOST).unwrap(), written, "{data:?}");
    }
    let again = parse(written.clone()).unwrap_or_else(|fault| panic!("{fault} in what was written of {data:?}"));
    assert_eq!(write(&again, MOST).unwrap(), written, "{data:?}");
}
