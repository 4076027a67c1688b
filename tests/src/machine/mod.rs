//! The things that tests need from the machine: folders of their own, the lines that a process writes, cores for a measurement,
//! ports, patience, and values that tests share. Knows nothing of the product.

mod cores;
mod eventually;
mod folder;
mod lines;
mod ports;
mod shared;
mod soak;

pub use cores::Parts;
pub use eventually::eventually;
pub use folder::Folder;
pub use lines::Lines;
pub use ports::free_port;
pub use shared::Shared;
pub use soak::soaks;
