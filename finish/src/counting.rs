//! A module that counts: how often each function is entered, how many instructions it runs, and how often each branch is met and taken. The counters lie in a memory
//! of their own, which is exported as `counters`; whoever plays the module reads them. Knows neither V8 nor what is done with the counts.

use std::collections::VecDeque;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, Instruction, MemArg, MemorySection, MemoryType, Module, ValType,
};
use wasmparser::{ExportSectionReader, FunctionBody, MemorySectionReader, Operator, Parser};

use super::facts::{Facts, is_branch};

type Result<T> = std::result::Result<T, Error<Infallible>>;

const PAGE: u64 = 65_536;
const COUNTER: usize = 4;

/// The counts of one function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// How often it was entered.
    pub(crate) entered: u32,
    /// How many instructions it ran itself; what only marks a block's ends is none.
    pub(crate) instructions: u32,
    /// How often each branch was taken, and how often it was met.
    pub(crate) branches: Vec<(u32, u32)>,
}

/// The module that counts.
///
/// # Errors
/// If the bytes are no module.
pub(crate) fn counting(bytes: &[u8]) -> Result<Vec<u8>> {
    let facts = Facts::of(bytes)?;
    let mut counting = Counting {
        functions: facts.functions.iter().map(|function| function.parameters).collect(),
        ..Counting::default()
    };
    counting.counters = facts.functions.iter().map(|function| 2 + 2 * function.branches).sum();
    let mut module = Module::new();
    counting.parse_core_module(&mut module, Parser::new(0), bytes)?;
    Ok(module.finish())
}

/// The counts of each function, read from the counters.
pub(crate) fn counts(facts: &Facts, counters: &[u8]) -> Vec<Counts> {
    let mut counters = counters.as_chunks().0.iter().map(|counter| u32::from_le_bytes(*counter));
    let mut next = || counters.next().unwrap_or_default();
    let counts = facts.functions.iter().map(|function| {
        let (entered, instructions) = (next(), next());
        Counts { entered, instructions, branches: (0..function.branches).map(|_| (next(), next())).collect() }
    });
    counts.collect()
}

#[derive(Default)]
struct Counting {
    /// The numbers of parameters of the functions that are left, in order.
    functions: VecDeque<u32>,
    /// The number of all counters.
    counters: usize,
    /// The number of those that have a place in the code.
    used: usize,
}

impl Counting {
    fn counter(&mut self) -> i32 {
        let place = self.used * COUNTER;
        self.used += 1;
        i32::try_from(place).unwrap_or(i32::MAX)
    }
}

/// Adds a number, which `more` leaves on the stack, to a counter.
fn add(function: &mut Function, counter: i32, more: &[Instruction<'_>]) {
    let place = MemArg { offset: 0, align: 2, memory_index: 1 };
    function.instruction(&Instruction::I32Const(counter));
    function.instruction(&Instruction::I32Const(counter));
    function.instruction(&Instruction::I32Load(place));
    for instruction in more {
        function.instruction(instruction);
    }
    function.instruction(&Instruction::I32Add);
    function.instruction(&Instruction::I32Store(place));
}

/// Does an operator only mark where a block begins or ends?
fn marks(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(operator, O::Block { .. } | O::Loop { .. } | O::TryTable { .. } | O::Else | O::End)
}

/// May it go on elsewhere after the operator, or come from elsewhere to what follows?
fn parts(operator: &Operator<'_>) -> bool {
    use Operator as O;
    let leaves = matches!(
        operator,
        O::Br { .. } | O::BrTable { .. } | O::Return | O::Unreachable | O::Throw { .. } | O::ThrowRef
    );
    leaves || marks(operator) || is_branch(operator)
}

impl Reencode for Counting {
    type Error = Infallible;

    fn parse_memory_section(&mut self, memories: &mut MemorySection, section: MemorySectionReader<'_>) -> Result<()> {
        utils::parse_memory_section(self, memories, section)?;
        let minimum = ((self.counters * COUNTER) as u64).div_ceil(PAGE);
        memories.memory(MemoryType { minimum, maximum: None, memory64: false, shared: false, page_size_log2: None });
        Ok(())
    }

    fn parse_export_section(&mut self, exports: &mut ExportSection, section: ExportSectionReader<'_>) -> Result<()> {
        utils::parse_export_section(self, exports, section)?;
        exports.export("counters", ExportKind::Memory, 1);
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<()> {
        let mut condition = self.functions.pop_front().unwrap_or_default();
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            condition += count;
            locals.push((count, self.val_type(ty)?));
        }
        locals.push((1, ValType::I32));
        let mut function = Function::new(locals);
        add(&mut function, self.counter(), &[Instruction::I32Const(1)]);
        let run = self.counter();
        let mut reader = body.get_operators_reader()?;
        // The instructions that run one after the other, up to one by which it may go on elsewhere.
        let mut piece = Vec::new();
        while !reader.eof() {
            let operator = reader.clone().read()?;
            let instruction = self.parse_instruction(&mut reader)?;
            if !parts(&operator) {
                piece.push(instruction);
                continue;
            }
            let count = piece.len() + usize::from(!marks(&operator));
            if count > 0 {
                add(&mut function, run, &[Instruction::I32Const(i32::try_from(count).unwrap_or(i32::MAX))]);
            }
            for instruction in piece.drain(..) {
                function.instruction(&instruction);
            }
            if is_branch(&operator) {
                let is_taken = [Instruction::LocalGet(condition), Instruction::I32Const(0), Instruction::I32Ne];
                function.instruction(&Instruction::LocalSet(condition));
                add(&mut function, self.counter(), &is_taken);
                add(&mut function, self.counter(), &[Instruction::I32Const(1)]);
                function.instruction(&Instruction::LocalGet(condition));
            }
            function.instruction(&instruction);
        }
        code.function(&function);
        Ok(())
    }
}
