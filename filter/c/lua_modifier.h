/*
** Functions of our own, in C because Rust would be slower or lose a line number. The host finds them in the table
** lua_modifier among a state's own globals. (They are not in the registry, where mlua looks things up by number: two keys
** more there took 0.7 % of the instructions of an exchange with a collection of a hundred.) Part of lua_numbers.h, which
** explains LM_ONLY_IN.
*/
#ifndef LM_MODIFIER_H
#define LM_MODIFIER_H

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

/* lbaselib.c fills in the globals of a new state, which are on top of the stack. Scripts see globals of their own. */
LM_MAYBE void lm_register(lua_State *L) {
  lua_createtable(L, 0, 5);
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
  lua_setfield(L, -2, "lua_modifier");
}
#define luaL_setfuncs(L, functions, upvalues) LM_ONLY_IN(LM_SETFUNCS, lbaselib_c)(L, functions, upvalues)
#define LM_SETFUNCS_lbaselib_c luaL_setfuncs
#define LM_SETFUNCS_(L, functions, upvalues) (luaL_setfuncs(L, functions, upvalues), lm_register(L))

#endif
