//! What patterns mean, held against what Go's regexp does.

use super::{Pattern, Subject};

#[test]
fn patterns_are_found_anywhere_unless_they_are_anchored() {
    let table: [(&str, &[u8], bool); 70] = [
        ("^1.*", b"123", true),
        ("^1.*", b"21", false),
        ("b", b"abc", true),
        ("(?i)BOT$", b"some bot", true),
        ("", b"x", true),
        ("^.{3}$", b"a\xff\xfe", true),
        (r"^\w+$", "é".as_bytes(), false),
        ("a$", b"a\n", false),
        ("(?m)a$", b"a\nb", true),
        ("(?m)^b", b"a\nb", true),
        ("a.b", b"a\nb", false),
        ("(?s)a.b", b"a\nb", true),
        ("(?s:a.b)|c.d", b"c\nd", false),
        // Letters that are equal to k and s without regard to case.
        ("(?i)kiss", "\u{212A}i\u{17F}S".as_bytes(), true),
        ("kiss", "\u{212A}iss".as_bytes(), false),
        ("(?i)^\\w$", "\u{17F}".as_bytes(), true),
        ("(?i)[^k]", "\u{212A}".as_bytes(), false),
        ("(?i)\u{212A}", b"K", true),
        ("(?i)a(?-i)b", b"Ab", true),
        ("(?i)a(?-i)b", b"AB", false),
        ("(?i:a)b", b"AB", false),
        ("(a(?i)b)c", b"aBC", false),
        ("x(?i)|b", b"B", true),
        // Braces that are no repetition, and what is a letter in Go.
        ("a{,2}", b"a{,2}", true),
        ("^a{2}$", b"aa", true),
        ("^a{2,}$", b"aaaa", true),
        ("^a{1,2}$", b"aaa", false),
        ("a{01}", b"a{01}", true),
        ("x{", b"x{", true),
        ("}", b"}", true),
        ("a]", b"a]", true),
        (r"\<b\>", b"<b>", true),
        (r"\_\-\/\ \%", b"_-/ %", true),
        (r"\b{start}", b" {start}", false),
        (r"\b{start}", b"a{start}", true),
        (r"\Qa.b(\E+", b"a.b((", true),
        (r"\Qa.b", b"axb", false),
        (r"\Q|)\E", b"|)", true),
        (r"^\Q\E$", b"", true),
        (r"\x41\x{42}\103\0", b"ABC\0", true),
        (r"\12", b"\n", true),
        (r"\a\f\n\r\t\v", b"\x07\x0c\n\r\t\x0b", true),
        (r"^\s$", b"\x0b", false),
        (r"^[[:space:]]$", b"\x0b", true),
        ("[]a]", b"]", true),
        ("[^]a]", b"]", false),
        ("[a-]", b"-", true),
        ("[-a]", b"-", true),
        ("[a&&b]", b"&", true),
        ("[a~~b]", b"~", true),
        ("[+--]", b",", true),
        ("[[a]", b"[", true),
        ("[[:^digit:]]", b"1", false),
        ("[[:^digit:]]", b"a", true),
        (r"[\d\D]", b"x", true),
        (r"[^\d]", b"5", false),
        (r"[\]]", b"]", true),
        (r"[\x{61}-\x{63}]", b"b", true),
        (r"[^\x00-\x{10FFFF}]", b"b", false),
        ("[é-ü]", "ê".as_bytes(), true),
        ("(?P<n>a)(?<m>b)", b"ab", true),
        ("(a|b|)c", b"c", true),
        ("^(?:ab)+$", b"abab", true),
        ("^(?:ab|c)*$", b"abcab", true),
        ("^ab|cd$", b"abx", true),
        ("a*?b+?c??", b"b", true),
        ("(?U)a+", b"aa", true),
        ("^*a", b"ba", true),
        ("(?i)crawler|spider", b"A Spider", true),
        (r"(Pingdom.com_bot_version_)(\d+)\.(\d+)", b"Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", true),
    ];
    for (pattern, value, found) in table {
        let made = Pattern::new(pattern).unwrap();
        assert_eq!(made.is_in(value), found, "{pattern}");
        assert_eq!(made.is_in_subject(&Subject::new(value)), found, "{pattern} needs {:?}", made.required);
    }
}

#[test]
fn what_go_does_not_compile_is_refused_and_what_is_not_supported_here_too() {
    let table = [
        ("(", "missing )"),
        (")", "unexpected )"),
        ("a)b", "unexpected )"),
        ("[a", "missing ]"),
        ("[]", "missing ]"),
        ("[[:word", "missing ]"),
        ("[[:foo:]]", "[:foo:] is no class"),
        ("[z-a]", "wrong way round"),
        (r"[a-\d]", r"\d means nothing"),
        (r"[\b]", r"\b means nothing"),
        ("*a", "a repetition of nothing"),
        ("a|*", "a repetition of nothing"),
        ("(+)", "a repetition of nothing"),
        ("a**", "of a repetition"),
        ("a++", "of a repetition"),
        ("a{2}{3}", "of a repetition"),
        ("a+??", "of a repetition"),
        ("a{1001}", "more than 1000 times"),
        ("a{3,2}", "more than 1000 times"),
        (r"a(?i)*", "a repetition behind flags"),
        (r"\pL", r"\p is not supported here: there are no Unicode classes"),
        (r"[\P{Greek}]", r"\P is not supported here"),
        ("(?=a)", "look-around"),
        ("a(?!b)", "look-around"),
        ("(?<=a)", "look-around"),
        ("(?x)a b", "unknown flags"),
        ("(?R)a", "unknown flags"),
        ("(?u)a", "unknown flags"),
        ("(?i-)a", "unknown flags"),
        ("(?i", "unknown flags"),
        ("(?P=n)", "unknown flags"),
        ("(?P<n>a)(?P<n>b)", "stand once"),
        ("(?P<a-b>a)", "the name of a group"),
        (r"\1", r"\1 is a reference"),
        (r"\8", r"\8 means nothing"),
        (r"\C", r"\C means nothing"),
        (r"\Z", r"\Z means nothing"),
        (r"\u0041", r"\u means nothing"),
        (r"\é", r"\é means nothing"),
        (r"\xZ1", r"\x means nothing"),
        (r"\x{110000}", "is no number of a character"),
        (r"\x{}", "is no number of a character"),
        ("a\\", r"a \ at the end"),
        ("(?i)é", "beyond ASCII"),
        ("(?i)[à-ü]", "beyond ASCII"),
        ("((a{1000}){1000}){1000}", "size limit"),
    ];
    for (pattern, reason) in table {
        let told = Pattern::new(pattern).map(|_| ()).unwrap_err();
        assert!(told.contains(reason), "{pattern}: {told}");
    }
    assert!(Pattern::new(&"(".repeat(100_000)).unwrap_err().contains("deeper than 40"));
    assert!(Pattern::new(&format!("[^{}]", "a".repeat(100_000))).unwrap_err().contains("more than 2000 parts"));
    let deep = format!("{}a{}", "(?:".repeat(40), ")".repeat(40));
    assert!(Pattern::new(&deep).is_ok_and(|deep| deep.is_in(b"a")));
}

#[test]
fn what_a_match_must_contain_is_known() {
    let table = [
        ("GoogleBot", "googlebot"),
        ("(?i)Crawler", "crawler"),
        (r"(facebookexternalhit)/.*", "facebookexternalhit"),
        (r"^curl/[0-9]+", "curl/"),
        ("a(bc)?def", "def"),
        ("(abc)+d", "abc"),
        ("a|b", ""),
        ("[ab]c", "c"),
        (".*", ""),
    ];
    for (pattern, required) in table {
        assert_eq!(Pattern::new(pattern).unwrap().required, required, "{pattern}");
    }
    assert!(Pattern::new("a{100}").unwrap().weight() > 100);
}
