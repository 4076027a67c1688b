//! A compiled module: read once, compared with what Envoy offers, shared by threads. Starts nothing.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine, InstancePre};

use crate::host::Host;
use crate::hostcalls;

/// One step of the clock that stops callbacks that run too long.
pub(crate) const EPOCH: Duration = Duration::from_millis(10);

const ABI_VERSIONS: [&str; 2] = ["proxy_abi_version_0_2_1", "proxy_abi_version_0_2_0"];

/// A function that a module needs from its host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// `env` or `wasi_snapshot_preview1`.
    pub module: String,
    /// The function's name.
    pub name: String,
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.module, self.name)
    }
}

/// A module that can be started, as often as needed and on any thread.
#[derive(Clone)]
pub struct Module(Arc<Inner>);

struct Inner {
    engine: Engine,
    prepared: InstancePre<Host>,
}

/// What becomes of an imported function that Envoy does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// The module is refused, as Envoy does.
    Refused,
    /// A call of it traps.
    Traps,
}

/// Why a module cannot be loaded.
#[derive(Debug)]
pub enum LoadError {
    /// The file cannot be read.
    Read(std::io::Error),
    /// The file is not WebAssembly, or uses features that wasmtime does not have.
    Compile(String),
    /// The module needs functions that Envoy (up to 1.37) does not have: Envoy would refuse the whole module.
    UnknownImports(Vec<Import>),
    /// The module needs known functions, but with other types.
    Link(String),
    /// The module exports neither `proxy_abi_version_0_2_1` nor `proxy_abi_version_0_2_0`.
    NotProxyWasm(Vec<String>),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the module cannot be read: {error}"),
            Self::Compile(message) => write!(f, "the module does not compile: {message}"),
            Self::UnknownImports(imports) => {
                let names: Vec<_> = imports.iter().map(ToString::to_string).collect();
                write!(f, "the module imports what Envoy does not have: {}", names.join(", "))
            }
            Self::Link(message) => write!(f, "the module does not fit its host: {message}"),
            Self::NotProxyWasm(found) => {
                write!(f, "not a proxy-wasm module of ABI 0.2 (marks found: {})", found.join(", "))
            }
        }
    }
}

impl std::error::Error for LoadError {}

impl Module {
    /// Reads and compiles a file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::from_bytes(&std::fs::read(path).map_err(LoadError::Read)?)
    }

    /// Compiles a module in memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::compile(bytes, Config::new(), Foreign::Refused)
    }

    /// Compiles a module into which a tool has put more than Envoy would take, to measure something: it may import functions that
    /// Envoy does not have, and a call of such a function traps.
    pub fn from_bytes_to_measure(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::compile(bytes, Config::new(), Foreign::Traps)
    }

    /// Reads a file, and compiles it only if `folder` does not have its code from an earlier time. The folder has a file for
    /// each content and version of the compiler, and old files are removed. If the folder cannot be written, the module is
    /// always compiled. Machine code from the folder is not checked, so nobody else should be able to write to it.
    #[cfg(feature = "cache")]
    pub fn load_cached(path: impl AsRef<Path>, folder: impl Into<std::path::PathBuf>) -> Result<Self, LoadError> {
        let bytes = std::fs::read(path).map_err(LoadError::Read)?;
        let mut settings = wasmtime::CacheConfig::new();
        settings.with_directory(folder);
        let mut config = Config::new();
        config.cache(wasmtime::Cache::new(settings).ok());
        Self::compile(&bytes, config, Foreign::Refused)
    }

    fn compile(bytes: &[u8], mut config: Config, foreign: Foreign) -> Result<Self, LoadError> {
        let compile = |error: wasmtime::Error| LoadError::Compile(format!("{error:#}"));
        config.epoch_interruption(true);
        let engine = Engine::new(&config).map_err(compile)?;
        let module = wasmtime::Module::new(&engine, bytes).map_err(compile)?;
        let marks: Vec<_> = module
            .exports()
            .map(|export| export.name().to_owned())
            .filter(|name| name.starts_with("proxy_abi_version_"))
            .collect();
        if !marks.iter().any(|mark| ABI_VERSIONS.contains(&mark.as_str())) {
            return Err(LoadError::NotProxyWasm(marks));
        }
        let linker = hostcalls::link(&engine, &module, foreign)?;
        let prepared = linker.instantiate_pre(&module).map_err(|error| LoadError::Link(format!("{error:#}")))?;
        keep_time(&engine);
        Ok(Self(Arc::new(Inner { engine, prepared })))
    }

    /// The functions that the module needs from its host, sorted.
    pub fn imports(&self) -> Vec<Import> {
        let mut imports: Vec<_> = list_imports(self.0.prepared.module()).collect();
        imports.sort();
        imports
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn prepared(&self) -> &InstancePre<Host> {
        &self.0.prepared
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").finish_non_exhaustive()
    }
}

pub(crate) fn list_imports(module: &wasmtime::Module) -> impl Iterator<Item = Import> {
    module.imports().map(|import| Import { module: import.module().to_owned(), name: import.name().to_owned() })
}

// The clock's thread ends with the engine: nothing has to stop it.
fn keep_time(engine: &Engine) {
    let engine = engine.weak();
    thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(EPOCH);
        }
    });
}
