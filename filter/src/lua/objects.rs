//! Objects of the host's in Lua's own memory, and the quick way into what scripts call on them: C (`lm_quick`) hands a call over
//! as it lies on Lua's stack. A `get` of a collection of objects takes 3,700 instructions by way of mlua and 1,100 here, with the
//! collector's. A quick function may leave any call to mlua's function, and leaves every error to it. Knows no kind of object.
//!
//! Each use of `unsafe` looks at the stack of a call that has not returned, or at memory that [`push`] made. Where Lua has no
//! memory left it jumps out of `push` and the `give` functions, as out of mlua's: what they hold is lost then, and not used again.
#![allow(unsafe_code, reason = "Lua's stack is reached by C's functions")]

use std::any::TypeId;
use std::ffi::{c_char, c_int, c_void};
use std::marker::PhantomData;
use std::mem::transmute;
use std::ptr::{self, NonNull};
use std::slice;

use mlua::{AnyUserData, Function, LightUserData, Lua, Result, Table, UserDataFields, UserDataRegistry, Value};
use mlua_sys as ffi;

/// A kind of object that scripts hold.
pub trait Kind: 'static {
    /// Its number among the kinds of a state, from 1 on.
    const NUMBER: i64;
}

/// A method by the quick way; none where it leaves the call to the other way, and nothing has happened then.
pub type QuickMethod<T> = fn(&T, Call) -> Option<Answer>;

/// A function by the quick way.
pub type QuickFunction = fn(Call) -> Option<Answer>;

/// The arguments of a call, the object itself first.
pub struct Call {
    state: *mut ffi::lua_State,
    count: c_int,
}

/// The results of a call, which lie on the stack.
#[must_use]
pub struct Answer(c_int);

/// What a table holds that can be seen without looking further.
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

/// What lies in Lua's memory. Whoever reads it compares the kind first: nothing rests on the numbers being different.
#[repr(C)]
struct Held<T> {
    kind: TypeId,
    object: Option<T>,
}

impl<T: Kind> Held<T> {
    /// What lies at a place, where it is of this kind.
    ///
    /// # Safety
    /// `push` has put something there.
    unsafe fn at(place: *mut c_void) -> Option<NonNull<Self>> {
        // SAFETY: whatever the kind, it begins with the kind.
        let kind = unsafe { place.cast::<TypeId>().as_ref()? };
        NonNull::new(place.cast()).filter(|_| *kind == TypeId::of::<T>())
    }
}

/// By what mlua knows a kind: userdata with its metatable is ours. No value of it stays alive.
struct Mark<T>(PhantomData<T>);

/// The metatables of a state, by the numbers of the kinds.
#[derive(Clone)]
struct Kinds(Table);

impl Kinds {
    fn of(lua: &Lua) -> Result<Self> {
        if let Some(kinds) = lua.app_data_ref::<Self>() {
            return Ok(kinds.clone());
        }
        let kinds = Self(lua.create_table()?);
        lua.set_app_data(kinds.clone());
        Ok(kinds)
    }
}

/// Lets objects of a kind find these methods. `name` is the global that scripts know it by (see `getmetatable` in library.lua).
pub fn register<T: Kind>(lua: &Lua, name: &'static str, methods: &Table) -> Result<()> {
    const { assert!(align_of::<Held<T>>() <= align_of::<f64>(), "Lua aligns no further") };
    let methods = methods.clone();
    lua.register_userdata_type::<Mark<T>>(|registry: &mut UserDataRegistry<Mark<T>>| {
        registry.add_meta_field("__name", "userdata");
        registry.add_meta_field("__kind", name);
        registry.add_meta_field_with("__index", move |_| Ok(methods.clone()));
    })?;
    let first = lua.create_any_userdata(Mark::<T>(PhantomData))?;
    // SAFETY: the stack holds the two arguments, and room for three more values.
    unsafe {
        lua.exec_raw::<()>((&first, Kinds::of(lua)?.0), |state| {
            ffi::lua_getmetatable(state, -2);
            ffi::lua_pushcclosure(state, release::<T>, 0);
            ffi::lua_setfield(state, -2, c"__gc".as_ptr());
            ffi::lua_rawseti(state, -2, T::NUMBER);
        })?;
    }
    // Made by mlua, and so the only one of this metatable that is none of ours: it gets another one.
    first.take::<Mark<T>>().map(|_| ())
}

/// A new object.
pub fn create<T: Kind>(lua: &Lua, object: T) -> Result<Value> {
    // SAFETY: the stack holds the table of kinds.
    unsafe {
        lua.exec_raw(Kinds::of(lua)?.0, |state| {
            push(state, -2, object);
            ffi::lua_remove(state, -2);
        })
    }
}

/// The object behind userdata; none where it is of another kind.
pub fn object<T: Kind>(data: &AnyUserData) -> Option<&T> {
    if data.type_id() != Some(TypeId::of::<Mark<T>>()) {
        return None;
    }
    // SAFETY: `push` made what has this metatable, and it stays where and as it is for as long as somebody refers to it.
    unsafe { Held::<T>::at(data.to_pointer().cast_mut())?.as_ref() }.object.as_ref()
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

type Way = unsafe extern "C-unwind" fn(*mut ffi::lua_State, *mut c_void, *const c_void) -> c_int;

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
) -> c_int {
    // SAFETY: `lm_quick` has compared the metatable, so that `push` made the object, which stays as it is during the call;
    // `quick_method` gave it the body.
    let (held, body) = unsafe { (Held::<T>::at(object), transmute::<*const c_void, QuickMethod<T>>(body)) };
    // SAFETY: as above; only `release` changes it, once nobody refers to it.
    answered(state, |call| body(unsafe { held?.as_ref() }.object.as_ref()?, call))
}

unsafe extern "C-unwind" fn on_nothing(state: *mut ffi::lua_State, _: *mut c_void, body: *const c_void) -> c_int {
    // SAFETY: `quick_function` gave it the body.
    let body = unsafe { transmute::<*const c_void, QuickFunction>(body) };
    answered(state, body)
}

#[inline]
fn answered(state: *mut ffi::lua_State, body: impl FnOnce(Call) -> Option<Answer>) -> c_int {
    // SAFETY: this is the state of the call under way.
    let count = unsafe { ffi::lua_gettop(state) };
    match body(Call { state, count }) {
        Some(Answer(results)) => results,
        None => {
            // SAFETY: as above; what may have been pushed goes.
            unsafe { ffi::lua_settop(state, count) };
            -1
        }
    }
}

/// Lua's finalizer of an object: what it holds is freed. Whoever still finds it afterwards finds nothing in it.
unsafe extern "C-unwind" fn release<T: Kind>(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: Lua calls it with userdata of the metatable, which `push` made and nobody refers to.
    let held = unsafe { Held::<T>::at(ffi::lua_touserdata(state, 1)) };
    // SAFETY: as above.
    drop(held.and_then(|mut held| unsafe { held.as_mut() }.object.take()));
    0
}

/// Pushes a new object. `kinds` is the index of the table of kinds once the object is pushed.
///
/// # Safety
/// There is room for two values on the stack, and the index is right.
unsafe fn push<T: Kind>(state: *mut ffi::lua_State, kinds: c_int, object: T) {
    // SAFETY: the memory is as large as asked for, and aligned for all that Lua itself keeps in it (`register`).
    unsafe {
        let place = ffi::lua_newuserdatauv(state, size_of::<Held<T>>(), 0).cast::<Held<T>>();
        place.write(Held { kind: TypeId::of::<T>(), object: Some(object) });
        ffi::lua_rawgeti(state, kinds, T::NUMBER);
        ffi::lua_setmetatable(state, -2);
    }
}

const KINDS: c_int = ffi::lua_upvalueindex(6);

impl Call {
    /// How many arguments there are, trailing nils included.
    pub fn count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(0)
    }

    /// The argument with this number, counted from 1, where it is a string.
    pub fn bytes(&self, number: c_int) -> Option<&[u8]> {
        match self.plain(number)? {
            Plain::Text(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The argument, where it is a number.
    pub fn number(&self, number: c_int) -> Option<f64> {
        match self.plain(number)? {
            Plain::Whole(value) => Some(value as f64),
            Plain::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The argument, where it is text, a number or a boolean.
    pub fn plain(&self, number: c_int) -> Option<Plain<'_>> {
        // Beyond the arguments lies what is not the call's.
        if number > self.count { None } else { self.at(number) }
    }

    // What lies at an index of the stack. Text stays for as long as the stack refers to it.
    fn at(&self, index: c_int) -> Option<Plain<'_>> {
        // SAFETY: the index is one of the stack's. Lua's strings do not move, and asking a string for its text changes nothing.
        unsafe {
            match ffi::lua_type(self.state, index) {
                ffi::LUA_TSTRING => {
                    let mut length = 0;
                    let text = ffi::lua_tolstring(self.state, index, &raw mut length);
                    (!text.is_null()).then(|| Plain::Text(slice::from_raw_parts(text.cast(), length)))
                }
                ffi::LUA_TNUMBER if ffi::lua_isinteger(self.state, index) != 0 => {
                    Some(Plain::Whole(ffi::lua_tointegerx(self.state, index, ptr::null_mut())))
                }
                ffi::LUA_TNUMBER => Some(Plain::Number(ffi::lua_tonumberx(self.state, index, ptr::null_mut()))),
                ffi::LUA_TBOOLEAN => Some(Plain::Boolean(ffi::lua_toboolean(self.state, index) != 0)),
                _ => None,
            }
        }
    }

    /// Shows the fields of a table, as `next` finds them; false where the argument is no table, `see` says so, or a key or
    /// a value is something else.
    pub fn each_field(&self, number: c_int, mut see: impl FnMut(Plain, Plain) -> bool) -> bool {
        // SAFETY: a call has room for twenty values, and the table stays as it is meanwhile.
        unsafe {
            if number > self.count || ffi::lua_type(self.state, number) != ffi::LUA_TTABLE {
                return false;
            }
            ffi::lua_pushnil(self.state);
            while ffi::lua_next(self.state, number) != 0 {
                let seen = match (self.at(-2), self.at(-1)) {
                    (Some(key), Some(value)) => see(key, value),
                    _ => false,
                };
                if !seen {
                    ffi::lua_settop(self.state, self.count);
                    return false;
                }
                ffi::lua_settop(self.state, -2);
            }
            true
        }
    }

    /// Gives no value at all.
    pub fn give_nothing(self) -> Answer {
        Answer(0)
    }

    /// Gives a string.
    pub fn give_bytes(self, bytes: &[u8]) -> Answer {
        // SAFETY: a call has room for twenty values; the string is copied.
        unsafe { ffi::lua_pushlstring(self.state, bytes.as_ptr().cast::<c_char>(), bytes.len()) };
        Answer(1)
    }

    /// Gives a number.
    pub fn give_number(self, number: f64) -> Answer {
        // SAFETY: a call has room for twenty values.
        unsafe { ffi::lua_pushnumber(self.state, number) };
        Answer(1)
    }

    /// Gives true or false.
    pub fn give_boolean(self, value: bool) -> Answer {
        // SAFETY: a call has room for twenty values.
        unsafe { ffi::lua_pushboolean(self.state, c_int::from(value)) };
        Answer(1)
    }

    /// Gives a new object.
    pub fn give_object<T: Kind>(self, object: T) -> Answer {
        // SAFETY: a call has room for twenty values; only `lm_quick` calls, which has the table there.
        unsafe { push(self.state, KINDS, object) };
        Answer(1)
    }
}
