//! A module, encoded anew with what `inlining`, `numbers`, `profile` and `names` say. To be encoded anew alone saves 130 KB: the linker
//! leaves five bytes for each number that it fills in. Knows neither V8 nor the names of Rust.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BranchHint, BranchHints, CodeSection, Function, FunctionSection, Instruction, Module, NameMap, NameSection,
    SectionId, TypeSection,
};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionBody, FunctionSectionReader, KnownCustom, Name, NameSectionReader,
    Parser, Payload, TypeSectionReader,
};

use super::facts::{Facts, is_branch};
use super::inlining::{Budget, FILLERS};
use super::names::short;
use super::numbers::Numbers;
use super::profile::Profile;

type Result<T> = std::result::Result<T, Error<Infallible>>;

/// The whole module, finished; `profile` is the text of a profile.
///
/// # Errors
/// If the bytes are no module.
pub(crate) fn finished(bytes: &[u8], profile: &str) -> Result<Vec<u8>> {
    let facts = Facts::of(bytes)?;
    let profile = Profile::read(profile, &facts);
    let mut finish = Finish::of(&facts, &profile);
    // The hints stand in front of the code, but only the code shows their places.
    for payload in Parser::new(0).parse_all(bytes) {
        if let Payload::CodeSectionEntry(body) = payload? {
            let hints = profile.hints.get(&finish.bodies.len()).map(Vec::as_slice).unwrap_or_default();
            let body = finish.body(&body, hints)?;
            finish.bodies.push(body);
        }
    }
    let mut module = Module::new();
    finish.parse_core_module(&mut module, Parser::new(0), bytes)?;
    Ok(module.finish())
}

/// What the module becomes. The fillers become its first functions after the imported ones, so that a call of a filler takes two bytes.
struct Finish {
    /// The number of functions that are imported.
    imported: u32,
    /// The number of types. One more, for the fillers, comes after them.
    types: u32,
    budget: Budget,
    /// The new numbers of the functions that are not imported.
    numbers: Numbers,
    /// The bodies of these functions, and the hints in them, in their old order.
    bodies: Vec<(Function, Vec<BranchHint>)>,
}

impl Finish {
    fn of(facts: &Facts, profile: &Profile) -> Self {
        let sizes: Vec<usize> = facts.functions.iter().map(|function| function.size).collect();
        let calls = facts.functions.iter().flat_map(|function| &function.calls);
        let calls = calls.filter_map(|called| called.checked_sub(facts.imported));
        // The numbers below 128, which take one byte.
        let short = 128_usize.saturating_sub(facts.imported as usize + FILLERS.len());
        let numbers = Numbers::of(sizes.len(), calls, short, &profile.entered);
        Self { imported: facts.imported, types: facts.types, budget: Budget::of(&sizes), numbers, bodies: Vec::new() }
    }

    /// A function's body, with fillers if it calls any function of the module, and with these hints for its branches.
    fn body(&mut self, body: &FunctionBody<'_>, hints: &[Option<bool>]) -> Result<(Function, Vec<BranchHint>)> {
        let (mut instructions, mut calls) = (Vec::new(), false);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let is_branch = is_branch(&reader.clone().read()?);
            let instruction = self.parse_instruction(&mut reader)?;
            calls |= matches!(instruction, Instruction::Call(function) if function >= self.imported);
            instructions.push((instruction, is_branch));
        }
        let mut function = self.new_function_with_parsed_locals(body)?;
        if calls {
            let mut plain = self.new_function_with_parsed_locals(body)?;
            for (instruction, _) in &instructions {
                plain.instruction(instruction);
            }
            for filler in self.budget.fillers(plain.byte_len()) {
                function.instruction(&Instruction::Call(self.imported + filler as u32));
            }
        }
        let (mut hints, mut placed) = (hints.iter(), Vec::new());
        for (instruction, is_branch) in instructions {
            if is_branch && let Some(Some(is_taken)) = hints.next() {
                let branch_func_offset = function.byte_len() as u32;
                placed.push(BranchHint { branch_func_offset, branch_hint_value: u32::from(*is_taken) });
            }
            function.instruction(&instruction);
        }
        Ok((function, placed))
    }

    /// The hints of all functions that have some.
    fn hints(&self) -> BranchHints {
        let (mut section, first) = (BranchHints::new(), self.imported + FILLERS.len() as u32);
        for (number, (_, hints)) in (first..).zip(self.numbers.in_order(&self.bodies)) {
            if !hints.is_empty() {
                section.function_hints(number, hints.iter().copied());
            }
        }
        section
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

    fn parse_code_section(&mut self, code: &mut CodeSection, _: CodeSectionReader<'_>) -> Result<()> {
        for size in FILLERS {
            let mut filler = Function::new([]);
            // One byte says that there are no locals, and one ends the body.
            for _ in 2..size {
                filler.instruction(&Instruction::Nop);
            }
            filler.instruction(&Instruction::End);
            code.function(&filler);
        }
        for (body, _) in self.numbers.in_order(&self.bodies) {
            code.function(body);
        }
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        next: Option<SectionId>,
    ) -> Result<()> {
        if next == Some(SectionId::Code) {
            let hints = self.hints();
            if !hints.is_empty() {
                module.section(&hints);
            }
        }
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

#[cfg(test)]
mod tests {
    use wasmparser::Validator;

    use super::super::counting::{counting, counts};
    use super::*;

    const MODULE: &str = r#"(module
        (import "env" "other" (func $other))
        (memory (export "memory") 1)
        (func $small (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 1)) (else (call $other) (i32.const 2))))
        (func $large (export "large") (param i32)
            (block (br_if 0 (local.get 0)) (drop (call $small (local.get 0))) (drop (call $small (i32.const 3))))))"#;

    // The hints of a module: of each function its number and the operators that are hinted, with the hints.
    fn hinted(module: &[u8]) -> Vec<(u32, Vec<(u8, bool)>)> {
        let (mut hints, mut bodies) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::CustomSection(section) => {
                    if let KnownCustom::BranchHints(section) = section.as_known() {
                        hints.extend(section.into_iter().map(|function| function.unwrap()));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body),
                _ => {}
            }
        }
        let operators = hints.into_iter().map(|function| {
            let body = bodies[function.func as usize - 1].as_bytes();
            let hints = function.hints.into_iter().map(|hint| hint.unwrap());
            (function.func, hints.map(|hint| (body[hint.func_offset as usize], hint.taken)).collect())
        });
        operators.collect()
    }

    #[test]
    fn functions_lie_and_are_hinted_as_the_profile_says() {
        let linked = wat::parse_str(MODULE).unwrap();
        let plain = finished(&linked, "").unwrap();
        Validator::new().validate_all(&plain).unwrap();
        assert_eq!(hinted(&plain), []);
        let module = finished(&linked, ":0 large\n:1 small\n:1 gone\n:10 large\n").unwrap();
        Validator::new().validate_all(&module).unwrap();
        let (small, large) = (1 + FILLERS.len() as u32, 2 + FILLERS.len() as u32);
        let (an_if, a_br_if) = (0x04, 0x0d);
        assert_eq!(hinted(&module), [(small, vec![(an_if, true)]), (large, vec![(a_br_if, false)])]);
    }

    #[test]
    fn a_counting_module_has_two_counters_for_each_function_and_for_each_branch() {
        let linked = wat::parse_str(MODULE).unwrap();
        let module = counting(&linked).unwrap();
        Validator::new().validate_all(&module).unwrap();
        let counters: Vec<u8> = (1..=8_u32).flat_map(u32::to_le_bytes).collect();
        let counts = counts(&Facts::of(&linked).unwrap(), &counters);
        let counts: Vec<_> =
            counts.iter().map(|counts| (counts.entered, counts.instructions, counts.branches.as_slice())).collect();
        assert_eq!(counts, [(1, 2, &[(3, 4)][..]), (5, 6, &[(7, 8)])]);
    }
}
