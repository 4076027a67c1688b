//! The manual, executed: each command that the README or a page of `docs/` shows in a console prints the text below it, each
//! script gives the values behind its arrows, and tables that repeat `names.json` or the last benchmarks are equal to those.
//! `RECORD=1` writes consoles and tables again. Besides, no link is dead, every page is in the book, and the README is short.

mod consoles;
mod costs;
mod generated;
mod pages;
mod scripts;
mod tables;
