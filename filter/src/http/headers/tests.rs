//! What headers keep, find and share.

use super::*;
use crate::http::{Edit, names};

fn headers(pairs: &[(&str, &str)]) -> Headers {
    pairs.iter().map(|(name, value)| (*name, *value)).collect()
}

#[test]
fn names_are_found_in_any_case_and_shown_in_gos_spelling() {
    let map = headers(&[("x-lua", "1"), ("X-LUA", "2")]);
    assert_eq!(map.get_all("X-Lua").collect::<Vec<_>>(), [b"1", b"2"]);
    assert_eq!(canonical("x-krakend-COMPLETED"), "X-Krakend-Completed");
    assert_eq!(canonical("not a name"), "not a name");
}

#[test]
fn setting_replaces_every_value_in_the_place_of_the_first() {
    let mut map = headers(&[("a", "1"), ("b", "2"), ("a", "3")]);
    map.set("A", "9");
    assert_eq!(map, headers(&[("a", "9"), ("b", "2")]));
}

#[test]
fn headers_that_would_break_out_of_their_line_are_found_or_mended() {
    let map = headers(&[("x-a", "1\r\nx-b: 2"), ("not a name", "1"), (":path", "/x"), ("x-c", "\0\t\x7f")]);
    assert_eq!(map.fault().unwrap(), "net/http: invalid header field value for \"X-A\"");
    assert_eq!(headers(&[("", "1")]).fault().unwrap(), "net/http: invalid header field name \"\"");
    assert_eq!(map.mended(), headers(&[("x-a", "1  x-b: 2"), ("x-c", " \t ")]));
}

#[test]
fn headers_that_are_shared_are_those_that_were_copied() {
    let pairs = [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4")];
    let (plain, mut shared) = (headers(&pairs), headers(&pairs));
    shared.share();
    let edit = |before: &Headers| {
        let mut after = before.clone();
        after.retain(|name, value| name != "c" && value != b"3");
        after.append("b", "5");
        after.set("d", "6");
        after
    };
    let (of_plain, of_shared) = (edit(&plain), edit(&shared));
    assert_eq!((&of_shared, of_shared.len(), shared.len()), (&of_plain, 4, 4));
    assert_eq!(shared, plain, "it has kept what a message made of it has lost");
    let sorted = |mut edits: Vec<Edit<'_>>| {
        edits.sort_by_key(|edit| match edit {
            Edit::Remove(name) | Edit::Set(name, _) | Edit::Add(name, _) => (*name).to_owned(),
        });
        format!("{edits:?}")
    };
    assert_eq!(sorted(shared.all_edits(&of_shared)), sorted(plain.all_edits(&of_plain)));
    assert_eq!(shared.all_edits(&shared.clone()), []);
}

#[test]
fn a_name_has_the_same_values_where_a_comparison_of_all_says_so() {
    let came = headers(&[("a", "1"), ("content-length", "2"), ("a", "3")]);
    let (mut shared, copy) = (came.clone(), came.clone());
    shared.share();
    let changed = |change: fn(&mut Headers)| {
        let mut headers = shared.clone();
        change(&mut headers);
        headers
    };
    let all = [
        copy,
        shared.clone(),
        Headers::new(),
        changed(|headers| headers.remove("a")),
        changed(|headers| headers.retain(|_, value| value != b"1")),
        changed(|headers| headers.remove("content-length")),
        changed(|headers| headers.set("content-length", "2")),
        changed(|headers| headers.set("a", "1")),
        changed(|headers| headers.append("a", "4")),
        changed(|headers| headers.append("b", "1")),
    ];
    for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (one, other))) {
        for name in [Name::from("a"), "B".into(), "c".into(), names::CONTENT_LENGTH.into()] {
            let expected = one.get_all(name).eq(other.get_all(name));
            assert_eq!(one.has_the_same(name, other), expected, "{name:?} of {one:?} and {other:?}");
        }
    }
}

#[test]
fn a_value_that_is_added_stands_behind_those_of_its_name() {
    let mut shared = headers(&[("x-envoy-a", "1"), ("b", "2")]);
    shared.share();
    for mut own in [headers(&[("x-envoy-a", "0")]), shared.only(NameClasses::ALL.but(NameClasses::ENVOY))] {
        own.set("x-envoy-a", "0");
        own.extend_from(&shared, NameClasses::ENVOY);
        assert_eq!(own.get_all("x-envoy-a").collect::<Vec<_>>(), [b"0", b"1"]);
    }
}

#[test]
fn more_headers_than_have_bits_are_copied() {
    let names: Vec<String> = (0..70).map(|number| format!("x-{number}")).collect();
    for count in [0, 1, 63, 64, 65, 70] {
        let mut all: Headers = names.iter().take(count).map(|name| (name, "1")).collect();
        all.share();
        assert_eq!((all.len(), all.is_empty()), (count, count == 0));
        let last = names.get(count.saturating_sub(1)).unwrap();
        let mut without = all.clone();
        without.retain(|name, _| name != last);
        let removed = (count > 0).then_some(Edit::Remove(last));
        assert_eq!(all.all_edits(&without), removed.into_iter().collect::<Vec<_>>(), "{count}");
    }
}

#[test]
fn classes_choose_the_same_headers_wherever_these_lie() {
    let names =
        ["content-length", "a", "host", "x-envoy-a", "x-envoy-external-address", "x-request-id", "x-lua-modifier-a"];
    let pairs: Vec<(&str, &str)> =
        names.into_iter().chain(["x-forwarded-proto", "accept-encoding"]).zip(["1"; 9]).collect();
    let all = [
        NameClasses::FRAMING,
        NameClasses::HOST,
        NameClasses::ACCEPT_ENCODING,
        NameClasses::REQUEST_ID,
        NameClasses::SCHEME,
        NameClasses::ENVOY,
        NameClasses::OURS,
    ];
    let own = headers(&pairs);
    let mut received = own.clone();
    received.share();
    for first in all {
        for chosen in [first, NameClasses::ALL.but(first), first.and(NameClasses::ENVOY)] {
            let passes = |name: &str| chosen.have_name(name);
            let expected: Headers = pairs.iter().copied().filter(|(name, _)| passes(name)).collect();
            for from in [&own, &received] {
                let mut kept = from.clone();
                kept.keep(chosen);
                assert_eq!((&from.only(chosen), &kept), (&expected, &expected), "{chosen:?}");
                let mut extended = headers(&[("b", "2")]);
                extended.extend_from(from, chosen);
                extended.remove("b");
                assert_eq!(extended, expected, "{chosen:?}");
            }
        }
    }
}

#[test]
fn a_known_name_is_there_as_long_as_it_has_a_value() {
    let mut all = headers(&[("accept", "1"), ("host", "2"), ("a", "3")]);
    assert!(all.contains(names::HOST) && !all.contains(names::CONTENT_ENCODING));
    all.share();
    assert!(all.contains(names::HOST) && !all.contains(names::CONTENT_ENCODING));
    let without = all.only(NameClasses::ALL.but(NameClasses::HOST));
    assert!(without.contains(names::ACCEPT) && !without.contains(names::HOST));
    all.remove("Accept");
    assert!(!all.contains(names::ACCEPT) && all.contains(names::HOST));
    all.remove("a");
    all.remove(names::HOST);
    all.append(names::ACCEPT, "4");
    assert!(all.contains(names::ACCEPT) && !all.contains(names::HOST));
}

#[test]
fn a_header_that_gets_its_own_value_stays_as_it_came() {
    let mut came = headers(&[("origin", "1"), ("cookie", "1"), ("cookie", "2"), ("a", "1")]);
    came.share();
    let mut same = came.clone();
    same.set("Origin", "1");
    same.set("A", "1");
    assert_eq!((same.own.entries().len(), &same), (0, &came));
    // One of several values, and one that was added, give way.
    for first in ["1", "2"] {
        let mut one = came.clone();
        one.set("cookie", first);
        assert_eq!(came.all_edits(&one), [Edit::Set("cookie", first.as_bytes())]);
    }
    let mut added = came.clone();
    added.append("a", "2");
    added.set("a", "1");
    assert_eq!((added.get_all("a").count(), came.all_edits(&added).len()), (1, 0));
    let mut gone = came.clone();
    gone.remove("a");
    gone.set("a", "1");
    assert_eq!(gone.get("a"), Some(&b"1"[..]));
}
