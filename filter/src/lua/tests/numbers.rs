//! The promises of `filter/c/lua_numbers.h` about numbers, checked against Lua as it was compiled.

use std::collections::BTreeSet;

use mlua::{Function, Lua};

fn eval(source: &str) -> String {
    let lua = Lua::new();
    let tostring: Function = lua.globals().get("tostring").unwrap();
    let values: mlua::MultiValue = lua.load(source).eval().unwrap();
    let texts: Vec<String> = values.into_iter().map(|value| tostring.call(value).unwrap()).collect();
    texts.join(" ")
}

/// Go's spelling, made from Rust's shortest digits. If two of these are equally near (2^-25), Go takes the even one.
fn go(number: f64) -> String {
    if number.fract() == 0.0 && (-2f64.powi(63)..2f64.powi(63)).contains(&number) {
        return (number as i64).to_string();
    }
    let shortest = format!("{number:e}");
    let count = shortest.split('e').next().unwrap().trim_start_matches('-').len();
    let even = format!("{number:.*e}", count.saturating_sub(2));
    let text = if even.parse() == Ok(number) { even } else { shortest };
    let (digits, exponent) = text.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[test]
fn numbers_are_spelt_as_go_spells_them() {
    assert_eq!(
        eval("return 42.0, 1e300, 2^53+1, 0.1, -0.0, 1/0, -1/0, 0/0"),
        "42 1e+300 9007199254740992 0.1 0 +Inf -Inf NaN"
    );
    assert_eq!(
        eval("return 1e15, 1e17, 1e21, 1e-5, 123456789.123, 5e-324"),
        "1000000000000000 100000000000000000 1e+21 1e-05 1.23456789123e+08 5e-324"
    );
    assert_eq!(
        eval("return 2^63, -2^63, 1234567.5, 123456.5, 0.0001"),
        "9.223372036854776e+18 -9223372036854775808 1.2345675e+06 123456.5 0.0001"
    );
    assert_eq!(eval("return 10/2 .. '', 'x' .. 1e20, 1 .. 2, ('%s'):format(42.0)"), "5 x1e+20 12 42");
}

#[test]
fn the_digits_are_the_shortest_that_read_back_the_same() {
    let lua = Lua::new();
    let tostring: Function = lua.globals().get("tostring").unwrap();
    let mut numbers = vec![0.1, 1.0 / 3.0, 1e23, 9.5e-7, 4.35, 0.3, 1e22 / 7.0, f64::MAX, f64::MIN_POSITIVE];
    numbers.extend((-1074..1024).map(|power| 2f64.powi(power)));
    numbers.extend((1..2000).map(|cents| f64::from(cents) / 100.0));
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..40_000_u32 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // All bit patterns; every second time the range that people use.
        let number = if round % 2 == 0 { f64::from_bits(state) } else { (state % 1_000_000_007) as f64 / 977.0 };
        numbers.push(number);
    }
    for number in numbers.into_iter().filter(|number| number.is_finite()) {
        for number in [number, -number] {
            let text: String = tostring.call(number).unwrap();
            assert_eq!(text, go(number), "{number:e}");
        }
    }
}

#[test]
fn arithmetic_never_wraps() {
    assert_eq!(eval("local f = 1 for i = 1, 25 do f = f * i end return f"), "1.5511210043330986e+25");
    assert_eq!(
        eval("return 9007199254740993, 9007199254740991 + 2, -9007199254740991 - 2"),
        "9007199254740992 9007199254740992 -9007199254740992"
    );
    assert_eq!(eval("local x = 0x7fffffffffffffff return x + 1 > 0, x * x > x, -x - 2 < 0"), "true true true");
    assert_eq!(
        eval("local x = 3037000499 return x * x, 2147483648 * 4294967296 * 2"),
        "9223372030926248960 1.8446744073709552e+19"
    );
    assert_eq!(eval("local n = 0 for i = 9007199254740990, 9007199254740992 do n = n + 1 end return n"), "3");
}

#[test]
fn random_arithmetic_agrees_with_floats() {
    let lua = Lua::new();
    let calculate: Function =
        lua.load("local a, b = ... return a + b, a - b, a * b, a % b, -a").into_function().unwrap();
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state as i64) >> (11 + state % 50)
    };
    for _ in 0..20_000 {
        let (a, b) = (next(), next());
        let (fa, fb) = (a as f64, b as f64);
        let mut modulo = fa % fb;
        if modulo * fb < 0.0 {
            modulo += fb;
        }
        let got: (f64, f64, f64, f64, f64) = calculate.call((a, b)).unwrap();
        assert_eq!((got.0, got.1, got.2, got.4), (fa + fb, fa - fb, fa * fb, -fa), "{a} {b}");
        assert!(got.3 == modulo || (got.3.is_nan() && modulo.is_nan()), "{a} % {b}");
    }
}

#[test]
fn a_remainder_by_zero_is_nan() {
    assert_eq!(
        eval("local z = 0 return 5 % 0, 5 % z, -7 % 3, 7 % -3, 5.3 % 2, math.fmod(5, 0)"),
        "NaN NaN 2 -2 1.2999999999999998 NaN"
    );
}

#[test]
fn whole_numbers_are_cut_where_they_are_wanted() {
    assert_eq!(
        eval("return ('%d %x %5d'):format(3.7, 255.9, '42'), ('x'):rep(2.9), ('hello'):sub(1.9, 3.2)"),
        "3 ff    42 xx hel"
    );
    assert_eq!(
        eval("return string.char(65.9), math.random(1.5), ('abc'):sub(2, math.huge), select(1.5, 'a')"),
        "A 1 bc a"
    );
    assert_eq!(
        eval("local t = {1, 2} table.insert(t, 1.5, 0) return table.concat(t, ',', 1.2, 9), t[1.0], t[1.5]"),
        "0,1,2 0 nil"
    );
}

#[test]
fn integers_of_the_host_keep_their_digits_while_they_are_moved() {
    let lua = Lua::new();
    let same: Function = lua.load("local t = {...} return t[1], tostring(t[1])").into_function().unwrap();
    let (moved, spelt): (i64, String) = same.call(9_007_199_254_740_993_i64).unwrap();
    assert_eq!((moved, spelt.as_str()), (9_007_199_254_740_993, "9007199254740992"));
}

#[test]
fn the_string_library_has_gopher_luas_ways() {
    assert_eq!(
        eval(
            "return (('abc'):gsub('b', '%')), (('abc'):gsub('b', '%x')), (('abc'):gsub('b', '%%')), (('abc'):gsub('(b)', '[%1%0]'))"
        ),
        "a%c a%xc a%c a[bb]c"
    );
    assert_eq!(eval(r#"return ('%q'):format('a"b\n\1é')"#), r#""a\"b\n\x01é""#);
}

#[test]
fn the_table_library_forgives_positions_outside_the_list() {
    assert_eq!(
        eval("return table.remove({1, 2}, 5), table.remove({}), table.remove({1, 2}, 1), table.concat({}, ',', 3, 9)"),
        "nil nil 1 "
    );
    assert_eq!(
        eval("local t = {1, 2} table.insert(t, 9, 'far') table.insert(t, 1, 'x') return t[9], table.concat(t, ',')"),
        "far x,1,2"
    );
}

#[test]
fn each_state_draws_numbers_of_its_own() {
    let draw = || eval("return math.random(), math.random(1000000), math.random()");
    let drawn: BTreeSet<String> = (0..8).map(|_| draw()).collect();
    assert_eq!(drawn.len(), 8, "{drawn:?}");
}
