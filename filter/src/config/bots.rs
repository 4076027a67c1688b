//! The namespace `security/bot-detector`: the values of `User-Agent` that are not served. Decides about such a value as
//! krakend-botdetector does; knows no request.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::migration;
use super::namespaces::BOTS;
use super::notices::Notices;
use super::pattern::{Pattern, Subject};
use super::protection::protection_at;
use super::reader::{Node, Result};

/// The rules that tell bots by their `User-Agent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotDetector {
    allow: HashSet<Vec<u8>>,
    deny: HashSet<Vec<u8>>,
    patterns: Vec<Pattern>,
    empty_is_bot: bool,
    /// For how many values of `User-Agent` the answer of the patterns is remembered.
    pub cache_size: usize,
}

/// The answer of the lists about a `User-Agent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It belongs to a bot.
    Bot,
    /// It does not belong to a bot.
    Welcome,
    /// It is in no list: patterns decide.
    Unknown,
}

/// A longer `User-Agent` counts as a bot's if there are patterns: no browser sends one, and matching takes longer for each
/// byte.
const LONGEST_AGENT: usize = 4096;
/// The limit for the patterns of a whole document together: in the worst case, about this many steps are taken for each byte.
const MOST_WEIGHT: u64 = 100_000;
/// The `cache_size` if the document gives none.
const REMEMBERED: usize = 1000;

impl BotDetector {
    /// The answer that needs no pattern, for the value of the first `User-Agent`; empty if there is none.
    #[must_use]
    pub fn listed(&self, agent: &[u8]) -> Listed {
        if agent.is_empty() {
            return if self.empty_is_bot { Listed::Bot } else { Listed::Welcome };
        }
        match (self.allow.contains(agent), self.deny.contains(agent)) {
            (true, _) => Listed::Welcome,
            (false, true) => Listed::Bot,
            (false, false) if self.patterns.is_empty() => Listed::Welcome,
            (false, false) if agent.len() > LONGEST_AGENT => Listed::Bot,
            (false, false) => Listed::Unknown,
        }
    }

    /// Does one of the patterns match the `User-Agent`? This may take a millisecond.
    #[must_use]
    pub fn matches(&self, agent: &[u8]) -> bool {
        let subject = Subject::new(agent);
        self.patterns.iter().any(|pattern| pattern.is_in_subject(&subject))
    }
}

/// The detectors of one document: the same block often stands in many endpoints, and makes one detector.
#[derive(Default)]
pub(super) struct Detectors {
    known: RefCell<Vec<(Value, Arc<BotDetector>)>>,
}

impl Detectors {
    /// The detector of an `extra_config`; `None` if it has none, or if `ignore` names it.
    pub(super) fn read(&self, extra: &Node<'_>, notices: &mut Notices) -> Result<Option<Arc<BotDetector>>> {
        let Some(node) = protection_at(extra, BOTS, notices) else { return Ok(None) };
        notices.check_keys(&node, migration::BOTS)?;
        if let Some((_, known)) = self.known.borrow().iter().find(|(block, _)| block == node.value()) {
            return Ok(Some(Arc::clone(known)));
        }
        let weight = |patterns: &[Pattern]| patterns.iter().fold(0, |sum: u64, one| sum.saturating_add(one.weight()));
        let others = self.known.borrow().iter().fold(0, |sum: u64, (_, one)| sum.saturating_add(weight(&one.patterns)));
        let detector = detector(&node, MOST_WEIGHT.saturating_sub(others))?;
        let detector = Arc::new(detector);
        self.known.borrow_mut().push((node.value().clone(), Arc::clone(&detector)));
        Ok(Some(detector))
    }
}

fn detector(node: &Node<'_>, most: u64) -> Result<BotDetector> {
    let bytes = |key: &str| -> Result<HashSet<Vec<u8>>> {
        Ok(node.texts_at(key)?.into_iter().map(String::into_bytes).collect())
    };
    let (mut patterns, mut weight) = (Vec::new(), 0_u64);
    if let Some(list) = node.get("patterns") {
        for item in list.items()? {
            // KrakenD leaves the whole detector out, and says so only in its log.
            let pattern = Pattern::new(item.text()?).map_err(|why| {
                item.error(format!("{why}; what Go does not compile switches KrakenD's detector off"))
            })?;
            weight = weight.saturating_add(pattern.weight());
            if weight > most {
                return Err(item.error(format!(
                    "the patterns of the document are too many from here on: about {MOST_WEIGHT} letters and signs, repetitions counted"
                )));
            }
            patterns.push(pattern);
        }
    }
    let cache_size = node.get("cache_size").map(|size| size.count()).transpose()?.unwrap_or_default();
    Ok(BotDetector {
        allow: bytes("allow")?,
        deny: bytes("deny")?,
        patterns,
        empty_is_bot: node.flag_at("empty_user_agent_is_bot")?,
        cache_size: usize::try_from(cache_size).ok().filter(|size| *size > 0).unwrap_or(REMEMBERED),
    })
}
