//! Several calls of one backend for one request (`concurrent_calls`): the first complete answer counts, and the other calls are
//! dropped. If no answer is complete, KrakenD takes the last failure, else the last answer (proxy/concurrent.go).

use super::leg::Outcome;

/// The calls of one backend.
pub(super) struct Race {
    left: usize,
    last_failure: Option<Outcome>,
    last_answer: Option<Outcome>,
}

impl Race {
    /// A race in which no call has ended.
    pub(super) fn new(calls: usize) -> Self {
        Self { left: calls, last_failure: None, last_answer: None }
    }

    /// Notes that a call has ended with this outcome; gives the outcome of the race, once it is known.
    pub(super) fn ended(&mut self, outcome: Outcome) -> Option<Outcome> {
        self.left = self.left.saturating_sub(1);
        match &outcome {
            Ok(response) if response.borrow().complete => return Some(outcome),
            Ok(_) => self.last_answer = Some(outcome),
            Err(_) => self.last_failure = Some(outcome),
        }
        let all = self.left == 0;
        all.then(|| self.last_failure.take().or_else(|| self.last_answer.take())).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::bindings::ProxyResponse;
    use crate::pipeline::failure::Failure;

    fn answer(complete: bool, status: i64) -> Outcome {
        Ok(Rc::new(RefCell::new(ProxyResponse { complete, status, ..ProxyResponse::empty() })))
    }

    fn failure(message: &str) -> Outcome {
        Err(Failure::script(message.to_owned()))
    }

    // The number of the first call that decides the race, and the race's outcome.
    fn decided(outcomes: Vec<Outcome>) -> (usize, String) {
        let mut race = Race::new(outcomes.len());
        let (at, outcome) =
            outcomes.into_iter().enumerate().find_map(|(at, outcome)| Some((at, race.ended(outcome)?))).unwrap();
        (at, outcome.map_or_else(|failure| failure.to_string(), |response| response.borrow().status.to_string()))
    }

    #[test]
    fn the_first_complete_answer_counts_and_then_the_last_failure() {
        let table = [
            (vec![answer(true, 1), answer(true, 2)], (0, "1")),
            (vec![failure("a"), answer(false, 1), answer(true, 2), failure("b")], (2, "2")),
            (vec![failure("a"), failure("b")], (1, "b")),
            (vec![failure("a"), answer(false, 1)], (1, "a")),
            (vec![answer(false, 1), answer(false, 2)], (1, "2")),
        ];
        for (outcomes, (at, wanted)) in table {
            assert_eq!(decided(outcomes), (at, wanted.to_owned()));
        }
    }
}
