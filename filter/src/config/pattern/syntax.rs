//! Go's syntax of regular expressions, as far as the engine here can do the same: from the text to an [`Expression`]. What Go does
//! not compile, and what the engine cannot do, is told by name. Source: regexp/syntax/parse.go.

use super::class::{Class, MOST_RANGES, lowered};
use super::expression::Expression;

/// Reads the text of an expression.
///
/// # Errors
/// The reason, in words.
pub(super) fn read(text: &str) -> Result<Expression, String> {
    let mut reader = Reader { rest: text, flags: Flags::default(), names: Vec::new(), quotes: false };
    let read = reader.choice(0)?;
    if reader.rest.is_empty() { Ok(read) } else { Err("unexpected )".to_owned()) }
}

/// Groups in each other.
const DEEPEST: usize = 40;
/// Go's own bound of `{n,m}`.
const MOST_TIMES: u32 = 1000;

#[derive(Clone, Copy, Default)]
struct Flags {
    any_case: bool,
    lines: bool,
    dot_is_all: bool,
}

struct Reader<'a> {
    rest: &'a str,
    flags: Flags,
    names: Vec<&'a str>,
    /// Between `\Q` and `\E`.
    quotes: bool,
}

type Read<T> = Result<T, String>;

impl<'a> Reader<'a> {
    fn take(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = self.rest.get(letter.len_utf8()..).unwrap_or_default();
        Some(letter)
    }

    fn take_if(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    // Up to a letter, which is taken, too.
    fn take_until(&mut self, end: char) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    // Flags that are set in a group end with it; in one branch of a choice they hold for the next one, too.
    fn choice(&mut self, depth: usize) -> Read<Expression> {
        if depth > DEEPEST {
            return Err(format!("groups lie deeper than {DEEPEST} in each other"));
        }
        let mut branches = vec![self.sequence(depth)?];
        while !self.quotes && self.take_if("|") {
            branches.push(self.sequence(depth)?);
        }
        Ok(match branches.pop() {
            Some(only) if branches.is_empty() => only,
            last => Expression::Choice(branches.into_iter().chain(last).collect()),
        })
    }

    fn sequence(&mut self, depth: usize) -> Read<Expression> {
        let mut parts = Vec::new();
        let mut was_repeated = false;
        while let Some(next) = self.rest.chars().next() {
            if self.quotes {
                if !self.take_if(r"\E") {
                    parts.extend(self.take().map(|letter| self.letter(letter)).transpose()?);
                } else {
                    self.quotes = false;
                }
                was_repeated = false;
                continue;
            }
            if matches!(next, '|' | ')') {
                break;
            }
            if let Some((least, most)) = self.times()? {
                self.take_if("?"); // which of several matches is meant matters to nobody
                let part = parts.pop().filter(|_| !was_repeated);
                let part = part.ok_or("a repetition of nothing, or of a repetition: write (?:...) around that")?;
                parts.push(Expression::Repeated(least, most, Box::new(part)));
                was_repeated = true;
                continue;
            }
            was_repeated = false;
            self.take();
            match next {
                '(' => {
                    if let Some(group) = self.group(depth)? {
                        parts.push(group);
                    } else if self.rest.starts_with(['*', '+', '?']) {
                        return Err("a repetition behind flags is not supported here".to_owned());
                    }
                }
                '[' => parts.push(self.class()?),
                '.' => parts.push(Expression::Set(Class::dot(self.flags.dot_is_all))),
                '^' => parts.push(Expression::Place(if self.flags.lines { "(?m:^)" } else { r"\A" })),
                '$' => parts.push(Expression::Place(if self.flags.lines { "(?m:$)" } else { r"\z" })),
                '\\' => parts.extend(self.escaped()?),
                letter => parts.push(self.letter(letter)?),
            }
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => Expression::Sequence(parts.into_iter().chain(last).collect()),
        })
    }

    fn letter(&self, letter: char) -> Read<Expression> {
        if !self.flags.any_case {
            return Ok(Expression::Literal(letter));
        }
        if letter.is_ascii_alphabetic() || lowered(letter) != letter {
            return Ok(Expression::Set(Class::of(&[(letter, letter)]).folded()));
        }
        if letter.is_alphabetic() {
            return Err(format!(
                "{letter:?} with (?i) is not supported here, for it is beyond ASCII: write both cases"
            ));
        }
        Ok(Expression::Literal(letter))
    }

    // `*`, `+`, `?`, `{2}`, `{2,}`, `{2,3}`; another `{` is a letter.
    fn times(&mut self) -> Read<Option<(u32, Option<u32>)>> {
        for (sign, least, most) in [("*", 0, None), ("+", 1, None), ("?", 0, Some(1))] {
            if self.take_if(sign) {
                return Ok(Some((least, most)));
            }
        }
        let Some((inside, rest)) = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
            return Ok(None);
        };
        let (least, most) = match inside.split_once(',') {
            None => (inside, Some(inside)),
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most)),
        };
        if ![Some(least), most].into_iter().flatten().all(is_number) {
            return Ok(None);
        }
        self.rest = rest;
        let count = |digits: &str| digits.parse::<u32>().ok().filter(|count| *count <= MOST_TIMES);
        let too_many = || format!("a repetition of more than {MOST_TIMES} times, or of fewer at most than at least");
        let least = count(least).ok_or_else(too_many)?;
        let most = most.map(|most| count(most).filter(|most| *most >= least).ok_or_else(too_many)).transpose()?;
        Ok(Some((least, most)))
    }

    // Behind `(`. None: it was flags, which hold from here on.
    fn group(&mut self, depth: usize) -> Read<Option<Expression>> {
        let before = self.flags;
        if self.take_if("?P<")
            || self.rest.starts_with("?<") && !self.rest.starts_with("?<=") && !self.rest.starts_with("?<!")
        {
            self.take_if("?<");
            let name = self.take_until('>').unwrap_or_default();
            let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if name.is_empty() || !is_word || self.names.contains(&name) {
                return Err("the name of a group must be of letters, digits and _, and stand once".to_owned());
            }
            self.names.push(name);
        } else if self.take_if("?") && !self.flags()? {
            return Ok(None);
        }
        let inside = self.choice(depth.saturating_add(1))?;
        self.flags = before;
        if !self.take_if(")") {
            return Err("missing )".to_owned());
        }
        // Its parts stay together when it is repeated, or is a branch's part.
        Ok(Some(match inside {
            sequence @ Expression::Sequence(_) => Expression::Choice(vec![sequence]),
            other => other,
        }))
    }

    // Behind `(?`: `i:`, `i-s)`. Does a group follow?
    fn flags(&mut self) -> Read<bool> {
        let (mut value, mut any) = (true, false);
        while let Some(letter) = self.take() {
            match letter {
                'i' => self.flags.any_case = value,
                'm' => self.flags.lines = value,
                's' => self.flags.dot_is_all = value,
                'U' => {} // which of several matches is meant
                '-' if value => {
                    (value, any) = (false, false);
                    continue;
                }
                ':' | ')' if value || any => return Ok(letter == ':'),
                _ => break,
            }
            any = true;
        }
        Err("unknown flags, or a look-around: Go has i, m, s and U".to_owned())
    }

    // Behind `\`, outside of a class. None: a quotation begins or ends.
    fn escaped(&mut self) -> Read<Option<Expression>> {
        let next = self.rest.chars().next();
        let place = match next {
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"\b",
            Some('B') => r"\B",
            Some('Q') => {
                self.take();
                self.quotes = true;
                return Ok(None);
            }
            _ => {
                if let Some(class) = self.perl_class()? {
                    return Ok(Some(Expression::Set(class)));
                }
                let letter = self.escaped_letter()?;
                return self.letter(letter).map(Some);
            }
        };
        self.take();
        Ok(Some(Expression::Place(place)))
    }

    // Behind `\`: `\d` and the like, where one stands there.
    fn perl_class(&mut self) -> Read<Option<Class>> {
        let Some(letter) = self.rest.chars().next() else { return Ok(None) };
        let class = match letter.to_ascii_lowercase() {
            'd' => Class::of(&[('0', '9')]),
            's' => Class::of(&[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')]),
            'w' => Class::of(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
            'p' => {
                return Err(format!(
                    "\\{letter} is not supported here: there are no Unicode classes, write the ranges out"
                ));
            }
            _ => return Ok(None),
        };
        self.take();
        Ok(Some(self.signed(class, letter.is_ascii_uppercase())))
    }

    fn signed(&self, class: Class, is_negative: bool) -> Class {
        let class = if self.flags.any_case { class.folded() } else { class };
        if is_negative { class.complement() } else { class }
    }

    // Behind `\`: a letter that is written in another way.
    fn escaped_letter(&mut self) -> Read<char> {
        let unknown = |letter: char| format!("\\{letter} means nothing in Go's expressions");
        let number = |digits: &str, radix| {
            let read = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
            read.ok_or_else(|| format!("{digits} is no number of a character"))
        };
        match self.take().ok_or("a \\ at the end")? {
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            'x' if self.take_if("{") => {
                number(self.take_until('}').filter(|digits| is_hex(digits)).unwrap_or_default(), 16)
            }
            'x' => {
                let digits = self.rest.get(..2).filter(|digits| is_hex(digits)).ok_or_else(|| unknown('x'))?;
                self.rest = self.rest.get(2..).unwrap_or_default();
                number(digits, 16)
            }
            // One digit alone would be a reference to a group.
            first @ '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                if first != '0' && more == 0 {
                    return Err(format!("\\{first} is a reference to a group, which Go has not"));
                }
                let (digits, rest) = self.rest.split_at_checked(more).unwrap_or_default();
                self.rest = rest;
                number(&format!("{first}{digits}"), 8)
            }
            letter if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Ok(letter),
            letter => Err(unknown(letter)),
        }
    }

    // Behind `[`.
    fn class(&mut self) -> Read<Expression> {
        let is_negative = self.take_if("^");
        let (mut class, mut is_first) = (Class::default(), true);
        while is_first || !self.take_if("]") {
            is_first = false;
            if class.len() > MOST_RANGES {
                return Err(format!("a class of more than {MOST_RANGES} parts"));
            }
            if let Some(named) = self.named_class()? {
                class.add(&named);
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix('\\') {
                let here = std::mem::replace(&mut self.rest, rest);
                if let Some(perl) = self.perl_class()? {
                    class.add(&perl);
                    continue;
                }
                self.rest = here;
            }
            let first = self.class_letter()?;
            let mut last = first;
            if self.rest.len() > 1 && self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.take();
                last = self.class_letter()?;
            }
            if last < first {
                return Err(format!("the range {first:?} to {last:?} is the wrong way round"));
            }
            let range = Class::of(&[(first, last)]);
            if self.flags.any_case && range.is_wide() {
                return Err("a range beyond ASCII with (?i) is not supported here: write both cases".to_owned());
            }
            class.add(&self.signed(range, false));
        }
        Ok(Expression::Set(if is_negative { class.complement() } else { class }))
    }

    fn class_letter(&mut self) -> Read<char> {
        if self.take_if("\\") {
            return self.escaped_letter();
        }
        self.take().ok_or_else(|| "missing ]".to_owned())
    }

    // `[:alpha:]`, where one stands there.
    fn named_class(&mut self) -> Read<Option<Class>> {
        let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(None);
        };
        let (name, is_negative) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        let class = NAMED.iter().find(|(known, _)| *known == name).map(|(_, ranges)| Class::of(ranges));
        let class = class.ok_or_else(|| format!("[:{name}:] is no class of characters"))?;
        self.rest = rest;
        Ok(Some(self.signed(class, is_negative)))
    }
}

const NAMED: [(&str, &[(char, char)]); 14] = [
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\x7F')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\x1F'), ('\x7F', '\x7F')]),
    ("digit", &[('0', '9')]),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", &[('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')]),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];

fn is_number(digits: &str) -> bool {
    let is_padded = digits.len() > 1 && digits.starts_with('0');
    !digits.is_empty() && !is_padded && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
