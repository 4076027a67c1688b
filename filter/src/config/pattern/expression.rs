//! A regular expression taken apart: how it is written for the engine, how much it is, and which text must be there for it to
//! match at all. Knows nothing of how people write one.

use std::fmt::Write;

use super::class::{Class, lowered};

/// An expression, or a part of one. Which of several matches is the first does not matter: only whether there is one.
#[derive(Debug)]
pub(super) enum Expression {
    /// One character.
    Literal(char),
    /// One of these characters.
    Set(Class),
    /// A place between characters, as the engine writes it.
    Place(&'static str),
    /// One after the other.
    Sequence(Vec<Self>),
    /// One of them.
    Choice(Vec<Self>),
    /// Several times: at least, and at most.
    Repeated(u32, Option<u32>, Box<Self>),
}

impl Expression {
    /// For the engine, where no character means anything but itself.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Literal(letter) if letter.is_ascii_alphanumeric() => out.push(*letter),
            Self::Literal(letter) => drop(write!(out, r"\x{{{:X}}}", u32::from(*letter))), // to a String: cannot fail
            Self::Set(class) => class.write(out),
            Self::Place(place) => out.push_str(place),
            Self::Sequence(parts) => parts.iter().for_each(|part| part.write(out)),
            Self::Choice(parts) => {
                out.push_str("(?:");
                for (number, part) in parts.iter().enumerate() {
                    if number > 0 {
                        out.push('|');
                    }
                    part.write(out);
                }
                out.push(')');
            }
            Self::Repeated(least, most, part) => {
                let is_one = matches!(**part, Self::Literal(_) | Self::Set(_) | Self::Choice(_));
                out.push_str(if is_one { "" } else { "(?:" });
                part.write(out);
                out.push_str(if is_one { "" } else { ")" });
                let _ = match most {
                    Some(most) => write!(out, "{{{least},{most}}}"),
                    None => write!(out, "{{{least},}}"),
                };
            }
        }
    }

    /// About how many states the engine has for it.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Literal(_) | Self::Place(_) => 1,
            Self::Set(class) => u64::try_from(class.len() / 4).unwrap_or(u64::MAX).saturating_add(1),
            Self::Sequence(parts) => parts.iter().fold(1, |sum: u64, part| sum.saturating_add(part.weight())),
            Self::Choice(parts) => parts.iter().fold(1, |sum: u64, part| sum.saturating_add(part.weight())),
            Self::Repeated(least, most, part) => {
                let times = most.unwrap_or_else(|| least.saturating_add(1)).max(1);
                part.weight().saturating_add(1).saturating_mul(u64::from(times))
            }
        }
    }

    /// The longest text, in [`lowered`] letters, that every match contains; may be empty.
    pub(super) fn required(&self) -> String {
        match self {
            Self::Literal(letter) => lowered(*letter).to_string(),
            Self::Set(class) => class.only_letter().map(String::from).unwrap_or_default(),
            Self::Sequence(parts) => {
                let (mut longest, mut run) = (String::new(), String::new());
                for part in parts {
                    let required = part.required();
                    if matches!(part, Self::Literal(_) | Self::Set(_)) && !required.is_empty() {
                        run.push_str(&required);
                    } else {
                        longest = longer(longest, std::mem::take(&mut run));
                        longest = longer(longest, required);
                    }
                }
                longer(longest, run)
            }
            Self::Choice(parts) if parts.len() == 1 => parts.first().map(Self::required).unwrap_or_default(),
            Self::Repeated(1.., _, part) => part.required(),
            Self::Place(_) | Self::Choice(_) | Self::Repeated(..) => String::new(),
        }
    }
}

fn longer(one: String, other: String) -> String {
    if other.len() > one.len() { other } else { one }
}
