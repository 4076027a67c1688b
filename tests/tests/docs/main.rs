//! The manual, executed: each command that the README or a page of `docs/` shows in a console prints what stands below it, each script
//! gives what stands behind its arrows, and tables that repeat `names.json` are those that it makes. `RECORD=1` writes consoles and
//! tables anew. Besides: no link is dead, every page is in the book, and the README is short.

mod consoles;
mod pages;
mod scripts;
mod tables;
