//! The quick way to functions that scripts call often: C (`lm_quick`) gives Rust the call as it lies on Lua's stack. A `get` of
//! a collection of objects takes 3,700 instructions through mlua and 1,100 here, with the collector's. A quick function may
//! leave any call to mlua's function, and leaves every error to it. Knows no kind of object.
//!
//! No error of Lua unwinds a Rust frame. A quick function calls nothing of Lua that allocates or fails: its result lies in
//! [`Pending`] until the function has returned, and then C makes Lua's value of it. Each use of `unsafe` looks at the stack of
//! a call that has not returned, at an object on it, or at `Pending`.
#![allow(unsafe_code, reason = "Lua's stack is reached by C's functions")]

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_uint, c_void};
use std::mem::{MaybeUninit, transmute};
use std::{ptr, slice};

use mlua::{Function, LightUserData, Lua, Result, Table, Value};
use mlua_sys as ffi;

use super::objects::{Held, Kind, Kinds};
use super::pool::reuse;

/// A method by the quick way; `None` if it leaves the call to mlua's function, before it has changed anything.
pub type QuickMethod<T> = fn(&T, Call) -> Option<Answer>;

/// A function by the quick way.
pub type QuickFunction = fn(Call) -> Option<Answer>;

/// The arguments of a call, the object itself first.
pub struct Call {
    state: *mut ffi::lua_State,
    count: c_int,
    offers: *const Offers,
}

/// The results of a call: the number of values on the stack, or a sign that the result lies in [`Pending`] (`lm_quick` knows
/// the numbers).
#[must_use]
pub struct Answer(c_int);

const LEFT: c_int = -1;
const TEXT: c_int = -2;
const OBJECT: c_int = -3;

/// A value that can be seen without looking further.
#[derive(Clone, Copy)]
pub enum Plain<'a> {
    /// A string.
    Text(&'a [u8]),
    /// A number that Lua holds as an integer.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

/// A value as C shows it (`LM_Seen`).
#[repr(C)]
struct Seen {
    kind: c_int,
    length: usize,
    text: *const u8,
    whole: i64,
    number: f64,
}

impl Seen {
    const NOTHING: Self = Self { kind: 0, length: 0, text: ptr::null(), whole: 0, number: 0.0 };

    /// # Safety
    /// C has shown a value here, and the value stays where it is as long as the result lives.
    unsafe fn plain<'a>(&self) -> Option<Plain<'a>> {
        Some(match self.kind {
            // SAFETY: a string's bytes do not move.
            1 => Plain::Text(unsafe { slice::from_raw_parts(self.text, self.length) }),
            2 => Plain::Whole(self.whole),
            3 => Plain::Number(self.number),
            4 => Plain::Boolean(false),
            5 => Plain::Boolean(true),
            _ => return None,
        })
    }
}

/// The functions that C offers to a quick function (`LM_Offers`), and the place of its result.
#[repr(C)]
struct Offers {
    pending: *const Pending,
    argument: unsafe extern "C" fn(*mut ffi::lua_State, c_int, *mut Seen),
    field: unsafe extern "C" fn(*mut ffi::lua_State, c_int, *mut c_uint, *mut Seen, *mut Seen) -> c_int,
    give: unsafe extern "C" fn(*mut ffi::lua_State, *mut c_void),
}

/// The result of a quick function, until C has made a value of it; C knows it as `LM_Pending`. It outlives the function: if Lua
/// has no memory for the value, Lua jumps out of C, and an object stays here until [`forget`] or the next object.
#[repr(C)]
struct Pending {
    /// Bytes of the text or of the object.
    size: usize,
    /// The number of the object's kind.
    kind: i64,
    /// Frees the object; `None` if it has moved, or there is none.
    release: Option<unsafe fn(*mut c_void)>,
    bytes: [MaybeUninit<u64>; LONGEST_TEXT / size_of::<u64>()],
}

/// The longest text; longer texts go through mlua.
pub(super) const LONGEST_TEXT: usize = 1_024;

thread_local! {
    static PENDING: UnsafeCell<Pending> = const {
        let bytes = [MaybeUninit::uninit(); LONGEST_TEXT / size_of::<u64>()];
        UnsafeCell::new(Pending { size: 0, kind: 0, release: None, bytes })
    };
}

impl Pending {
    fn place() -> *mut Self {
        PENDING.with(UnsafeCell::get)
    }
}

/// Frees the last object if Lua had no memory to take it; `false` if there is no object.
pub(super) fn forget() -> bool {
    let pending = Pending::place();
    // SAFETY: the place is this thread's, nothing refers to it, and the function that frees the object is taken out first. An
    // object in it was written by `give_object`, which set the function for its type.
    unsafe {
        let Some(release) = (*pending).release.take() else { return false };
        release((&raw mut (*pending).bytes).cast());
    }
    true
}

/// A method that takes the quick way first.
pub fn quick_method<T: Kind>(lua: &Lua, function: Function, body: QuickMethod<T>) -> Result<Function> {
    let kinds = Kinds::of(lua)?.0;
    let (metatable, way) = (kinds.raw_get(T::NUMBER)?, on_object::<T> as Way);
    quickened(lua, function, metatable, way, body as *mut c_void, kinds)
}

/// A function that takes the quick way first.
pub fn quick_function(lua: &Lua, function: Function, body: QuickFunction) -> Result<Function> {
    quickened(lua, function, Value::Nil, on_nothing, body as *mut c_void, Kinds::of(lua)?.0)
}

type Way = unsafe extern "C-unwind" fn(*mut ffi::lua_State, *mut c_void, *const c_void, *mut Offers) -> c_int;

fn quickened(
    lua: &Lua,
    function: Function,
    metatable: Value,
    way: Way,
    body: *mut c_void,
    kinds: Table,
) -> Result<Function> {
    let quickened: Function = lua.globals().get::<Table>("lua_modifier")?.get("quickened")?;
    quickened.call((function, metatable, LightUserData(way as *mut c_void), LightUserData(body), kinds))
}

unsafe extern "C-unwind" fn on_object<T: Kind>(
    state: *mut ffi::lua_State,
    object: *mut c_void,
    body: *const c_void,
    offers: *mut Offers,
) -> c_int {
    // SAFETY: `lm_quick` has compared the metatable, so that the memory is an object's, which stays as it is during the call;
    // `quick_method` gave it the body.
    let (held, body) = unsafe { (Held::<T>::at(object), transmute::<*const c_void, QuickMethod<T>>(body)) };
    // SAFETY: as above; only `release` changes it, once nothing refers to it. `lm_quick` gave the offers.
    unsafe { answered(state, offers, |call| body(held?.as_ref().object()?, call)) }
}

unsafe extern "C-unwind" fn on_nothing(
    state: *mut ffi::lua_State,
    _: *mut c_void,
    body: *const c_void,
    offers: *mut Offers,
) -> c_int {
    // SAFETY: `quick_function` gave it the body.
    let body = unsafe { transmute::<*const c_void, QuickFunction>(body) };
    // SAFETY: `lm_quick` gave the offers.
    unsafe { answered(state, offers, body) }
}

/// # Safety
/// The state is that of the current call, and the offers are that call's.
#[inline]
unsafe fn answered(
    state: *mut ffi::lua_State,
    offers: *mut Offers,
    body: impl FnOnce(Call) -> Option<Answer>,
) -> c_int {
    // SAFETY: the caller promises it. Neither function can fail.
    unsafe {
        (*offers).pending = Pending::place();
        let count = ffi::lua_gettop(state);
        match body(Call { state, count, offers }) {
            Some(Answer(results)) => results,
            None => {
                ffi::lua_settop(state, count);
                LEFT
            }
        }
    }
}

impl Call {
    /// The number of arguments, including nils at the end.
    pub fn count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(0)
    }

    /// The argument with this number, counted from 1, if it is a string.
    pub fn bytes(&self, number: c_int) -> Option<&[u8]> {
        match self.plain(number)? {
            Plain::Text(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The argument, if it is a number.
    pub fn number(&self, number: c_int) -> Option<f64> {
        match self.plain(number)? {
            Plain::Whole(value) => Some(value as f64),
            Plain::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The argument, if it is text, a number or a boolean.
    pub fn plain(&self, number: c_int) -> Option<Plain<'_>> {
        if number < 1 || number > self.count {
            return None;
        }
        let mut seen = Seen::NOTHING;
        // SAFETY: the argument is there, and the stack refers to it for as long as the call lasts.
        unsafe {
            ((*self.offers).argument)(self.state, number, &raw mut seen);
            seen.plain()
        }
    }

    /// Shows the fields of a table, in the order of `next`; `false` if the argument is not a table, if `see` gives `false`, or
    /// if a key or a value is of another kind.
    pub fn each_field(&self, number: c_int, mut see: impl FnMut(Plain, Plain) -> bool) -> bool {
        if number < 1 || number > self.count {
            return false;
        }
        let (mut place, mut key, mut value) = (0, Seen::NOTHING, Seen::NOTHING);
        loop {
            // SAFETY: the argument exists. The table does not change during the loop, and refers to the values that are shown.
            let shown = unsafe {
                match ((*self.offers).field)(self.state, number, &raw mut place, &raw mut key, &raw mut value) {
                    0 => return true,
                    1 => (key.plain(), value.plain()),
                    _ => return false,
                }
            };
            match shown {
                (Some(key), Some(value)) if see(key, value) => {}
                _ => return false,
            }
        }
    }

    /// Gives no value at all.
    pub fn give_nothing(self) -> Answer {
        Answer(0)
    }

    /// Gives a string, if it is short.
    pub fn give_bytes(&self, bytes: &[u8]) -> Option<Answer> {
        if bytes.len() > LONGEST_TEXT {
            return None;
        }
        forget();
        let pending = Pending::place();
        // SAFETY: the place is this thread's, nothing refers to it, and it has room.
        unsafe {
            (*pending).size = bytes.len();
            ptr::copy_nonoverlapping(bytes.as_ptr(), (&raw mut (*pending).bytes).cast(), bytes.len());
        }
        Some(Answer(TEXT))
    }

    /// Gives a number.
    pub fn give_number(self, number: f64) -> Answer {
        // SAFETY: a call has room for twenty values; a number takes no memory.
        unsafe { ffi::lua_pushnumber(self.state, number) };
        Answer(1)
    }

    /// Gives true or false.
    pub fn give_boolean(self, value: bool) -> Answer {
        // SAFETY: a call has room for twenty values; a boolean takes no memory.
        unsafe { ffi::lua_pushboolean(self.state, c_int::from(value)) };
        Answer(1)
    }

    /// Gives an object, which is new to the script.
    pub fn give_object<T: Kind>(self, object: T) -> Answer {
        let object = match reuse(object) {
            Ok(memory) => {
                // SAFETY: the memory is an object's of this state. A call has room for twenty values.
                unsafe { ((*self.offers).give)(self.state, memory.as_ptr()) };
                return Answer(1);
            }
            Err(object) => object,
        };
        const { assert!(size_of::<Held<T>>() <= LONGEST_TEXT && align_of::<Held<T>>() <= align_of::<u64>()) };
        unsafe fn release<T>(place: *mut c_void) {
            // SAFETY: `forget` calls it once for what was written below.
            unsafe { place.cast::<Held<T>>().drop_in_place() };
        }
        forget();
        let pending = Pending::place();
        // SAFETY: the place is this thread's, nothing refers to it, and it is large enough and aligned. C moves the object to
        // memory of this size, and then forgets `release`.
        unsafe {
            (*pending).size = size_of::<Held<T>>();
            (*pending).kind = T::NUMBER;
            (&raw mut (*pending).bytes).cast::<Held<T>>().write(Held::new(Some(object)));
            (*pending).release = Some(release::<T>);
        }
        Answer(OBJECT)
    }
}
