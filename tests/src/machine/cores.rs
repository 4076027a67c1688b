//! The cores of this machine in two parts, for a test that measures: work on one part does not take time from the other part,
//! nor its cache. Threads and processes that a thread starts stay on the thread's cores.

use std::process::Command;
use std::{fs, panic, thread};

/// One core, and the other cores, in Linux's notation: `0`, `1-3,6`.
#[derive(Debug, PartialEq)]
pub struct Parts {
    one: String,
    others: String,
}

impl Parts {
    /// The cores of this thread, divided; `None` if there is only one core, or if cores cannot be chosen.
    pub fn of_this_machine() -> Option<Self> {
        let status = fs::read_to_string("/proc/thread-self/status").ok()?;
        let cores = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
        let parts = Self::of(cores)?;
        thread::scope(|scope| scope.spawn(|| keep_to(&parts.one)).join().unwrap()).then_some(parts)
    }

    fn of(cores: &str) -> Option<Self> {
        let mut numbers = Vec::new();
        for part in cores.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            numbers.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
        }
        let mut numbers = numbers.iter().map(usize::to_string);
        let (one, others) = (numbers.next()?, numbers.collect::<Vec<_>>());
        (!others.is_empty()).then(|| Self { one, others: others.join(",") })
    }

    /// Runs the work, and everything that it starts, on the one core.
    pub fn on_one<T: Send>(parts: Option<&Self>, work: impl FnOnce() -> T + Send) -> T {
        on(parts.map(|parts| parts.one.as_str()), work)
    }

    /// Runs the work on the other cores.
    pub fn on_the_others<T: Send>(parts: Option<&Self>, work: impl FnOnce() -> T + Send) -> T {
        on(parts.map(|parts| parts.others.as_str()), work)
    }
}

/// The work runs on a thread of its own, which ends with it, so the setting need not be undone.
fn on<T: Send>(cores: Option<&str>, work: impl FnOnce() -> T + Send) -> T {
    let kept = || {
        assert!(cores.is_none_or(keep_to), "this thread cannot be kept to {cores:?}");
        work()
    };
    thread::scope(|scope| scope.spawn(kept).join()).unwrap_or_else(|reason| panic::resume_unwind(reason))
}

/// Uses the command taskset, because the standard library cannot do this.
fn keep_to(cores: &str) -> bool {
    let Ok(thread) = fs::read_link("/proc/thread-self") else { return false };
    let number = thread.file_name().unwrap();
    let output = Command::new("taskset").args(["--cpu-list", "--pid", cores]).arg(number).output();
    output.is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> String {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim().to_owned()
    }

    #[test]
    fn lists_of_cores_are_divided() {
        let parts = |one: &str, others: &str| Some(Parts { one: one.into(), others: others.into() });
        assert_eq!(Parts::of("0-1"), parts("0", "1"));
        assert_eq!(Parts::of("2,4-6"), parts("2", "4,5,6"));
        assert_eq!(Parts::of("3"), None);
        assert_eq!(Parts::of("none"), None);
    }

    #[test]
    fn a_thread_is_kept_to_its_part_and_hands_it_on() {
        let before = allowed();
        let Some(parts) = Parts::of_this_machine() else { return };
        assert_eq!(Parts::on_one(Some(&parts), || thread::spawn(allowed).join().unwrap()), parts.one);
        assert_eq!(Parts::on_the_others(Some(&parts), || thread::spawn(allowed).join().unwrap()), parts.others);
        assert_eq!((Parts::on_one(None, allowed), allowed()), (before.clone(), before));
    }
}
