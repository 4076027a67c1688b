//! A module, encoded anew with what `inlining`, `numbers` and `names` say. To be encoded anew alone saves 130 KB: the linker leaves five
//! bytes for each number that it fills in. Knows neither V8 nor the names of Rust.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Instruction, Module, NameMap, NameSection, TypeSection};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionBody, FunctionSectionReader, KnownCustom, Name, NameSectionReader,
    Operator, Parser, Payload, TypeRef, TypeSectionReader,
};

use super::inlining::{Budget, FILLERS};
use super::names::short;
use super::numbers::Numbers;

type Result<T> = std::result::Result<T, Error<Infallible>>;

/// The whole module, finished.
///
/// # Errors
/// If the bytes are no module.
pub(crate) fn finished(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut finish = Finish::of(bytes)?;
    let mut module = Module::new();
    finish.parse_core_module(&mut module, Parser::new(0), bytes)?;
    Ok(module.finish())
}

/// What must be known of a module before it is encoded. The fillers become its first functions after the imported ones, so that a call
/// of a filler takes two bytes.
struct Finish {
    /// The number of functions that are imported.
    imported: u32,
    /// The number of types. One more, for the fillers, comes after them.
    types: u32,
    budget: Budget,
    /// The new numbers of the functions that are not imported.
    numbers: Numbers,
    /// The bodies of these functions, in their old order.
    bodies: Vec<Function>,
}

impl Finish {
    fn of(bytes: &[u8]) -> Result<Self> {
        let (mut imported, mut types, mut sizes, mut calls) = (0, 0, Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => types = section.count(),
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    sizes.push(body.as_bytes().len());
                    for operator in body.get_operators_reader()? {
                        if let Operator::Call { function_index } = operator? {
                            calls.push(function_index);
                        }
                    }
                }
                _ => {}
            }
        }
        let numbers = Numbers::of(sizes.len(), calls.iter().filter_map(|called| called.checked_sub(imported)));
        Ok(Self { imported, types, budget: Budget::of(&sizes), numbers, bodies: Vec::new() })
    }

    /// A body's instructions, and whether one of them calls a function of the module.
    fn instructions<'a>(&mut self, body: &FunctionBody<'a>) -> Result<(Vec<Instruction<'a>>, bool)> {
        let (mut instructions, mut calls) = (Vec::new(), false);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let instruction = self.parse_instruction(&mut reader)?;
            calls |= matches!(instruction, Instruction::Call(function) if function >= self.imported);
            instructions.push(instruction);
        }
        Ok((instructions, calls))
    }
}

impl Reencode for Finish {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32> {
        let first = self.imported + FILLERS.len() as u32;
        Ok(index.checked_sub(self.imported).map_or(index, |old| first + self.numbers.new_of(old)))
    }

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Result<()> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<()> {
        for _ in FILLERS {
            functions.function(self.types);
        }
        let types = section.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        for ty in self.numbers.in_order(&types) {
            functions.function(*ty);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<()> {
        for size in FILLERS {
            let mut filler = Function::new([]);
            // One byte says that there are no locals, and one ends the body.
            for _ in 2..size {
                filler.instruction(&Instruction::Nop);
            }
            filler.instruction(&Instruction::End);
            code.function(&filler);
        }
        utils::parse_code_section(self, code, section)?;
        for body in self.numbers.in_order(&self.bodies) {
            code.function(body);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, _: &mut CodeSection, body: FunctionBody<'_>) -> Result<()> {
        let (instructions, calls) = self.instructions(&body)?;
        let mut plain = self.new_function_with_parsed_locals(&body)?;
        let mut filled = self.new_function_with_parsed_locals(&body)?;
        for instruction in &instructions {
            plain.instruction(instruction);
        }
        if !calls {
            self.bodies.push(plain);
            return Ok(());
        }
        for filler in self.budget.fillers(plain.byte_len()) {
            filled.instruction(&Instruction::Call(self.imported + filler as u32));
        }
        for instruction in &instructions {
            filled.instruction(instruction);
        }
        self.bodies.push(filled);
        Ok(())
    }

    fn parse_custom_section(&mut self, module: &mut Module, section: CustomSectionReader<'_>) -> Result<()> {
        match section.as_known() {
            KnownCustom::Name(names) => module.section(&self.custom_name_section(names)?),
            _ => module.section(&self.custom_section(section)?),
        };
        Ok(())
    }

    /// Only the names of functions are kept: no backtrace has others.
    fn custom_name_section(&mut self, section: NameSectionReader<'_>) -> Result<NameSection> {
        let mut names = NameSection::new();
        for part in section {
            if let Name::Function(functions) = part? {
                let mut sorted = BTreeMap::new();
                for name in functions {
                    let name = name?;
                    sorted.insert(self.function_index(name.index)?, short(name.name));
                }
                let mut map = NameMap::new();
                sorted.iter().for_each(|(number, name)| map.append(*number, name));
                names.functions(&map);
            }
        }
        Ok(names)
    }
}
