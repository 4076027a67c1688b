//! The outcome of a message, read from the answer to it. The module names it in a header. The status decides nothing: a merge
//! that lacks a part is an answer and a failure, and an agent that did everything right may pass on a backend's 500.

use std::future::poll_fn;
use std::pin::Pin;

use host_sim::Headers;
use hyper::body::{Body, Bytes};
use lua_modifier::pipeline::OUTCOME_HEADER;

/// The most bytes of an error text that are kept.
const LONGEST: usize = 8 * 1024;

/// The outcome of a message.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Done,
    /// The message failed; the reason in one line.
    Failed(String),
    /// Envoy could not be reached, so no script has seen the message; the reason.
    Unplayed(String),
}

/// Reads an answer to its end. After `done`, a body that breaks off changes nothing.
pub(super) async fn of<B>(headers: &Headers, body: B) -> Outcome
where
    B: Body<Data = Bytes> + Unpin,
{
    let said = headers.get(OUTCOME_HEADER).map(|said| said.trim().to_ascii_lowercase());
    if said.as_deref() == Some("done") {
        let _ = read(body, 0).await;
        return Outcome::Done;
    }
    let text = read(body, LONGEST).await;
    let text = String::from_utf8_lossy(&text);
    let line = text.trim().replace(['\r', '\n'], " ");
    Outcome::Failed(match (said.as_deref(), line.is_empty()) {
        (Some("failed"), false) => line,
        (Some("failed"), true) => "it failed, and no reason was given".to_owned(),
        // Envoy made the answer itself, or its module does not serve agents.
        (_, true) => format!("the answer {} does not say what came of it", headers.status()),
        (_, false) => format!("the answer {} does not say what came of it: {line}", headers.status()),
    })
}

/// Reads a body to its end, and returns its first bytes.
async fn read<B>(mut body: B, most: usize) -> Vec<u8>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Ok(data) = frame.into_data() {
            let room = most.saturating_sub(bytes.len());
            bytes.extend(data.iter().take(room));
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::backends::whole;
    use crate::embedded::pipe::pipe;

    fn outcome(pairs: &[(&str, &str)], body: &str) -> Outcome {
        let headers: Headers = pairs.iter().copied().collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(of(&headers, whole(body.as_bytes().to_vec())))
    }

    #[test]
    fn the_header_decides_and_nothing_else() {
        assert_eq!(outcome(&[(":status", "500"), (OUTCOME_HEADER, "done")], "no-op"), Outcome::Done);
        let failed = |words: &str| Outcome::Failed(words.to_owned());
        assert_eq!(outcome(&[(":status", "200"), (OUTCOME_HEADER, "failed")], "one\ntwo\n"), failed("one two"));
        assert_eq!(
            outcome(&[(":status", "200"), (OUTCOME_HEADER, "failed")], ""),
            failed("it failed, and no reason was given")
        );
        let silent = "the answer 404 does not say what came of it";
        assert_eq!(outcome(&[(":status", "404")], ""), failed(silent));
        assert_eq!(outcome(&[(":status", "404"), (OUTCOME_HEADER, "perhaps")], "x"), failed(&format!("{silent}: x")));
    }

    #[test]
    fn a_body_that_breaks_off_behind_done_is_done() {
        let headers: Headers = [(":status", "200"), (OUTCOME_HEADER, "done")].into_iter().collect();
        let (inlet, outlet) = pipe();
        inlet.push(b"half".to_vec());
        drop(inlet);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(of(&headers, outlet)), Outcome::Done);
    }
}
