//! The end of a VM as a value: the cause, the callback, and wasmtime's backtrace. Nothing here panics.

use std::fmt;

/// The cause of a VM's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A trap of WebAssembly: unreachable (a Rust panic), out of bounds, an exception that was not caught...
    Trap(String),
    /// The callback ran longer than [`crate::Settings::callback_limit`].
    TooLong,
    /// The module called `proc_exit`.
    Exit(u32),
}

/// The module failed inside a callback. Its VM is dead: from now on Envoy answers every stream on it with 503.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The callback that the host had called.
    pub callback: String,
    /// The cause.
    pub cause: Cause,
    /// The frames of the module, innermost first, one in each line; empty if there are none.
    pub backtrace: String,
}

impl Trap {
    pub(crate) fn new(callback: &str, error: &wasmtime::Error) -> Self {
        let cause = match (error.downcast_ref::<Exit>(), error.downcast_ref::<wasmtime::Trap>()) {
            (Some(Exit(code)), _) => Cause::Exit(*code),
            (_, Some(wasmtime::Trap::Interrupt)) => Cause::TooLong,
            _ => Cause::Trap(error.root_cause().to_string()),
        };
        let backtrace = error.downcast_ref::<wasmtime::WasmBacktrace>();
        Self {
            callback: callback.to_owned(),
            cause,
            backtrace: backtrace
                .map(ToString::to_string)
                .map(|text| text.lines().skip(1).collect::<Vec<_>>().join("\n"))
                .unwrap_or_default(),
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.callback)?;
        match &self.cause {
            Cause::Trap(message) => write!(f, "{message}")?,
            Cause::TooLong => write!(f, "stopped, it ran longer than a callback may")?,
            Cause::Exit(code) => write!(f, "the module called proc_exit({code})")?,
        }
        match self.backtrace.is_empty() {
            true => Ok(()),
            false => write!(f, "\n{}", self.backtrace),
        }
    }
}

impl std::error::Error for Trap {}

/// The error by which `proc_exit` leaves the module.
#[derive(Debug)]
pub(crate) struct Exit(pub(crate) u32);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proc_exit({})", self.0)
    }
}

impl std::error::Error for Exit {}
