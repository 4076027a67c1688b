//! What a module has counted, in either of two ways: by the counters that `finish --count` puts into a linked module, or by those
//! that LLVM puts into it while it compiles (`-C profile-generate`). Knows nothing of what is played.

use host_sim::Sim;

use super::sections::Sections;

/// How a module counts.
pub(crate) enum Counting {
    /// By `finish --count`: words of 32 bits, the whole of a memory.
    Finish,
    /// By LLVM.
    Llvm(Sections),
}

impl Counting {
    /// How the module of a host counts; `None` if it does not.
    pub(crate) fn of(sim: &mut Sim) -> Option<Self> {
        match sim.memory("counters") {
            Some(_) => Some(Self::Finish),
            None => Sections::of(sim).map(Self::Llvm),
        }
    }

    /// The memory in which it counts, as it is now.
    pub(crate) fn memory(&self, sim: &mut Sim) -> Option<Vec<u8>> {
        sim.memory(match self {
            Self::Finish => "counters",
            Self::Llvm(_) => "memory",
        })
    }

    /// The content of a file with what was counted between two states of the memory.
    pub(crate) fn file(&self, before: &[u8], after: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Finish => {
                let words =
                    |bytes: &[u8]| bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect::<Vec<_>>();
                let added =
                    words(after).into_iter().zip(words(before)).map(|(after, before)| after.wrapping_sub(before));
                Some(added.flat_map(u32::to_le_bytes).collect())
            }
            Self::Llvm(sections) => sections.raw_profile(before, after),
        }
    }
}
