//! Go's layouts: a text that shows how the second of January 2006, 15:04:05, would be written. Source: time/format.go.

use super::{Civil, Time};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The parts of a layout; longer names stand before names that are their beginnings.
const PARTS: [(&str, Part); 31] = [
    ("January", Part::LongMonth),
    ("Jan", Part::Month),
    ("Monday", Part::LongWeekday),
    ("Mon", Part::Weekday),
    ("MST", Part::Zone("UTC")),
    ("2006", Part::Year),
    ("-07:00:00", Part::Zone("+00:00:00")),
    ("-07:00", Part::Zone("+00:00")),
    ("-070000", Part::Zone("+000000")),
    ("-0700", Part::Zone("+0000")),
    ("-07", Part::Zone("+00")),
    ("Z07:00:00", Part::Zone("Z")),
    ("Z07:00", Part::Zone("Z")),
    ("Z070000", Part::Zone("Z")),
    ("Z0700", Part::Zone("Z")),
    ("Z07", Part::Zone("Z")),
    ("002", Part::DayOfYear),
    ("01", Part::Number(Unit::Month, 2)),
    ("02", Part::Number(Unit::Day, 2)),
    ("03", Part::Number(Unit::Hour12, 2)),
    ("04", Part::Number(Unit::Minute, 2)),
    ("05", Part::Number(Unit::Second, 2)),
    ("06", Part::ShortYear),
    ("15", Part::Number(Unit::Hour, 2)),
    ("PM", Part::Half("AM", "PM")),
    ("pm", Part::Half("am", "pm")),
    ("1", Part::Number(Unit::Month, 1)),
    ("_2", Part::SpacedDay),
    ("2", Part::Number(Unit::Day, 1)),
    ("3", Part::Number(Unit::Hour12, 1)),
    ("4", Part::Number(Unit::Minute, 1)),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    LongMonth,
    Month,
    LongWeekday,
    Weekday,
    /// The zone of UTC, as the layout writes it.
    Zone(&'static str),
    Year,
    ShortYear,
    DayOfYear,
    SpacedDay,
    /// A number of at least this many digits.
    Number(Unit, usize),
    /// The words for before and after noon.
    Half(&'static str, &'static str),
    /// Decimals of the second after a point or comma; `true` if zeros at their end are left out.
    Decimals(char, usize, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Month,
    Day,
    Hour,
    Hour12,
    Minute,
    Second,
}

/// A layout.
pub(crate) struct Layout<'l>(&'l str);

impl<'l> Layout<'l> {
    pub(crate) fn new(layout: &'l str) -> Self {
        Self(layout)
    }

    /// A moment in this layout.
    pub(crate) fn write(&self, time: Time) -> String {
        let (civil, mut text, mut rest) = (time.civil(), String::new(), self.0);
        while let Some(next) = rest.chars().next() {
            let length = match part(rest) {
                Some((part, length)) => {
                    text.push_str(&written(part, &civil));
                    length
                }
                None => {
                    text.push(next);
                    next.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        text
    }

    /// Reads a moment that is written in this layout. The error is shorter than Go's.
    pub(crate) fn read(&self, text: &str) -> Result<Time, String> {
        let failed = || format!("parsing time {text:?} as {:?}: cannot parse", self.0);
        let (mut layout, mut input, mut found) = (self.0, text, Found::default());
        while let Some(next) = layout.chars().next() {
            let length = match part(layout) {
                Some((part, length)) => {
                    input = found.read(part, input).ok_or_else(failed)?;
                    length
                }
                None => {
                    input = input.strip_prefix(next).ok_or_else(failed)?;
                    next.len_utf8()
                }
            };
            layout = layout.get(length..).unwrap_or_default();
        }
        if !input.is_empty() {
            return Err(format!("parsing time {text:?}: extra text: {input:?}"));
        }
        found.time().ok_or_else(|| format!("parsing time {text:?}: out of range"))
    }
}

/// The part that a layout begins with, and its length.
fn part(layout: &str) -> Option<(Part, usize)> {
    if let Some(decimals) = layout.strip_prefix(['.', ',']) {
        for (digit, trimmed) in [('0', false), ('9', true)] {
            let count = decimals.chars().take_while(|next| *next == digit).count();
            let ends = decimals.chars().nth(count).is_none_or(|next| !next.is_ascii_digit());
            if count > 0 && ends {
                let point = if layout.starts_with(',') { ',' } else { '.' };
                return Some((Part::Decimals(point, count, trimmed), count + 1));
            }
        }
        return None;
    }
    // "Jan" and "Mon" count only if no small letter follows.
    let whole = |name: &str| {
        let behind = layout.get(name.len()..).and_then(|rest| rest.chars().next());
        !matches!(name, "Jan" | "Mon") || behind.is_none_or(|next| !next.is_ascii_lowercase())
    };
    if layout.starts_with('5') {
        return Some((Part::Number(Unit::Second, 1), 1));
    }
    let (name, part) = PARTS.iter().find(|(name, _)| layout.starts_with(name) && whole(name))?;
    Some((*part, name.len()))
}

fn written(part: Part, civil: &Civil) -> String {
    let name = |names: &[&str], index: usize| names.get(index).copied().unwrap_or_default().to_owned();
    let short = |name: String| name.chars().take(3).collect();
    let month = civil.month.saturating_sub(1) as usize;
    match part {
        Part::LongMonth => name(&MONTHS, month),
        Part::Month => short(name(&MONTHS, month)),
        Part::LongWeekday => name(&DAYS, civil.weekday),
        Part::Weekday => short(name(&DAYS, civil.weekday)),
        Part::Zone(zone) => zone.to_owned(),
        Part::Year => format!("{:04}", civil.year),
        Part::ShortYear => format!("{:02}", civil.year.rem_euclid(100)),
        Part::DayOfYear => format!("{:03}", civil.day_of_year),
        Part::SpacedDay => format!("{:2}", civil.day),
        Part::Number(unit, digits) => {
            let number = match unit {
                Unit::Month => civil.month,
                Unit::Day => civil.day,
                Unit::Hour => civil.hour,
                Unit::Hour12 => (civil.hour + 11) % 12 + 1,
                Unit::Minute => civil.minute,
                Unit::Second => civil.second,
            };
            format!("{number:0digits$}")
        }
        Part::Half(before, after) => if civil.hour < 12 { before } else { after }.to_owned(),
        Part::Decimals(point, count, trimmed) => {
            let nine = format!("{:09}", civil.nanosecond);
            let digits = nine.get(..count.min(9)).unwrap_or(&nine);
            let digits = if trimmed { digits.trim_end_matches('0') } else { digits };
            if digits.is_empty() { String::new() } else { format!("{point}{digits}") }
        }
    }
}

/// The values of a moment that have been read so far.
#[derive(Default)]
struct Found {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    afternoon: Option<bool>,
    /// Seconds east of UTC.
    offset: i64,
}

impl Found {
    /// Reads one part; gives the text after it.
    fn read<'t>(&mut self, part: Part, text: &'t str) -> Option<&'t str> {
        match part {
            Part::LongMonth | Part::Month => {
                let (index, rest) = named(&MONTHS, text, part == Part::Month)?;
                self.month = u32::try_from(index + 1).ok();
                Some(rest)
            }
            Part::LongWeekday | Part::Weekday => named(&DAYS, text, part == Part::Weekday).map(|(_, rest)| rest),
            Part::Zone(_) => self.zone(text),
            Part::Year => {
                let (number, rest) = digits(text, 4, 4)?;
                self.year = number.into();
                Some(rest)
            }
            Part::ShortYear => {
                let (number, rest) = digits(text, 2, 2)?;
                self.year = i64::from(number) + if number >= 69 { 1900 } else { 2000 };
                Some(rest)
            }
            Part::SpacedDay => self.read(Part::Number(Unit::Day, 1), text.trim_start_matches(' ')),
            Part::DayOfYear => None,
            Part::Number(unit, least) => {
                let (number, rest) = digits(text, least, 2)?;
                match unit {
                    Unit::Month => self.month = Some(number),
                    Unit::Day => self.day = Some(number),
                    Unit::Hour | Unit::Hour12 => self.hour = number,
                    Unit::Minute => self.minute = number,
                    Unit::Second => {
                        self.second = number;
                        // Decimals are read even if the layout has none.
                        return Some(self.decimals(rest).unwrap_or(rest));
                    }
                }
                Some(rest)
            }
            Part::Half(before, after) => {
                self.afternoon = Some(text.starts_with(after));
                text.strip_prefix(after).or_else(|| text.strip_prefix(before))
            }
            Part::Decimals(_, _, trimmed) => match self.decimals(text) {
                None if trimmed || self.nanosecond > 0 => Some(text),
                read => read,
            },
        }
    }

    fn decimals<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let rest = text.strip_prefix(['.', ','])?;
        let end = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, rest) = rest.split_at(end);
        self.nanosecond = format!("{digits:0<9}").get(..9)?.parse().ok().filter(|_| !digits.is_empty())?;
        Some(rest)
    }

    fn zone<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if let Some(rest) = ["UTC", "GMT", "Z"].iter().find_map(|name| text.strip_prefix(name)) {
            return Some(rest);
        }
        let rest = text.strip_prefix(['+', '-'])?;
        let (hours, rest) = digits(rest, 2, 2)?;
        let behind = rest.strip_prefix(':').unwrap_or(rest);
        let (minutes, rest) = digits(behind, 2, 2).unwrap_or((0, rest));
        let offset = i64::from(hours) * 3600 + i64::from(minutes) * 60;
        self.offset = if text.starts_with('-') { -offset } else { offset };
        Some(rest)
    }

    fn time(&self) -> Option<Time> {
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let in_range = (1..=12).contains(&month) && hour < 24 && self.minute < 60 && self.second < 60;
        let seconds = i64::from(hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second) - self.offset;
        let time = Time::from_civil(self.year, month, day, seconds, self.nanosecond);
        // A day that its month does not have appears as a day of another month.
        let shown = Time::from_civil(self.year, month, day, 0, 0).civil();
        (in_range && (shown.month, shown.day) == (month, day)).then_some(time)
    }
}

fn named<'t>(names: &[&str], text: &'t str, short: bool) -> Option<(usize, &'t str)> {
    names.iter().enumerate().find_map(|(index, name)| {
        let name = if short { name.get(..3)? } else { name };
        let (head, rest) = text.split_at_checked(name.len())?;
        head.eq_ignore_ascii_case(name).then_some((index, rest))
    })
}

fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    let (number, rest) = text.split_at(count);
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_writes_and_reads() {
        let layout = Layout::new("Mon Jan _2 15:04:05 MST 2006");
        let time = Time::from_seconds(1_136_214_245);
        assert_eq!(layout.write(time), "Mon Jan  2 15:04:05 UTC 2006");
        assert_eq!(layout.read("Mon Jan  2 15:04:05 UTC 2006"), Ok(time));
        assert_eq!(Layout::new("Monday, 02-Jan-06 3:04PM .000").write(time), "Monday, 02-Jan-06 3:04PM .000");
        assert_eq!(
            Layout::new("2006-01-02T15:04:05Z07:00").read("2006-01-02T17:04:05.5+02:00").unwrap().nanoseconds,
            500_000_000
        );
        assert_eq!(Layout::new("January 2, 1/5 002 é").write(time), "January 2, 1/5 002 é");
    }

    #[test]
    fn what_is_no_such_time_is_an_error() {
        for (layout, text) in [
            ("2006-01-02", "2023-02-30"),
            ("2006-01-02", "2023-13-01"),
            ("2006", "20x6"),
            ("2006", "20066"),
            ("15:04", "25:00"),
        ] {
            assert!(Layout::new(layout).read(text).is_err(), "{text}");
        }
    }
}
