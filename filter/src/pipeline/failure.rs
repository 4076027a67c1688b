//! What can go wrong in an exchange, as a value; its words and its status are made here and nowhere else.

use std::fmt;
use std::panic::Location;

use crate::bindings::{CustomError, SEPARATOR};
use crate::http::one_line;
use crate::lua::{ScriptError, ScriptLine};

/// Why an exchange, or one leg of it, has no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A script called `custom_error`, or threw an error that looks like one.
    Custom {
        /// The body, where errors have one.
        message: String,
        /// `None`: 500.
        status: Option<i64>,
        /// The body's media type.
        content_type: Option<String>,
        /// Where in the script.
        place: Option<ScriptLine>,
    },
    /// A script failed.
    Script {
        /// What happened.
        message: String,
        /// Where, as KrakenD tells it: `pre-script:L3`.
        place: Option<ScriptLine>,
        /// Where, in a file that the script loaded.
        file: Option<ScriptLine>,
    },
    /// KrakenD's gateway panics at what a script did, and recovers with an answer that says nothing.
    Panic {
        /// What and where, for the log.
        message: String,
    },
    /// A live source could not be fetched.
    Source {
        /// As KrakenD says it.
        message: String,
        /// Why, which is for the log.
        why: String,
    },
    /// A script met one of its limits.
    Limit {
        /// Which, and the key that raises it.
        message: String,
        /// Where in the script.
        place: Option<ScriptLine>,
    },
    /// The backend's status is neither 200 nor 201.
    Status {
        /// As KrakenD says it: `invalid status code 404 [GET /b]: http://host/b`.
        message: String,
    },
    /// The same, where `return_error_code` hands it on.
    Returned {
        /// The backend's status.
        status: u16,
        /// The backend's body.
        body: String,
        /// The backend's content type.
        content_type: String,
    },
    /// The request could not be sent, or nothing came back.
    Upstream {
        /// `Get "http://host/b": connection refused`.
        message: String,
    },
    /// The time of the endpoint is over.
    Timeout,
    /// A body is larger than `limits.body_bytes`.
    TooLarge {
        /// The client's, or a backend's?
        of_request: bool,
        /// The limit.
        limit: u64,
    },
    /// The gateway asks itself over and over.
    Loop {
        /// The endpoints of the loop: `GET /a -> GET /b -> GET /a`.
        way: String,
        /// How many of its own requests lie within each other.
        times: usize,
    },
    /// Several backends failed, and none came through.
    All(Vec<Self>),
    /// What cannot happen has happened: a fault of this program, and neither the client's nor a script's.
    Broken {
        /// What was not there, or not as it must be.
        what: &'static str,
        /// Where in this program that was noticed.
        noticed: &'static Location<'static>,
    },
}

/// What must be there: where it is not, the exchange is broken, is answered, and says so. It never waits for ever.
pub(crate) trait OrBroken<T> {
    /// The value, or [`Failure::Broken`] with what is missing.
    fn or_broken(self, what: &'static str) -> Result<T, Failure>;
}

impl<T> OrBroken<T> for Option<T> {
    #[track_caller]
    fn or_broken(self, what: &'static str) -> Result<T, Failure> {
        match self {
            Some(value) => Ok(value),
            None => Err(Failure::broken(what)),
        }
    }
}

impl Failure {
    /// What cannot happen, at the place of the caller.
    #[track_caller]
    pub(crate) fn broken(what: &'static str) -> Self {
        Self::Broken { what, noticed: Location::caller() }
    }

    /// An error of a script that has no place in it.
    pub(crate) fn script(message: String) -> Self {
        Self::Script { message, place: None, file: None }
    }

    /// A backend gets no more requests for now: krakend-ratelimit's ErrLimited, to the letter.
    pub(crate) fn rate_limited() -> Self {
        Self::Upstream { message: "rate limit exceded".to_owned() }
    }

    /// What a script's error means: a custom error, a limit, or just an error.
    pub(crate) fn of_script(error: ScriptError, custom: Option<CustomError>) -> Self {
        if error.exceeded.is_some() {
            return Self::Limit { message: error.message, place: error.place };
        }
        let ScriptError { place, file, .. } = error;
        if let Some(custom) = custom {
            let content_type = custom.content_type.filter(|kind| !kind.is_empty());
            return Self::Custom {
                message: custom.message,
                status: custom.status,
                content_type,
                place: file.or(place),
            };
        }
        // KrakenD: any error text is split on the separator (errors.go), and scripts rely on it.
        let mut parts = error.message.split(SEPARATOR);
        let message = parts.next().unwrap_or_default().to_owned();
        match parts.next() {
            Some(status) => {
                let status = Some(status.parse().unwrap_or(500));
                let content_type = parts.next().map(str::to_owned);
                Self::Custom { message, status, content_type, place: file.or(place) }
            }
            None if panics_at(&error.text) => {
                let place = file.or(place).or(error.raised_at).map(|place| format!(" ({place})"));
                Self::Panic { message: format!("{message}{}", place.unwrap_or_default()) }
            }
            None => Self::Script { message, place, file },
        }
    }

    /// What happened and where, for those who look for it: clients get KrakenD's words.
    pub(crate) fn located(&self) -> String {
        match self {
            Self::Script { message, file: Some(file), .. } => format!("{message} ({file})"),
            other => other.to_string(),
        }
    }

    /// What the log says: one line, with what is not for clients.
    pub(crate) fn log_line(&self) -> String {
        let more = match self {
            Self::Custom { place: Some(place), .. } | Self::Limit { place: Some(place), .. } => {
                format!(" ({place})")
            }
            Self::Source { why, .. } => why.clone(),
            Self::Panic { .. } => " [KrakenD panics here: 500 without a body]".to_owned(),
            Self::Broken { noticed, .. } => {
                format!(" ({noticed}): this is a fault of lua-modifier, please report it")
            }
            _ => String::new(),
        };
        one_line(&format!("{}{more}", self.located()))
    }

    /// Did a script cause it, rather than a service or a message?
    pub(crate) fn is_of_script(&self) -> bool {
        matches!(
            self,
            Self::Custom { .. } | Self::Script { .. } | Self::Panic { .. } | Self::Source { .. } | Self::Limit { .. }
        )
    }

    /// The status that it is answered with.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Custom { status, .. } => match status {
                None | Some(-1) => 500,
                Some(status) => {
                    u16::try_from(*status).ok().filter(|status| (200..=999).contains(status)).unwrap_or(500)
                }
            },
            Self::Returned { status, .. } => *status,
            Self::TooLarge { of_request: true, .. } => 413,
            Self::Loop { .. } => 508,
            _ => 500,
        }
    }

    /// The media type of its words, where it has one of its own.
    pub(crate) fn content_type(&self) -> Option<&str> {
        match self {
            Self::Custom { content_type, .. } => content_type.as_deref(),
            Self::Returned { content_type, .. } => Some(content_type.as_str()).filter(|kind| !kind.is_empty()),
            _ => None,
        }
    }
}

// KrakenD takes an error's text apart where it expects `<string>:3: words` (binder's error.go, krakend-lua's errors.go), and cuts
// where nothing is if the text is another one: `error('id: missing', 0)`.
fn panics_at(text: &str) -> bool {
    let mut parts = text.splitn(3, ':').skip(1);
    let (second, rest) = (parts.next(), parts.next());
    if second.is_none() || second.and_then(|second| second.parse::<i64>().ok()).is_some_and(|line| line >= 0) {
        return false;
    }
    // Where there are but two parts, a traceback follows.
    let told = rest.map_or(text, |rest| rest.trim_matches(' '));
    match told.find(':') {
        Some(colon) => colon < "Line ".len() || colon.saturating_add(2) > told.len() && rest.is_some(),
        None => true,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Custom { message, status: Some(status), .. } if !(*status == -1 || (200..=999).contains(status)) => {
                write!(f, "{message} (custom_error: {status} is no status that can be answered)")
            }
            Self::Script { message, place: Some(place), .. } => write!(f, "{message} ({place})"),
            Self::Custom { message, .. }
            | Self::Script { message, .. }
            | Self::Panic { message }
            | Self::Source { message, .. }
            | Self::Limit { message, .. }
            | Self::Status { message }
            | Self::Upstream { message } => f.write_str(message),
            Self::Returned { body, .. } => f.write_str(body),
            Self::Timeout => f.write_str("context deadline exceeded"),
            Self::TooLarge { of_request, limit } => {
                let whose = if *of_request { "request" } else { "response" };
                write!(f, "the body of the {whose} is larger than {limit} bytes (limits.body_bytes)")
            }
            Self::Loop { way, times } => {
                write!(f, "a loop: {way}: the gateway has asked itself {times} times for one request of a client")
            }
            Self::All(failures) => {
                let words: Vec<String> = failures.iter().map(Self::to_string).collect();
                f.write_str(&words.join("\n"))
            }
            Self::Broken { what, .. } => write!(f, "internal error: {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Failure {
        Failure::of_script(
            ScriptError {
                text: text.to_owned(),
                message: text.to_owned(),
                place: None,
                file: None,
                raised_at: None,
                exceeded: None,
            },
            None,
        )
    }

    #[test]
    fn an_error_that_looks_like_a_custom_error_is_one() {
        let failure = script("faked || 418 || text/plain");
        assert_eq!(
            (failure.status(), failure.to_string().as_str(), failure.content_type()),
            (418, "faked", Some("text/plain"))
        );
        assert_eq!(script("faked || abc").status(), 500);
        assert_eq!(script("plain").status(), 500);
    }

    #[test]
    fn an_error_in_a_file_has_krakend_s_place_for_clients_and_the_file_s_for_the_log() {
        let line = |script: &str| Some(ScriptLine { script: script.to_owned(), line: 3 });
        let message = "boom".to_owned();
        let failure = Failure::Script { message, place: line("pre-script"), file: line("a.lua") };
        assert_eq!(
            (failure.to_string().as_str(), failure.log_line().as_str()),
            ("boom (pre-script:L3)", "boom (a.lua:L3)")
        );
    }

    #[test]
    fn an_error_that_krakend_cannot_take_apart_is_a_panic() {
        let panics = ["id: missing", "a: b", "http://host/x", "a:b:", "a:b: c", "abcdef:b: c", "a:-3:words"];
        let fails = [
            "missing",
            "table: 0x7f",
            "<string>:3: id: missing",
            "users: missing",
            "x:5:y",
            "x:5",
            "a:b: hello: x",
            "",
        ];
        for (text, is_panic) in panics.map(|text| (text, true)).into_iter().chain(fails.map(|text| (text, false))) {
            assert_eq!(matches!(script(text), Failure::Panic { .. }), is_panic, "{text}");
        }
    }

    #[test]
    fn the_log_says_where_a_panic_of_krakends_comes_from() {
        let (text, raised_at) =
            ("id: missing".to_owned(), Some(ScriptLine { script: "pre-script".to_owned(), line: 3 }));
        let error = ScriptError { message: text.clone(), text, place: None, file: None, raised_at, exceeded: None };
        let told = Failure::of_script(error, None).log_line();
        assert_eq!(told, "id: missing (pre-script:L3) [KrakenD panics here: 500 without a body]");
    }

    #[test]
    fn a_status_that_cannot_be_answered_is_500_and_says_so() {
        for status in [0, 99, 150, -2, 1000, i64::MAX] {
            let failure =
                Failure::Custom { message: "m".to_owned(), status: Some(status), content_type: None, place: None };
            assert_eq!(failure.status(), 500);
            assert!(failure.to_string().contains(&status.to_string()));
        }
        let failure = Failure::Custom { message: "m".to_owned(), status: Some(-1), content_type: None, place: None };
        assert_eq!(failure.to_string(), "m");
    }
}
