//! The numbers and the one binary format of the proxy-wasm ABI 0.2.1: statuses, log levels, header pairs. Knows nothing of
//! wasmtime or of streams.

/// The result of a hostcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Ok = 0,
    NotFound = 1,
    BadArgument = 2,
    InvalidMemoryAccess = 6,
    Empty = 7,
    CasMismatch = 8,
    InternalFailure = 10,
    Unimplemented = 12,
}

/// Levels of a log line, in the ABI's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum LogLevel {
    Trace = 0,
    Debug = 1,
    Info = 2,
    Warn = 3,
    Error = 4,
    Critical = 5,
}

impl LogLevel {
    pub(crate) fn from_abi(level: u32) -> Option<Self> {
        [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Critical]
            .into_iter()
            .find(|known| *known as u32 == level)
    }
}

/// The header map that a hostcall names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MapKind {
    Request,
    Response,
    Reply,
    ReplyTrailers,
    /// Trailers of streams, and gRPC metadata: this simulator never has them.
    Absent,
}

impl MapKind {
    pub(crate) fn from_abi(kind: u32) -> Result<Self, Status> {
        match kind {
            0 => Ok(Self::Request),
            2 => Ok(Self::Response),
            6 => Ok(Self::Reply),
            7 => Ok(Self::ReplyTrailers),
            1 | 3 | 4 | 5 => Ok(Self::Absent),
            _ => Err(Status::BadArgument),
        }
    }
}

/// The most bytes of pairs that Envoy reads from a module.
const MAX_PAIRS_BYTES: usize = 1024 * 1024;
/// The most pairs that Envoy reads from a module.
const MAX_PAIRS: usize = 1024;

/// A name and a value, as they are passed to and from a module.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Header pairs as a module expects them: the count, the lengths, then the texts, each with a NUL at its end.
pub(crate) fn write_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a [u8])> + Clone) -> Vec<u8> {
    let size = |text: &[u8]| (text.len() as u32).to_le_bytes();
    let mut bytes = (pairs.clone().count() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs.clone() {
        bytes.extend(size(name.as_bytes()));
        bytes.extend(size(value));
    }
    for (name, value) in pairs {
        for text in [name.as_bytes(), value] {
            bytes.extend(text);
            bytes.push(0);
        }
    }
    bytes
}

/// The pairs that a module wrote; `None` if Envoy would not read them (it would go on without any pairs, and say nothing).
pub(crate) fn read_pairs(bytes: &[u8]) -> Option<Vec<Pair>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    if bytes.len() > MAX_PAIRS_BYTES {
        return None;
    }
    let mut reader = Reader(bytes);
    let count = reader.number()?;
    if count > MAX_PAIRS {
        return None;
    }
    let lengths: Vec<(usize, usize)> =
        (0..count).map(|_| Some((reader.number()?, reader.number()?))).collect::<Option<_>>()?;
    let pairs = lengths
        .into_iter()
        .map(|(name, value)| Some((reader.text(name)?, reader.text(value)?)))
        .collect::<Option<_>>()?;
    reader.0.is_empty().then_some(pairs)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<usize> {
        let (bytes, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*bytes) as usize)
    }

    fn text(&mut self, length: usize) -> Option<Vec<u8>> {
        let (text, rest) = self.0.split_at_checked(length)?;
        let (end, rest) = rest.split_first()?;
        self.0 = rest;
        (*end == 0).then(|| text.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_survive_the_border() {
        let bytes = write_pairs([("a", &b"1"[..]), ("b", b"")].into_iter());
        let pairs = read_pairs(&bytes).unwrap();
        assert_eq!(pairs, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), Vec::new())]);
    }

    #[test]
    fn too_many_pairs_and_broken_ones_are_not_read() {
        let many: Vec<(String, Vec<u8>)> = (0..1025).map(|i| (format!("h{i}"), vec![])).collect();
        let bytes = write_pairs(many.iter().map(|(n, v)| (n.as_str(), v.as_slice())));
        assert_eq!(read_pairs(&bytes), None);
        assert_eq!(read_pairs(&[1, 0, 0, 0, 255, 255, 255, 255]), None);
        assert_eq!(read_pairs(&[0, 0, 0, 0, 7]), None);
    }
}
