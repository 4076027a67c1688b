//! The sections in which LLVM's instrumentation counts blocks, and the file that `llvm-profdata` reads: a *raw profile* of version 10
//! (LLVM 20 to 22; `llvm/include/llvm/ProfileData/InstrProfData.inc`), of a program with addresses of 32 bits.

use std::ops::Range;

use host_sim::Sim;

/// The letters that a raw profile begins with, for addresses of 32 bits.
const MAGIC: u64 = u64::from_be_bytes(*b"\xfflprofR\x81");

/// The version, and the mark of counters that were put into LLVM's own language (and not by a front end).
const VERSION: u64 = 10 | 1 << 56;

/// The size of what is kept of each function: hashes of its name and its shape, and where its counters are.
const FUNCTION: usize = 48;

/// The last of the kinds of values that this version knows. We have none of them.
const LAST_KIND_OF_VALUE: u64 = 2;

/// All counts of a kind of request together are about as many, so that each kind weighs the same.
const WEIGHT: u64 = 1_000_000;

/// Where the sections are in the module's memory.
pub(crate) struct Sections {
    functions: Range<usize>,
    counters: Range<usize>,
    names: Range<usize>,
}

impl Sections {
    /// The sections of a module that was linked so that it exports their ends; `None` if it does not.
    pub(crate) fn of(sim: &mut Sim) -> Option<Self> {
        let mut section = |name: &str| {
            let mut end = |which: &str| usize::try_from(sim.global(&format!("__{which}___llvm_prf_{name}"))?).ok();
            Some(end("start")?..end("stop")?)
        };
        Some(Self { functions: section("data")?, counters: section("cnts")?, names: section("names")? })
    }

    /// The raw profile of what was counted between two states of the memory; `None` if the sections are not in it.
    pub(crate) fn raw_profile(&self, before: &[u8], after: &[u8]) -> Option<Vec<u8>> {
        let counts = |memory: &[u8]| {
            let bytes = memory.get(self.counters.clone())?;
            Some(bytes.as_chunks().0.iter().map(|count| u64::from_le_bytes(*count)).collect::<Vec<_>>())
        };
        let mut added = counts(after)?;
        for (count, before) in added.iter_mut().zip(counts(before)?) {
            *count = count.wrapping_sub(before);
        }
        let all = added.iter().sum::<u64>().max(1);
        let (functions, names) = (after.get(self.functions.clone())?, after.get(self.names.clone())?);
        // Functions say where their counters are by the distance from their own place.
        let distance = u32::try_from(self.counters.start).ok()?.wrapping_sub(u32::try_from(self.functions.start).ok()?);
        let header = [
            MAGIC,
            VERSION,
            0, // bytes of identifiers of the program
            (functions.len() / FUNCTION) as u64,
            0, // padding in front of the counters
            added.len() as u64,
            0, // padding behind them
            0, // bytes of bitmaps
            0, // padding behind them
            names.len() as u64,
            distance.into(),
            0, // the distance to the bitmaps
            self.names.start as u64,
            0, // tables of virtual functions
            0, // bytes of their names
            LAST_KIND_OF_VALUE,
        ];
        // What has run once in many requests stays more than nothing.
        let weighed = added.iter().map(|count| (count * WEIGHT).div_ceil(all));
        let mut file: Vec<u8> = header.into_iter().flat_map(u64::to_le_bytes).collect();
        file.extend(functions);
        file.extend(weighed.flat_map(u64::to_le_bytes));
        file.extend(names);
        file.resize(file.len().next_multiple_of(8), 0);
        Some(file)
    }
}
