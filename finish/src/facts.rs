//! What must be known of a module before it is encoded anew: how many functions and types it has, of each function its name, size,
//! calls and branches, and its compiler.

use std::collections::BTreeMap;

use wasmparser::{BinaryReaderError, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, TypeRef};

type Result<T> = std::result::Result<T, BinaryReaderError>;

/// The facts of a module.
#[derive(Default)]
pub(crate) struct Facts {
    /// The number of functions that are imported.
    pub(crate) imported: u32,
    /// The number of types.
    pub(crate) types: u32,
    /// The functions that are not imported, in order.
    pub(crate) functions: Vec<Function>,
    /// The compiler of Rust, with its version, as the module names it; empty if it names none.
    pub(crate) compiler: String,
}

/// The facts of a function.
#[derive(Default)]
pub(crate) struct Function {
    /// The name as the compiler wrote it; empty if there is none.
    pub(crate) name: String,
    /// The bytes of its body.
    pub(crate) size: usize,
    /// The number of its parameters.
    pub(crate) parameters: u32,
    /// The functions that it calls, as often as it has calls.
    pub(crate) calls: Vec<u32>,
    /// The number of its conditional branches: of `br_if` and `if`.
    pub(crate) branches: usize,
}

impl Facts {
    /// Reads a module.
    ///
    /// # Errors
    /// If the bytes are no module.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self> {
        let mut facts = Self::default();
        let (mut parameters, mut types_of, mut names) = (Vec::new(), Vec::new(), BTreeMap::new());
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    facts.types = section.count();
                    for ty in section.into_iter_err_on_gc_types() {
                        parameters.push(ty?.params().len() as u32);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        facts.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => types_of = section.into_iter().collect::<Result<Vec<u32>>>()?,
                Payload::CodeSectionEntry(body) => facts.functions.push(Function::of(&body)?),
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Name(section) => {
                        for part in section {
                            if let Name::Function(functions) = part? {
                                for name in functions {
                                    let name = name?;
                                    names.insert(name.index, name.name.to_owned());
                                }
                            }
                        }
                    }
                    KnownCustom::Producers(section) => {
                        for field in section {
                            for program in field?.values {
                                let program = program?;
                                if program.name == "rustc" {
                                    facts.compiler = format!("{} {}", program.name, program.version);
                                }
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        for ((number, function), ty) in (facts.imported..).zip(&mut facts.functions).zip(types_of) {
            function.name = names.remove(&number).unwrap_or_default();
            function.parameters = parameters.get(ty as usize).copied().unwrap_or_default();
        }
        Ok(facts)
    }
}

impl Function {
    fn of(body: &FunctionBody<'_>) -> Result<Self> {
        let mut function = Self { size: body.as_bytes().len(), ..Self::default() };
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } => function.calls.push(function_index),
                operator => function.branches += usize::from(is_branch(&operator)),
            }
        }
        Ok(function)
    }
}

/// Does the operator branch on a condition, so that V8 takes a hint for it?
pub(crate) fn is_branch(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::BrIf { .. } | Operator::If { .. })
}
