//! Sprig's functions. Source: Masterminds/sprig 3.2.3, its map for text that is not HTML (GenericFuncMap).

mod cases;
mod cast;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encoding;
mod environment;
mod equality;
mod hashes;
mod json;
mod lists;
mod merge;
mod numbers;
mod paths;
mod patterns;
mod random;
mod re2;
mod reflection;
mod sequences;
mod strings;
mod texts;
mod urls;
mod versions;
mod words;

use super::signature::Row;

pub(super) const TABLES: &[&[Row]] = &[
    cases::ROWS,
    dates::ROWS,
    defaults::ROWS,
    dicts::ROWS,
    encoding::ROWS,
    environment::ROWS,
    hashes::ROWS,
    json::ROWS,
    lists::ROWS,
    merge::ROWS,
    numbers::ROWS,
    paths::ROWS,
    patterns::ROWS,
    random::ROWS,
    reflection::ROWS,
    sequences::ROWS,
    strings::ROWS,
    texts::ROWS,
    urls::ROWS,
    versions::ROWS,
    words::ROWS,
];

const SECRETS: &str = "it makes keys, certificates or passwords, which do not belong in a rendered document";

/// Sprig's functions that are not built in, and why.
const LEFT_OUT: [(&str, &str); 14] = [
    ("bcrypt", SECRETS),
    ("buildCustomCert", SECRETS),
    ("decryptAES", SECRETS),
    ("derivePassword", SECRETS),
    ("encryptAES", SECRETS),
    ("genCA", SECRETS),
    ("genCAWithKey", SECRETS),
    ("genPrivateKey", SECRETS),
    ("genSelfSignedCert", SECRETS),
    ("genSelfSignedCertWithKey", SECRETS),
    ("genSignedCert", SECRETS),
    ("genSignedCertWithKey", SECRETS),
    ("getHostByName", "it asks the network"),
    ("htpasswd", SECRETS),
];

/// The reason why a function of sprig is not built in. `None` if sprig has no such function.
pub(super) fn why_not(name: &str) -> Option<&'static str> {
    LEFT_OUT.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason)
}
