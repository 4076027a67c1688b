//! Objects of the host in Lua's own memory, as cheap as Lua's own userdata. Knows neither the kinds of objects nor their
//! makers.
//!
//! Each use of `unsafe` looks at memory that was made for an object, here or in C (`lm_quick`). No error of Lua unwinds a frame
//! that holds an object.
#![allow(unsafe_code, reason = "Lua's stack is reached by C's functions")]

use std::any::TypeId;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::NonNull;

use mlua::{AnyUserData, Lua, Result, Table, UserDataFields, UserDataRegistry};
use mlua_sys as ffi;

/// A kind of object that scripts hold.
pub trait Kind: 'static {
    /// Its number among the kinds of a state, from 1 on.
    const NUMBER: i64;
}

/// The content of an object's memory in Lua. Readers compare the kind first, so safety does not depend on the numbers being
/// different.
#[repr(C)]
pub(super) struct Held<T> {
    kind: &'static Known,
    object: Option<T>,
}

/// What the memory of an object says of its kind; C (`lm_freed`) knows that it begins with the function that releases an object.
#[repr(C)]
struct Known {
    release: unsafe extern "C" fn(*mut c_void),
    id: TypeId,
}

impl<T: Kind> Held<T> {
    const KNOWN: &'static Known = &Known { release: release::<T>, id: TypeId::of::<T>() };

    pub(super) fn new(object: Option<T>) -> Self {
        Self { kind: Self::KNOWN, object }
    }

    pub(super) fn object(&self) -> Option<&T> {
        self.object.as_ref()
    }

    /// The object at a place, if it is of this kind.
    ///
    /// # Safety
    /// The memory was made for an object of some kind, and is filled.
    pub(super) unsafe fn at(place: *mut c_void) -> Option<NonNull<Self>> {
        // SAFETY: an object of any kind begins with its kind.
        let kind = unsafe { place.cast::<&'static Known>().as_ref()? };
        NonNull::new(place.cast()).filter(|_| kind.id == TypeId::of::<T>())
    }
}

/// The type by which mlua knows a kind: userdata with its metatable is ours. No value of this type stays alive.
struct Mark<T>(PhantomData<T>);

/// The metatables of a state, by the numbers of the kinds.
#[derive(Clone)]
pub(super) struct Kinds(pub(super) Table);

impl Kinds {
    pub(super) fn of(lua: &Lua) -> Result<Self> {
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
    complete(lua, &first, T::NUMBER, Held::<T>::KNOWN.release)?;
    // mlua made this value, so it is the only one with this metatable that is not ours: it gets another metatable.
    first.take::<Mark<T>>().map(|_| ())
}

// Marks the metatable of a kind, and puts it among the metatables. (Not generic: the module has it once.)
fn complete(lua: &Lua, first: &AnyUserData, number: i64, release: unsafe extern "C" fn(*mut c_void)) -> Result<()> {
    // SAFETY: the stack holds the two arguments, and room for three more values.
    unsafe {
        lua.exec_raw::<()>((first, Kinds::of(lua)?.0), |state| {
            ffi::lua_getmetatable(state, -2);
            // Lua does not call this: it tells C to release the objects (`lm_checkfinalizer`).
            ffi::lua_pushlightuserdata(state, (release as *const ()).cast_mut().cast());
            ffi::lua_setfield(state, -2, c"__gc".as_ptr());
            ffi::lua_rawseti(state, -2, number);
        })
    }
}

/// Makes a new object.
pub fn create<T: Kind>(lua: &Lua, object: T) -> Result<AnyUserData> {
    // The object is not in Lua's memory yet: an error of Lua unwinds nothing that must be freed.
    let data = empty::<T>(lua)?;
    // SAFETY: the memory was made above, and no other code has seen it.
    unsafe { fill(data.to_pointer().cast_mut(), object) };
    Ok(data)
}

/// Makes the memory of an object.
pub(super) fn empty<T: Kind>(lua: &Lua) -> Result<AnyUserData> {
    unsafe fn begin<T: Kind>(memory: *mut c_void) {
        // SAFETY: `memory` calls this for new memory of this size.
        unsafe { memory.cast::<Held<T>>().write(Held::new(None)) };
    }
    memory(lua, size_of::<Held<T>>(), T::NUMBER, begin::<T>)
}

fn memory(lua: &Lua, size: usize, number: i64, begin: unsafe fn(*mut c_void)) -> Result<AnyUserData> {
    // SAFETY: the stack holds the table of kinds, and room for three more values. Size and beginning are those of one kind.
    unsafe {
        lua.exec_raw(Kinds::of(lua)?.0, |state| {
            begin(ffi::lua_newuserdatauv(state, size, 0));
            ffi::lua_rawgeti(state, -2, number);
            ffi::lua_setmetatable(state, -2);
            ffi::lua_remove(state, -2);
        })
    }
}

/// Puts an object into memory of its kind, in the place of another.
///
/// # Safety
/// The memory was made for an object of some kind, and nothing refers to the object in it.
pub(super) unsafe fn fill<T: Kind>(memory: *mut c_void, object: T) {
    // SAFETY: the caller promises it.
    unsafe { Held::<T>::at(memory).map(|mut held| held.as_mut().object = Some(object)) };
}

/// Frees the object in some memory.
///
/// # Safety
/// As for [`fill`].
pub(super) unsafe fn clear<T: Kind>(memory: *mut c_void) {
    // SAFETY: the caller promises it.
    drop(unsafe { Held::<T>::at(memory).and_then(|mut held| held.as_mut().object.take()) });
}

/// The object in a userdata; `None` if it is of another kind.
pub fn object<T: Kind>(data: &AnyUserData) -> Option<&T> {
    if data.type_id() != Some(TypeId::of::<Mark<T>>()) {
        return None;
    }
    // SAFETY: userdata with this metatable was made for an object, and is neither moved nor changed as long as it is referred
    // to.
    unsafe { Held::<T>::at(data.to_pointer().cast_mut())?.as_ref() }.object.as_ref()
}

/// Frees the content of an object; C calls it when the collector frees the object's memory. It must not reach Lua.
unsafe extern "C" fn release<T: Kind>(place: *mut c_void) {
    // SAFETY: only C calls this, once for each object, with the object's memory. The memory says of which type it is.
    unsafe { place.cast::<Held<T>>().drop_in_place() };
}
