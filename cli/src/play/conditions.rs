//! The conditions of an exchange: the time at which it begins, and the random numbers that scripts draw. Both are real unless
//! they are set.

use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use toml::value::{Datetime, Offset};

const HELP: &str = "write it like 2026-01-31T09:30:00Z";
const SECONDS_OF_A_DAY: i64 = 24 * 3600;

/// What is told; nothing is left to chance then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub(crate) struct Conditions {
    /// When it is, for os.time() and os.date(): 2026-01-31T09:30:00Z [default: now]
    #[arg(long, value_name = "RFC3339")]
    now: Option<Moment>,
    /// Scripts draw the same random numbers at each start [default: others each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Conditions {
    pub(crate) fn new(now: Option<Moment>, seed: Option<u64>) -> Self {
        Self { now, seed }
    }

    /// These conditions, filled up from `others` where they set nothing.
    pub(crate) fn or(self, others: Self) -> Self {
        Self { now: self.now.or(others.now), seed: self.seed.or(others.seed) }
    }

    /// The time at which the exchange begins, since the Unix epoch.
    pub(super) fn now(self) -> Duration {
        let real = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.now.map_or_else(real, |moment| moment.0)
    }

    /// The seed of the host's random numbers.
    pub(super) fn seed(self) -> u64 {
        // The keys of the standard library's hashes are random numbers of the system.
        self.seed.unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish())
    }
}

/// A moment since the Unix epoch, written as in RFC 3339: as a text, or as a date of TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Moment(Duration);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a moment is written like 2026-01-31T09:30:00Z")]
enum Written {
    Date(Datetime),
    Text(String),
}

impl TryFrom<Written> for Moment {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Date(date) => of_date(date),
            Written::Text(text) => text.parse(),
        }
    }
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<Datetime>().map_err(|_| HELP.to_owned()).and_then(of_date)
    }
}

fn of_date(date: Datetime) -> Result<Moment, String> {
    let Datetime { date: Some(day), time: Some(time), offset: Some(offset) } = date else {
        return Err(format!("a moment has a date, a time and an offset: {HELP}"));
    };
    let Offset::Custom { minutes } = (match offset {
        Offset::Z => Offset::Custom { minutes: 0 },
        custom => custom,
    }) else {
        return Err(HELP.to_owned());
    };
    let of_day = i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0));
    let days = days(i64::from(day.year), i64::from(day.month), i64::from(day.day));
    let seconds = days * SECONDS_OF_A_DAY + of_day - i64::from(minutes) * 60;
    let seconds = u64::try_from(seconds).map_err(|_| "clocks begin in 1970".to_owned())?;
    Ok(Moment(Duration::new(seconds, time.nanosecond.unwrap_or(0))))
}

/// Days since the first of January 1970. Years are counted from March, so that a leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_rfc_3339_writes_them() {
        let rows = [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2000-02-29T00:00:00Z", 951_782_400, 0),
            ("2001-03-01T00:00:00Z", 983_404_800, 0),
            ("2023-11-14T22:13:20Z", 1_700_000_000, 0),
            ("2023-11-14 22:13:20.5+00:00", 1_700_000_000, 500_000_000),
            ("2023-11-15T00:13:20+02:00", 1_700_000_000, 0),
            ("2023-11-14t17:43:20-04:30", 1_700_000_000, 0),
            ("2100-12-31T23:59:59Z", 4_133_980_799, 0),
        ];
        for (text, seconds, nanoseconds) in rows {
            assert_eq!(text.parse(), Ok(Moment(Duration::new(seconds, nanoseconds))), "{text}");
        }
        for wrong in ["", "now", "1700000000", "2023-11-14", "22:13:20", "2023-11-14T22:13:20", "2023-13-01T00:00:00Z"]
        {
            assert!(wrong.parse::<Moment>().unwrap_err().contains("2026-01-31T09:30:00Z"), "{wrong}");
        }
        assert_eq!("1969-12-31T23:59:59Z".parse::<Moment>(), Err("clocks begin in 1970".to_owned()));
    }

    #[test]
    fn what_is_not_told_is_drawn_anew() {
        let free = Conditions::default();
        assert_ne!(free.seed(), free.seed());
        let told = Conditions::new(None, Some(7)).or(Conditions::new("1970-01-01T00:00:09Z".parse().ok(), Some(8)));
        assert_eq!((told.seed(), told.now()), (7, Duration::from_secs(9)));
    }
}
