//! Files that scripts read piece by piece: `io.open` and `io.lines`.

use super::state::TestState;

const TEXT: &str = "line one\r\nline two\n\nlast";

fn open(source: &str) -> String {
    TestState::with(true, &[("data.txt", TEXT), ("lua/n.txt", "  12.5 -3e2x\n7"), ("empty", "")], &[]).run(source)
}

fn read(formats: &str) -> String {
    open(&format!("return io.open('data.txt'):read({formats})"))
}

#[test]
fn a_file_is_read_in_every_format() {
    assert_eq!(read(""), "line one");
    assert_eq!(read("'*l', '*l', '*l', '*l', '*l', '*l'"), "line one line two  last nil");
    assert_eq!(read("'*a', '*a'"), format!("{TEXT} "));
    assert_eq!(read("4, 1, 0, 100, 1"), format!("line    {} nil", &TEXT[5..]));
    assert_eq!(read("'*la'"), "line one line two\n\nlast");
    assert_eq!(read("nil, {}, '*'"), "");
    assert_eq!(open("return io.open('empty'):read('*a', 0, '*l')"), " nil");
    assert_eq!(open("local f = io.open('lua/n.txt') return f:read('*n', '*n', 1)"), "12.5 -300 x");
    assert_eq!(
        open("local f = io.open('lua/n.txt') f:seek('set', 12) return f:read('*n')"),
        "nil unexpected newline 1"
    );
    assert_eq!(
        open("local f = io.open('lua/n.txt') f:seek('set', 11) return f:read('*n')"),
        "nil strconv.ParseFloat: parsing \"\": invalid syntax 1"
    );
    for (format, option) in [("'x'", "x"), ("'*x'", "x"), ("'*lz'", "z"), ("''", "")] {
        let wanted = format!("script:1: bad argument #2 to read (invalid options:{option})");
        let said = open(&format!("local f = io.open('data.txt') f:read({format})"));
        assert!(said.contains(&wanted), "{format}: {said}");
    }
    assert!(read("-1").contains("(a size is 0 or more)"));
}

#[test]
fn lines_come_one_by_one() {
    let count = "local t = {} for l in LINES do t[#t + 1] = l end return table.concat(t, '|')";
    for lines in ["io.lines('data.txt')", "io.open('./data.txt'):lines()"] {
        assert_eq!(open(&count.replace("LINES", lines)), "line one|line two||last", "{lines}");
    }
    assert_eq!(open("local f = io.open('data.txt') f:read() return f:lines()()"), "line two");
    assert_eq!(open("return select('#', io.lines('nope.txt'))"), "0");
    assert!(open("local next = io.lines('empty') next() next()").contains("script:1: read empty: file already closed"));
}

#[test]
fn a_file_has_a_position() {
    let at = "local f = io.open('data.txt') ";
    assert_eq!(open(&format!("{at} return f:seek(), f:seek('end'), f:seek('cur', -4), f:read('*a')")), "0 24 20 last");
    assert_eq!(open(&format!("{at} f:seek('set', 5) return f:read(3), f:seek('set', 99), f:read(1)")), "one 99 nil");
    assert_eq!(open(&format!("{at} return f:seek('set', -1)")), "nil seek data.txt: invalid argument");
    assert!(
        open(&format!("{at} f:seek('top')")).contains("bad argument #2 to seek (invalid option: top (must be one of")
    );
    assert!(
        open(&format!("{at} f:seek('set', 'x')")).contains("bad argument #3 to seek (number expected, got string)")
    );
}

#[test]
fn a_file_that_was_closed_says_so() {
    let closed = "local f = io.open('data.txt') local before = tostring(f)..' '..io.type(f) local done = f:close() ";
    assert_eq!(
        open(&format!("{closed} return before, done, tostring(f), io.type(f), io.type(5), io.type(newproxy())")),
        "file file true file (closed) closed file nil nil"
    );
    assert!(open(&format!("{closed} f:read()")).contains("script:1: bad argument #1 to read (file is closed)"));
    assert!(open(&format!("{closed} f:close()")).contains("script:1: close data.txt: file already closed"));
    assert!(open(&format!("{closed} f:lines()()")).contains("script:1: read data.txt: file already closed"));
    assert_eq!(open(&format!("{closed} return f:seek()")), "nil seek data.txt: file already closed");
    assert_eq!(
        open("local f = io.open('data.txt') return io.close(f), io.close(io.stdout), io.type(f)"),
        "true true closed file"
    );
}

#[test]
fn what_is_no_file_or_is_written_is_refused_in_krakend_s_words() {
    assert_eq!(open("return io.open('nope.txt')"), "nil open nope.txt: no such file or directory 1");
    assert_eq!(open("return io.open('../data.txt')"), "nil open ../data.txt: no such file or directory 1");
    assert_eq!(open("return io.open('data.txt\\0x')").split('\0').next(), Some("nil open data.txt"));
    assert_eq!(open("return io.open('lua')"), "nil read lua: is a directory 1");
    for mode in ["w", "a", "r+", "w+b", "wb+"] {
        let said = open(&format!("local f, e = io.open('data.txt', '{mode}') return f, e"));
        let wanted =
            if mode == "w+b" { "bad argument #2 to open (invalid option: w+b" } else { "nil open data.txt: read-only" };
        assert!(said.contains(wanted), "{said}");
    }
    for write in ["write('x')", "flush()", "setvbuf('no')"] {
        let said = open(&format!("return io.open('data.txt', 'rb'):{write}"));
        assert_eq!(said, "nil file data.txt is opened for only reading. 1");
    }
    assert!(open("io.open()").contains("script:1: bad argument #1 to open (string expected, got nil)"));
    assert!(
        open("local f = io.open('empty') f.read(5)")
            .contains("bad argument #1 to read (userdata expected, got number)")
    );
    assert!(open("local f = io.open('empty') f.read(io.stdout)").contains("bad argument #1 to read (file expected)"));
}

#[test]
fn methods_of_files_cannot_be_changed() {
    assert_eq!(
        open("local f = io.open('empty') return pcall(function() f.read = 1 end)").split(' ').next(),
        Some("false")
    );
    assert_eq!(open("return getmetatable(io.open('empty'))"), "false");
}

#[test]
fn each_name_that_is_not_there_is_told_to_the_host() {
    let state = TestState::with(true, &[("a.lua", "")], &[]);
    state.run("io.open('x') io.lines('y') pcall(dofile, 'z') loadfile('v') pcall(require, 'w') require('a') io.open('u', 'w')");
    let told = ["io.open of x", "io.lines of y", "dofile of z", "loadfile of v", "require of ./w.lua"];
    assert_eq!(*state.printed.borrow(), told);
}
