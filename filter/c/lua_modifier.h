/*
** Functions of our own, in C because Rust would be slower or lose a line number. The host finds them in the table
** lua_modifier among a state's own globals. (They are not in the registry, where mlua looks things up by number: two keys
** more there took 0.7 % of the instructions of an exchange with a collection of a hundred.) Part of lua_numbers.h, which
** explains LM_ONLY_IN.
*/
#ifndef LM_MODIFIER_H
#define LM_MODIFIER_H

#include "lua_run.h"
#include "lua_uses.h"

/*
** Copies a table. A table that was only ever filled (no array part) costs two allocations. An environment consists of copies
** of such tables. Metatables are not copied.
*/
LM_MAYBE int lm_copy(lua_State *L) {
  const Table *from;
  Table *to;
  luaL_checktype(L, 1, LUA_TTABLE);
  from = (const Table *)lua_topointer(L, 1);
  lua_createtable(L, 0, isdummy(from) ? 0 : sizenode(from));
  to = (Table *)lua_topointer(L, -1);
  if (from->alimit == 0 && !isdummy(from) && !isdummy(to) && from->lsizenode == to->lsizenode) {
    /* The new table is younger than all that it refers to, so it needs no barrier. Links between nodes are relative. */
    memcpy(to->node, from->node, sizeof(Node) * (size_t)sizenode(from));
    to->lastfree = to->node + (from->lastfree - from->node);
    return 1;
  }
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 2);
  }
  return 1;
}

/*
** A function that waits for the host. Its upvalues are prepare, finish, a token and yield. prepare(...) says whether there is
** anything to wait for, and finish(...) gives the results. yield yields the token, in a frame of its own, because the host
** clears the stack of the frame that yields. The function is in C, because a Lua function in its place would vanish in a tail
** call, and with it the line at which its errors are reported.
*/
LM_MAYBE int lm_wait_over(lua_State *L, int status, lua_KContext arguments) {
  (void)status;
  lua_settop(L, (int)arguments);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, (int)arguments, LUA_MULTRET);
  return lua_gettop(L);
}

LM_MAYBE int lm_wait(lua_State *L) {
  int arguments = lua_gettop(L), i, waits;
  luaL_checkstack(L, arguments + LUA_MINSTACK, "too many arguments");
  lua_pushvalue(L, lua_upvalueindex(1));
  for (i = 1; i <= arguments; i++) lua_pushvalue(L, i);
  lua_call(L, arguments, 1);
  waits = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (!waits) return lm_wait_over(L, LUA_OK, arguments);
  if (!lua_isyieldable(L))
    return (luaL_error)(L, "a script cannot wait inside a function that Lua calls from C (a table.sort comparator, "
                           "a string.gsub callback)");
  lua_pushvalue(L, lua_upvalueindex(4));
  lua_pushvalue(L, lua_upvalueindex(3));
  lua_callk(L, 1, 0, arguments, lm_wait_over);
  return lm_wait_over(L, LUA_OK, arguments);
}

/* Makes a function that waits, from prepare, finish, the token and yield. */
LM_MAYBE int lm_waiting(lua_State *L) {
  lua_settop(L, 4);
  lua_pushcclosure(L, lm_wait, 4);
  return 1;
}

/*
** bad(position, expected, value) complains about an argument of the function of library.lua that a script called.
** bad(position, "value") says that the argument is missing. bad(position, nil, words) uses the given words.
*/
LM_MAYBE int lm_bad(lua_State *L) {
  int position = (int)lua_tointegerx(L, 1, NULL);
  const char *expected = lua_tolstring(L, 2, NULL);
  if (expected == NULL) return lm_argerror(L, position, lua_tolstring(L, 3, NULL));
  if (lua_isnone(L, 3)) return lm_argerror(L, position, lua_pushfstring(L, "%s expected", expected));
  return lm_argerror(L, position, lua_pushfstring(L, "%s expected, got %s", expected, luaL_typename(L, 3)));
}

/* Gives the name of the global that an object of the host belongs to; nil for other values. */
LM_MAYBE int lm_kind(lua_State *L) {
  if (lua_type(L, 1) == LUA_TUSERDATA && lua_getmetatable(L, 1)) {
    lua_pushliteral(L, "__kind");
    lua_rawget(L, -2);
    return 1;
  }
  lua_pushnil(L);
  return 1;
}

/*
** Makes an empty userdata. If the argument is a table, it becomes the metatable. A finalizer in it is never called: it would
** run in another request's script.
*/
LM_MAYBE int lm_newproxy(lua_State *L) {
  lua_settop(L, 1);
  lua_newuserdatauv(L, 0, 0);
  if (lua_type(L, 1) == LUA_TTABLE) uvalue(s2v(L->top.p - 1))->metatable = (Table *)lua_topointer(L, 1); /* new: no barrier */
  return 1;
}

/*
** What scripts call often takes a quick way (quick.rs) before mlua's, in the same frame. The quick function gives the number
** of its results, or says that a text or an object lies in `pending`, or that the call is left to mlua's function with the
** arguments as they were: errors find the same names and lines there. Only here an error passes, of memory too, and no Rust is
** on the stack then. Upvalues: what mlua's function has as its own; the metatable of the kind of object, nil where there is no
** object; the quick function, what it calls, and mlua's function, as pointers; the table of all kinds.
*/
typedef struct LM_Pending {
  size_t size;
  long long kind;
  void *release;
  long long bytes[1];
} LM_Pending;

enum { LM_LEFT = -1, LM_TEXT = -2, LM_OBJECT = -3 };

/* A value that a quick function can look at: what it is, and all that it can be. */
typedef struct LM_Seen {
  int kind;
  size_t length;
  const char *text;
  lua_Integer whole;
  lua_Number number;
} LM_Seen;

enum { LM_OTHER, LM_STRING, LM_WHOLE, LM_FLOAT, LM_FALSE, LM_TRUE };

LM_MAYBE void lm_see(const TValue *value, LM_Seen *seen) {
  if (ttisstring(value)) {
    seen->kind = LM_STRING;
    seen->text = getstr(tsvalue(value));
    seen->length = tsslen(tsvalue(value));
  }
  else if (ttisinteger(value)) {
    seen->kind = LM_WHOLE;
    seen->whole = ivalue(value);
  }
  else if (ttisfloat(value)) {
    seen->kind = LM_FLOAT;
    seen->number = fltvalue(value);
  }
  else seen->kind = ttistrue(value) ? LM_TRUE : ttisfalse(value) ? LM_FALSE : LM_OTHER;
}

/* What C offers a quick function. Nothing of it can fail. */
typedef struct LM_Offers {
  LM_Pending *pending;
  void (*argument)(lua_State *L, int number, LM_Seen *seen);
  int (*field)(lua_State *L, int number, unsigned int *place, LM_Seen *key, LM_Seen *value);
  void (*give)(lua_State *L, void *memory);
} LM_Offers;

/* Gives an object that the host uses again, by its memory. It is charged as a new one is (luaS_newudata in lua_limits.h). */
LM_MAYBE void lm_give(lua_State *L, void *memory) {
  L->hookcount -= 40;
  setuvalue(L, s2v(L->top.p), (Udata *)((char *)memory - udatamemoffset(0)));
  L->top.p++;
}

/* An argument of the call under way, from 1 on, which must be there. */
LM_MAYBE void lm_argument(lua_State *L, int number, LM_Seen *seen) {
  lm_see(s2v(L->ci->func.p + number), seen);
}

/*
** The field of a table behind a place (0 at first), in the order of `next`; 0: there is none, -1: the argument is no table. The
** walk is charged as that of `next` is, for the places that were looked at.
*/
LM_MAYBE int lm_field(lua_State *L, int number, unsigned int *place, LM_Seen *key, LM_Seen *value) {
  const TValue *argument = s2v(L->ci->func.p + number);
  const Table *t;
  unsigned int listed, all;
  if (!ttistable(argument)) return -1;
  t = hvalue(argument);
  listed = t->alimit; /* mostly the size of the array; otherwise less */
  if (*place >= listed || isempty(&t->array[*place])) listed = luaH_realasize(t);
  for (; *place < listed; ++*place) {
    if (ttisnil(&t->array[*place])) continue;
    lm_see(&t->array[*place], value);
    key->kind = LM_WHOLE;
    key->whole = (lua_Integer)++*place;
    return 1;
  }
  all = listed + (unsigned int)sizenode(t);
  for (; *place < all; ++*place) {
    Node *node = gnode(t, *place - listed);
    TValue name;
    if (ttisnil(gval(node))) continue;
    getnodekey(L, &name, node);
    lm_see(&name, key);
    lm_see(gval(node), value);
    ++*place;
    return 1;
  }
  L->hookcount -= (int)(*place >> 3 & 0xffffff);
  return 0;
}

typedef int (*LM_Quick)(lua_State *L, void *object, void *body, LM_Offers *offers);

LM_MAYBE int lm_quick(lua_State *L) {
  const CClosure *closure = clCvalue(s2v(L->ci->func.p));
  const TValue *kind = &closure->upvalue[1], *first = s2v(L->ci->func.p + 1);
  LM_Offers offers = {NULL, lm_argument, lm_field, lm_give};
  LM_Pending *pending;
  Udata *made;
  void *object = NULL;
  int results = LM_LEFT;
  if (L->ci->func.p + 1 < L->top.p && ttisfulluserdata(first) && !ttisnil(kind) && uvalue(first)->metatable == hvalue(kind))
    object = getudatamem(uvalue(first));
  if (object != NULL || ttisnil(kind))
    results = ((LM_Quick)pvalue(&closure->upvalue[2]))(L, object, pvalue(&closure->upvalue[3]), &offers);
  if (results >= 0) return results;
  if (results == LM_LEFT) return ((lua_CFunction)pvalue(&closure->upvalue[4]))(L);
  pending = offers.pending;
  if (results == LM_TEXT) {
    lua_pushlstring(L, (const char *)pending->bytes, pending->size);
    return 1;
  }
  memcpy(lua_newuserdatauv(L, pending->size, 0), pending->bytes, pending->size);
  pending->release = NULL; /* it has moved */
  kind = luaH_getint(hvalue(&closure->upvalue[5]), (lua_Integer)pending->kind);
  made = uvalue(s2v(L->top.p - 1));
  made->metatable = hvalue(kind);
  luaC_objbarrier(L, obj2gco(made), obj2gco(made->metatable));
  l_setbit(made->marked, TESTBIT); /* see lm_freed */
  return 1;
}

/* Makes such a function of mlua's, the metatable, the two pointers and the table of kinds. */
LM_MAYBE int lm_quickened(lua_State *L) {
  lua_CFunction slow = lua_tocfunction(L, 1);
  lua_settop(L, 5);
  if (slow == NULL || lua_getupvalue(L, 1, 1) == NULL) return luaL_argerror(L, 1, "a function of the host's");
  lua_replace(L, 1);
  lua_pushlightuserdata(L, (void *)slow);
  lua_insert(L, 5);
  lua_pushcclosure(L, lm_quick, 6);
  return 1;
}

/* lbaselib.c fills in the globals of a new state, which are on top of the stack. Scripts see globals of their own. */
LM_MAYBE void lm_register(lua_State *L) {
  lua_createtable(L, 0, 9);
  lua_pushcfunction(L, lm_copy);
  lua_setfield(L, -2, "copy");
  lua_pushcfunction(L, lm_waiting);
  lua_setfield(L, -2, "waiting");
  lua_pushcfunction(L, lm_bad);
  lua_setfield(L, -2, "bad");
  lua_pushcfunction(L, lm_kind);
  lua_setfield(L, -2, "kind");
  lua_pushcfunction(L, lm_newproxy);
  lua_setfield(L, -2, "newproxy");
  lua_pushcfunction(L, lm_quickened);
  lua_setfield(L, -2, "quickened");
  lua_pushcfunction(L, lm_uses);
  lua_setfield(L, -2, "uses");
  lua_pushcfunction(L, lm_runner);
  lua_setfield(L, -2, "runner");
  lua_pushlightuserdata(L, (void *)lm_begin);
  lua_setfield(L, -2, "begin");
  lua_setfield(L, -2, "lua_modifier");
}
#define luaL_setfuncs(L, functions, upvalues) LM_ONLY_IN(LM_SETFUNCS, lbaselib_c)(L, functions, upvalues)
#define LM_SETFUNCS_lbaselib_c luaL_setfuncs
#define LM_SETFUNCS_(L, functions, upvalues) (luaL_setfuncs(L, functions, upvalues), lm_register(L))

#endif
