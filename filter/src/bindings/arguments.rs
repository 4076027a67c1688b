//! The arguments of a method, read and refused as KrakenD's binder does it: strings may be numbers and the other way round, and
//! a value that does not fit is a "bad argument".

use std::borrow::Cow;
use std::fmt;

use mlua::{AnyUserData, Lua, LuaString, MultiValue, Value};

use super::kept;
use crate::lua::{Exceeded, Kind, object, raise};

/// The reason why a method fails: its words, as the script sees them behind its own place.
#[derive(Debug)]
pub(super) enum MethodError {
    /// Words: KrakenD's own, except for those of helpers.
    Says(String),
    /// An error of the Lua state itself.
    Lua(mlua::Error),
}

impl MethodError {
    pub(super) fn new(words: impl fmt::Display) -> Self {
        Self::Says(words.to_string())
    }

    /// The reason why a helper cannot do its work: `base64.decode: …`.
    pub(super) fn of(helper: &str, words: impl fmt::Display) -> Self {
        Self::Says(format!("{helper}: {words}"))
    }
}

impl From<mlua::Error> for MethodError {
    fn from(error: mlua::Error) -> Self {
        Self::Lua(error)
    }
}

impl From<Exceeded> for MethodError {
    fn from(limit: Exceeded) -> Self {
        Self::new(limit)
    }
}

/// The result of a method: `None` is no value at all, which is not nil.
pub(super) type MethodResult = Result<Option<Value>, MethodError>;

/// A method or function that scripts call.
pub(super) type Method = fn(&Lua, &Arguments) -> MethodResult;

/// The values that a script passed to a method, the object itself first.
pub(super) struct Arguments<'a> {
    lua: &'a Lua,
    // `None`: errors call the method by the name that the script used.
    method: Option<&'static str>,
    values: MultiValue,
}

/// Runs a method for Lua. If it fails, its error gets the place in the script.
pub(super) fn call(
    lua: &Lua,
    method: Option<&'static str>,
    values: MultiValue,
    body: Method,
) -> mlua::Result<MultiValue> {
    let arguments = Arguments { lua, method, values };
    match body(lua, &arguments) {
        Ok(given) => {
            // The container of the arguments is used again for the result: methods are called all the time.
            let mut values = arguments.values;
            values.clear();
            values.extend(given);
            Ok(values)
        }
        Err(MethodError::Says(words)) => Err(raise(lua, words)),
        Err(MethodError::Lua(error)) => Err(error),
    }
}

impl Arguments<'_> {
    pub(super) fn new<'a>(lua: &'a Lua, method: &'static str, values: MultiValue) -> Arguments<'a> {
        Arguments { lua, method: Some(method), values }
    }

    /// The number of arguments, including nils at the end.
    pub(super) fn count(&self) -> usize {
        self.values.len()
    }

    /// Refuses any other number of arguments.
    pub(super) fn exactly(&self, count: usize) -> Result<(), MethodError> {
        if self.count() == count { Ok(()) } else { Err(MethodError::new("need arguments")) }
    }

    /// An argument, counted from 1.
    pub(super) fn value(&self, number: usize) -> Option<&Value> {
        self.values.get(number.wrapping_sub(1))
    }

    /// The argument, which must be there.
    pub(super) fn required(&self, number: usize) -> Result<&Value, MethodError> {
        self.value(number).ok_or_else(|| self.bad(number, "value expected"))
    }

    /// Whether the argument is left out, or nil.
    pub(super) fn is_absent(&self, number: usize) -> bool {
        matches!(self.value(number), None | Some(Value::Nil))
    }

    /// Whether the argument is the second of two words; left out, it is the first.
    pub(super) fn is_second(&self, number: usize, [first, second]: [&str; 2]) -> Result<bool, MethodError> {
        if self.is_absent(number) {
            return Ok(false);
        }
        let (is_first, is_second) =
            self.with_bytes(number, |word| (word == first.as_bytes(), word == second.as_bytes()))?;
        match is_first || is_second {
            true => Ok(is_second),
            false => Err(self.bad(number, format_args!("\"{first}\" or \"{second}\" expected"))),
        }
    }

    fn string(&self, number: usize) -> Result<Cow<'_, LuaString>, MethodError> {
        match self.value(number) {
            Some(Value::String(text)) => Ok(Cow::Borrowed(text)),
            Some(number @ (Value::Integer(_) | Value::Number(_))) => {
                let text = self.lua.coerce_string(number.clone())?;
                text.map(Cow::Owned).ok_or_else(|| MethodError::new("not enough memory"))
            }
            other => Err(self.wrong_type(number, "string", other)),
        }
    }

    /// Lets `see` look at the bytes of the argument, without a copy.
    pub(super) fn with_bytes<R>(&self, number: usize, see: impl FnOnce(&[u8]) -> R) -> Result<R, MethodError> {
        Ok(see(&self.string(number)?.as_bytes()))
    }

    /// How many bytes the argument has.
    pub(super) fn length(&self, number: usize) -> Result<usize, MethodError> {
        self.with_bytes(number, <[u8]>::len)
    }

    /// The argument as owned bytes.
    pub(super) fn bytes(&self, number: usize) -> Result<Vec<u8>, MethodError> {
        Ok(self.with_bytes(number, kept::argument)??)
    }

    /// The argument as text; invalid UTF-8 in it is replaced.
    pub(super) fn text(&self, number: usize) -> Result<String, MethodError> {
        Ok(self.with_bytes(number, kept::argument_text)??)
    }

    /// The argument as the owned bytes of a field that stays: a header, a parameter, a key.
    pub(super) fn field(&self, number: usize) -> Result<Vec<u8>, MethodError> {
        Ok(self.with_bytes(number, kept::argument_field)??)
    }

    pub(super) fn number(&self, number: usize) -> Result<f64, MethodError> {
        let found = self.value(number);
        match found {
            Some(value @ (Value::Integer(_) | Value::Number(_) | Value::String(_))) => {
                self.lua.coerce_number(value.clone())?.ok_or_else(|| self.wrong_type(number, "number", found))
            }
            other => Err(self.wrong_type(number, "number", other)),
        }
    }

    /// The argument as a whole number, as Go converts a float64: a number that does not fit becomes the least one.
    pub(super) fn whole(&self, number: usize) -> Result<i64, MethodError> {
        let value = self.number(number)?.trunc();
        let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
        Ok(if fits { value as i64 } else { i64::MIN })
    }

    /// The argument as an index: cut towards zero as Go does; `None` if it is negative or no number.
    pub(super) fn index(&self, number: usize) -> Result<Option<usize>, MethodError> {
        self.number(number).map(index)
    }

    pub(super) fn boolean(&self, number: usize) -> Result<bool, MethodError> {
        match self.value(number) {
            Some(Value::Boolean(value)) => Ok(*value),
            other => Err(self.wrong_type(number, "boolean", other)),
        }
    }

    /// The object that a method was called on; `expected` is what KrakenD says if it is an object of another kind.
    pub(super) fn object<T: Kind>(&self, expected: &str) -> Result<&T, MethodError> {
        object(self.userdata(1)?).ok_or_else(|| MethodError::new(expected))
    }

    pub(super) fn userdata(&self, number: usize) -> Result<&AnyUserData, MethodError> {
        match self.value(number) {
            Some(Value::UserData(data)) => Ok(data),
            other => Err(self.wrong_type(number, "userdata", other)),
        }
    }

    fn wrong_type(&self, number: usize, expected: &str, found: Option<&Value>) -> MethodError {
        let found = found.map_or("nil", type_name);
        self.bad(number, format_args!("{expected} expected, got {found}"))
    }

    fn bad(&self, number: usize, why: impl fmt::Display) -> MethodError {
        let called = self.method.map_or_else(|| called_name(self.lua), str::to_owned);
        MethodError::new(format_args!("bad argument #{number} to {called} ({why})"))
    }
}

/// A number as an index: cut towards zero as Go does; `None` if it is negative or no number.
pub(super) fn index(number: f64) -> Option<usize> {
    let index = number.trunc();
    // Above 2^53 a float has no exact neighbours, and no list is that long.
    (0.0..9_007_199_254_740_992.0).contains(&index).then_some(index as usize)
}

// The name by which the script calls the current function; a function that pcall calls has no name.
fn called_name(lua: &Lua) -> String {
    let name = lua.inspect_stack(0, |frame| frame.names().name.map(Cow::into_owned)).flatten();
    name.unwrap_or_else(|| "(anonymous)".to_owned())
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) => "number",
        other => other.type_name(),
    }
}
