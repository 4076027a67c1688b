//! Plays cases on all cores. Each case gets a module that has just been started, so that no case sees another case.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::file::TestFile;
use super::judge::{Mismatch, judge};
use super::progress::Progress;
use crate::Trouble;
use crate::play::{Conditions, Player, Story};

/// A case, named by the number of its file and its number in that file.
pub(super) type Place = (usize, usize);

/// A case that was played.
pub(super) struct Played {
    pub(super) place: Place,
    pub(super) took: Duration,
    /// The story of the case and the differences; trouble: the case could not be played.
    pub(super) outcome: Result<(Story, Vec<Mismatch>), Trouble>,
}

/// Plays these cases; each file has its player. The conditions apply where a case sets none of its own.
pub(super) fn play(files: &[TestFile], players: &[Player<'_>], cases: &[Place], conditions: Conditions) -> Vec<Played> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(cases.len());
    let mut played: Vec<Played> = std::thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(place) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // If nobody receives results any more, the other cases need not be played.
                    let Some(done) = play_one(files, players, *place, conditions) else { continue };
                    if sender.send(done).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut progress = Progress::new(cases.len());
        let all = receiver.iter().inspect(|played| {
            let failed = played.outcome.as_ref().map_or(true, |(_, found)| !found.is_empty());
            progress.step(failed);
        });
        all.collect()
    });
    played.sort_by_key(|played| played.place);
    played
}

fn play_one(files: &[TestFile], players: &[Player<'_>], place: Place, conditions: Conditions) -> Option<Played> {
    let case = files.get(place.0)?.cases.get(place.1)?;
    let player = players.get(place.0)?;
    let begun = Instant::now();
    let story = player.play(&case.arrival, case.rules.as_deref(), case.conditions.or(conditions));
    let outcome = story.map(|story| {
        let found = judge(case.expect.as_ref(), &story);
        (story, found)
    });
    Some(Played { place, took: begun.elapsed(), outcome })
}
