//! Moments in UTC, written and read by Go's layouts (`2006-01-02`), and Go's durations. Knows no other time zone.

mod duration;
mod layout;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Value, wrong_number};

pub(crate) use duration::{duration_text, parse_duration};
pub(crate) use layout::Layout;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970; negative for earlier moments.
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: u32,
}

/// A moment as a calendar shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Civil {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) nanosecond: u32,
    /// The day of the week; Sunday is 0.
    pub(super) weekday: usize,
    /// From 1.
    pub(super) day_of_year: u32,
}

const DAY: i64 = 86_400;
/// The limit for seconds: later or earlier years are no calendar years, and their seconds may overflow.
const MOST: i64 = 1 << 40;

impl Time {
    /// Go's zero time: the first of January of year 1.
    pub(crate) const ZERO: Self = Self { seconds: -62_135_596_800, nanoseconds: 0 };

    /// The moment this many seconds after 1970.
    pub(crate) fn from_seconds(seconds: i64) -> Self {
        Self { seconds: seconds.clamp(-MOST, MOST), nanoseconds: 0 }
    }

    /// The moment this many nanoseconds later.
    pub(crate) fn add(self, nanoseconds: i64) -> Self {
        let total = i64::from(self.nanoseconds) + nanoseconds.rem_euclid(1_000_000_000);
        let seconds = self.seconds + nanoseconds.div_euclid(1_000_000_000) + total.div_euclid(1_000_000_000);
        let nanoseconds = u32::try_from(total.rem_euclid(1_000_000_000)).unwrap_or_default();
        Self { seconds: seconds.clamp(-MOST, MOST), nanoseconds }
    }

    /// Nanoseconds from `other` to this moment.
    pub(crate) fn since(self, other: Self) -> i64 {
        let seconds = self.seconds.saturating_sub(other.seconds);
        seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(self.nanoseconds) - i64::from(other.nanoseconds))
    }

    // Howard Hinnant's "days from civil" algorithms, for years that begin with March.
    pub(super) fn civil(self) -> Civil {
        let (days, second) = (self.seconds.div_euclid(DAY), self.seconds.rem_euclid(DAY));
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let small = |number: i64| u32::try_from(number).unwrap_or_default();
        Civil {
            year,
            month: small(month),
            day: small(day),
            hour: small(second / 3600),
            minute: small(second / 60 % 60),
            second: small(second % 60),
            nanosecond: self.nanoseconds,
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or_default(),
            day_of_year: small(days - days_before(year, 1, 1) + 1),
        }
    }

    pub(super) fn from_civil(year: i64, month: u32, day: u32, seconds: i64, nanoseconds: u32) -> Self {
        Self { nanoseconds, ..Self::from_seconds(days_before(year, month, day) * DAY + seconds) }
    }

    pub(super) fn rfc3339(self) -> String {
        Layout::new("2006-01-02T15:04:05.999999999Z07:00").write(self)
    }

    pub(super) fn method(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
        let civil = self.civil();
        let value = match name {
            "Format" => {
                let layout = match arguments {
                    [Value::String(layout)] => Ok(Layout::new(layout).write(*self).into()),
                    [other] => Err(format!("wrong type for value; expected string; got {}", other.type_name())),
                    _ => Err(wrong_number(name, 1, arguments).unwrap_or_default()),
                };
                return Some(layout);
            }
            "Year" => Value::Int(civil.year),
            "Month" => Layout::new("January").write(*self).into(),
            "Weekday" => Layout::new("Monday").write(*self).into(),
            "Day" => Value::Int(civil.day.into()),
            "Hour" => Value::Int(civil.hour.into()),
            "Minute" => Value::Int(civil.minute.into()),
            "Second" => Value::Int(civil.second.into()),
            "Nanosecond" => Value::Int(civil.nanosecond.into()),
            "YearDay" => Value::Int(civil.day_of_year.into()),
            "Unix" => Value::Int64(self.seconds),
            "UnixMilli" => Value::Int64(self.seconds * 1000 + i64::from(self.nanoseconds / 1_000_000)),
            "UnixNano" => Value::Int64(self.since(Self { seconds: 0, nanoseconds: 0 })),
            "UTC" | "Local" => Value::Object(super::Object::Time(*self)),
            "String" => self.to_string().into(),
            "IsZero" => Value::Bool(*self == Self::ZERO),
            _ => return None,
        };
        Some(wrong_number(name, 0, arguments).map_or(Ok(value), Err))
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let seconds = i64::try_from(since.as_secs()).unwrap_or(MOST);
        Self { nanoseconds: since.subsec_nanos(), ..Self::from_seconds(seconds) }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Layout::new("2006-01-02 15:04:05.999999999 -0700 MST").write(*self))
    }
}

/// Days from 1970 to a day of the calendar.
fn days_before(year: i64, month: u32, day: u32) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_go_writes_it() {
        let time = Time { seconds: 1_700_000_000, nanoseconds: 120_000_000 };
        assert_eq!(time.to_string(), "2023-11-14 22:13:20.12 +0000 UTC");
        assert_eq!(time.rfc3339(), "2023-11-14T22:13:20.12Z");
        assert_eq!(Time::ZERO.to_string(), "0001-01-01 00:00:00 +0000 UTC");
        assert_eq!(Time::from_seconds(-1).to_string(), "1969-12-31 23:59:59 +0000 UTC");
        assert_eq!(Time::from_seconds(951_782_400).to_string(), "2000-02-29 00:00:00 +0000 UTC");
    }

    #[test]
    fn moments_far_away_do_not_overflow() {
        for seconds in [i64::MIN, i64::MAX] {
            let time = Time::from_seconds(seconds).add(seconds);
            assert!(!time.to_string().is_empty());
            assert!(time.since(Time::ZERO) != 0);
        }
    }
}
