//! Dates of feeds: RFC 822 and similar forms, and RFC 3339 and parts of it. Knows no clock.

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const ZONES: [(&str, i64); 12] = [
    ("Z", 0),
    ("UT", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
];

/// The moment in UTC, as Go writes a time: `2024-05-01T10:00:00Z`. `None` if the text is not a date.
pub(super) fn utc(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split_once(", ").map_or(text, |(_, date)| date).trim();
    match text.as_bytes() {
        [a, b, c, d, b'-', ..] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()) => rfc3339(text),
        _ => rfc822(text),
    }
}

// 2006-01-02, 2006-01-02T15:04[:05[.5]][zone]
fn rfc3339(text: &str) -> Option<String> {
    let date = text.get(..10)?;
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let rest = text.get(10..)?;
    let rest = rest.strip_prefix(['T', 't', ' ']).unwrap_or(rest);
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ':' | '.')).unwrap_or(rest.len());
    let (time, zone) = rest.split_at_checked(end)?;
    moment((year, month, day), time, zone.trim())
}

// [Mon,] 02 Jan 2006 15:04[:05] [zone]
fn rfc822(text: &str) -> Option<String> {
    let mut words = text.split_ascii_whitespace();
    let day = number(words.next()?)?;
    let month = words.next()?.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|known| *known == month)?;
    let year = match number(words.next()?)? {
        year @ 0..=68 => year.checked_add(2000)?,
        year @ 69..=99 => year.checked_add(1900)?,
        year => year,
    };
    let (time, zone) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    moment((year, i64::try_from(month).ok()?.checked_add(1)?, day), time, zone)
}

fn moment((year, month, day): (i64, i64, i64), time: &str, zone: &str) -> Option<String> {
    let is_date = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = clock.split(':');
    let mut part = |most: i64| match parts.next() {
        None | Some("") => Some(0),
        Some(digits) => number(digits).filter(|number| (0..=most).contains(number)),
    };
    let (hour, minute, second) = (part(23)?, part(59)?, part(59)?);
    if !is_date || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let minutes = days(year, month, day)?
        .checked_mul(24 * 60)?
        .checked_add(hour.checked_mul(60)?)?
        .checked_add(minute)?
        .checked_sub(offset(zone)?)?;
    let (year, month, day) = date(minutes.div_euclid(24 * 60))?;
    let left = minutes.rem_euclid(24 * 60);
    let fraction = fraction.trim_end_matches('0').get(..9).unwrap_or(fraction.trim_end_matches('0'));
    let point = if fraction.is_empty() { "" } else { "." };
    let (hour, minute) = (left.checked_div(60)?, left.checked_rem(60)?);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{fraction}Z"))
}

/// Minutes east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.as_bytes() {
        [] => return Some(0),
        [b'+', ..] => (1, zone.get(1..)?),
        [b'-', ..] => (-1_i64, zone.get(1..)?),
        _ => return ZONES.iter().find(|(name, _)| name.eq_ignore_ascii_case(zone)).map(|(_, minutes)| *minutes),
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = (number(digits.get(..2)?)?, number(digits.get(2..4)?)?);
    hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(sign)
}

fn number(digits: &str) -> Option<i64> {
    (digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// Days since 1970-01-01, by the Gregorian calendar; `None` for a day that its month does not have.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    // A year that begins in March has its leap day at its end.
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let shifted = month.checked_add(9)?.checked_rem(12)?;
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = shifted.checked_mul(153)?.checked_add(2)?.checked_div(5)?.checked_add(day.checked_sub(1)?)?;
    let leap = of_era.checked_div(4)?.checked_sub(of_era.checked_div(100)?)?;
    let of_era = of_era.checked_mul(365)?.checked_add(leap)?.checked_add(of_year)?;
    let found = era.checked_mul(146_097)?.checked_add(of_era)?.checked_sub(719_468)?;
    (date(found)?.2 == day).then_some(found)
}

/// The date of a number of days since 1970-01-01.
fn date(days: i64) -> Option<(i64, i64, i64)> {
    let days = days.checked_add(719_468)?;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let corrected = of_era
        .checked_sub(of_era.checked_div(1_460)?)?
        .checked_add(of_era.checked_div(36_524)?)?
        .checked_sub(of_era.checked_div(146_096)?)?;
    let year = corrected.checked_div(365)?;
    let before = year.checked_mul(365)?.checked_add(year.checked_div(4)?)?.checked_sub(year.checked_div(100)?)?;
    let of_year = of_era.checked_sub(before)?;
    let shifted = of_year.checked_mul(5)?.checked_add(2)?.checked_div(153)?;
    let day = of_year.checked_sub(shifted.checked_mul(153)?.checked_add(2)?.checked_div(5)?)?.checked_add(1)?;
    let month = if shifted < 10 { shifted.checked_add(3)? } else { shifted.checked_sub(9)? };
    let year = era.checked_mul(400)?.checked_add(year)?.checked_add(i64::from(month <= 2))?;
    Some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_feeds_become_moments() {
        let rows = [
            ("Mon, 02 Jan 2006 15:04:05 -0700", Some("2006-01-02T22:04:05Z")),
            ("Thu, 29 Feb 2024 23:30:00 EST", Some("2024-03-01T04:30:00Z")),
            ("1 Jan 70 00:00 GMT", Some("1970-01-01T00:00:00Z")),
            ("2024-05-01T10:00:00.250+02:00", Some("2024-05-01T08:00:00.25Z")),
            ("2024-05-01T10:00:00Z", Some("2024-05-01T10:00:00Z")),
            ("2024-05-01", Some("2024-05-01T00:00:00Z")),
            ("Fri, 30 Feb 2024 00:00:00 GMT", None),
            ("2024-13-01", None),
            ("9999-99-99T99:99:99+99:99", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, moment) in rows {
            assert_eq!(utc(text).as_deref(), moment, "{text}");
        }
    }
}
