//! A module with a fault put in: it traps whenever its host calls one of its exports. All other bytes stay the same, so that
//! tests see the effects of a trap in the module that people run. Knows nothing of the purpose of the exports.

use wasm_encoder::{CodeSection, Function, Instruction, Module, RawSection};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

/// The same module with `unreachable` as the function of this export.
pub fn trapping(module: &[u8], export: &str) -> Vec<u8> {
    let payloads: Vec<Payload<'_>> = Parser::new(0).parse_all(module).map(Result::unwrap).collect();
    let faulty = exported(&payloads, export) - imported(&payloads);
    let bodies = payloads.iter().filter_map(|payload| match payload {
        Payload::CodeSectionEntry(body) => Some(body.as_bytes()),
        _ => None,
    });
    let mut trap = Function::new([]);
    trap.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
    let mut code = CodeSection::new();
    for (index, body) in bodies.enumerate() {
        if index == faulty {
            code.function(&trap)
        } else {
            code.raw(body)
        };
    }
    let mut changed = Module::new();
    for payload in &payloads {
        match payload.as_section() {
            Some(_) if matches!(payload, Payload::CodeSectionStart { .. }) => changed.section(&code),
            Some((id, range)) => changed.section(&RawSection { id, data: &module[range] }),
            None => continue,
        };
    }
    changed.finish()
}

/// The index of the function that this export names.
fn exported(payloads: &[Payload<'_>], name: &str) -> usize {
    let sections = payloads.iter().filter_map(|payload| match payload {
        Payload::ExportSection(section) => Some(section.clone()),
        _ => None,
    });
    let mut exports = sections.flatten().map(Result::unwrap);
    let export = exports.find(|export| export.name == name && export.kind == ExternalKind::Func);
    export.unwrap_or_else(|| panic!("the module has no function {name}")).index as usize
}

/// The number of imported functions, which come first in the index.
fn imported(payloads: &[Payload<'_>]) -> usize {
    let sections = payloads.iter().filter_map(|payload| match payload {
        Payload::ImportSection(section) => Some(section.clone()),
        _ => None,
    });
    let imports = sections.flat_map(|section| section.into_imports().map(Result::unwrap));
    imports.filter(|import| matches!(import.ty, TypeRef::Func(_))).count()
}

#[cfg(test)]
mod tests {
    use super::trapping;

    #[test]
    fn one_export_traps_and_the_rest_is_as_it_was() {
        let text = |two: &str| {
            format!(
                "(module (import \"env\" \"f\" (func)) (memory (export \"memory\") 1) (func (export \"one\") nop)
                (func (export \"two\") (param i32) (result i32) {two}) (data (i32.const 8) \"data\"))"
            )
        };
        let parsed = |two: &str| wat::parse_str(text(two)).unwrap();
        assert_eq!(trapping(&parsed("local.get 0"), "two"), parsed("unreachable"));
    }
}
