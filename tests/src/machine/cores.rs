//! The cores of this machine in two parts, for a test that measures: what runs on one does not take time from the other, nor
//! its cache. A thread that is kept to some cores hands that on to the threads and the processes that it starts.

use std::process::Command;
use std::{fs, panic, thread};

/// One core, and the others; as Linux writes them: `0`, `1-3,6`.
#[derive(Debug, PartialEq)]
pub struct Parts {
    one: String,
    others: String,
}

impl Parts {
    /// What this thread may run on, divided; none where that is one core alone, or cannot be chosen.
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

    /// Does something on the one core, and so does all that it starts.
    pub fn on_one<T: Send>(parts: Option<&Self>, work: impl FnOnce() -> T + Send) -> T {
        on(parts.map(|parts| parts.one.as_str()), work)
    }

    /// Does something on the others.
    pub fn on_the_others<T: Send>(parts: Option<&Self>, work: impl FnOnce() -> T + Send) -> T {
        on(parts.map(|parts| parts.others.as_str()), work)
    }
}

/// On a thread of its own, which ends with the work: so there is nothing to take back.
fn on<T: Send>(cores: Option<&str>, work: impl FnOnce() -> T + Send) -> T {
    let kept = || {
        assert!(cores.is_none_or(keep_to), "this thread cannot be kept to {cores:?}");
        work()
    };
    thread::scope(|scope| scope.spawn(kept).join()).unwrap_or_else(|reason| panic::resume_unwind(reason))
}

/// By the command, as the standard library has nothing to say here.
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
