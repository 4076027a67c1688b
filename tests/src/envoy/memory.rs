//! The memory of a process, as Linux reports it. V8 reserves gigabytes after each Wasm memory, so that every access outside it
//! is noticed. So a region that can be written and lies just before such a gap is a Wasm memory.

use std::fmt;
use std::fs;

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The real memory that the process uses.
    pub resident: u64,
    /// The sum of all Wasm memories.
    pub wasm: u64,
    /// The number of Wasm memories: one for each VM.
    pub vms: usize,
}

/// The least size of such a gap; no other gap is as large.
const GAP: u64 = 4 << 30;

impl Memory {
    pub(super) fn of(process: u32) -> Self {
        let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap();
        let status = read("status");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let resident = resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10;
        let (wasm, vms) = wasm(&read("maps"));
        Self { resident, wasm, vms }
    }
}

fn wasm(maps: &str) -> (u64, usize) {
    let regions: Vec<(u64, u64, &str)> = maps.lines().filter_map(region).collect();
    let memories = regions.windows(2).filter_map(|pair| {
        let [(start, end, rights), (gap, gap_end, no_rights)] = *pair else { return None };
        let is_one = rights == "rw-p" && no_rights == "---p" && end == gap && gap_end - gap >= GAP;
        is_one.then_some(end - start)
    });
    memories.fold((0, 0), |(bytes, vms), memory| (bytes + memory, vms + 1))
}

/// `start-end rights …`
fn region(line: &str) -> Option<(u64, u64, &str)> {
    let mut words = line.split_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(start)?, number(end)?, words.next()?))
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mega = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        write!(
            f,
            "{:.1} MB resident, {:.1} MB of Wasm memory in {} VMs",
            mega(self.resident),
            mega(self.wasm),
            self.vms
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wasm_memory_is_what_stands_before_a_gap_of_gigabytes() {
        let maps = "7fe1b7000000-7fe1b7190000 rw-p 00000000 00:00 0\n\
                    7fe1b7190000-7fe3b7000000 ---p 00000000 00:00 0\n\
                    7fe3b7000000-7fe3b7100000 rw-p 00000000 00:00 0 [heap]\n\
                    7fe3c7040000-7fe3e7000000 ---p 00000000 00:00 0\n";
        assert_eq!(wasm(maps), (0x19_0000, 1));
    }
}
