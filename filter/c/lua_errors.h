/*
** The place that an error names, and the words about bad arguments, as in the VM that KrakenD runs. Part of lua_numbers.h,
** which explains how calls are told from definitions.
**
** That VM names the nearest line of a script, however many C functions are in between (`pcall(error, 'x')`, a comparison
** inside table.sort); Lua looks at one frame only. The functions of library.lua are C functions in that VM, so they count as
** C functions here.
*/
#ifndef LM_ERRORS_H
#define LM_ERRORS_H

/* Whether this is the frame of a script's function. */
LM_MAYBE int lm_is_script(lua_Debug *ar) {
  return ar->currentline > 0 && strcmp(ar->source, "=library") != 0;
}

/*
** Pushes the place for an error of a level. Level 1 is the nearest function of a script. Level 2 is the same function,
** because the function that is called with the level (`error`) counts as the first. For higher levels, frames of any kind are
** counted.
*/
LM_MAYBE void lm_where(lua_State *L, int level) {
  lua_Debug ar;
  int skipped = level > 1 ? level - 1 : 0, at;
  for (at = 0; lua_getstack(L, at, &ar); at++) {
    lm_spend(L, 2);
    lua_getinfo(L, "Sl", &ar);
    /* In that VM, a function of library.lua and the C function that it calls are one function. */
    if (ar.currentline > 0 && !lm_is_script(&ar)) continue;
    if (skipped-- <= 0 && lm_is_script(&ar)) {
      /* A file's name is written in full, however long it is. */
      lua_pushfstring(L, "%s:%d: ", *ar.source == '@' ? ar.source + 1 : ar.short_src, ar.currentline);
      return;
    }
  }
  lua_pushliteral(L, " ");
}
#define luaL_where(a, b) LM_WHERE_##a, b)
#define LM_WHERE_lua_State luaL_where(lua_State
#define LM_WHERE_L lm_where(L

/* "bad argument #1 to f": f is the name by which the caller calls the function. `self` counts as an argument. */
LM_MAYBE int lm_argerror(lua_State *L, int arg, const char *message) {
  lua_Debug ar;
  const char *name = NULL;
  int at;
  /* math.random: Go panics, with a message that names no place. */
  if (strcmp(message, "interval is empty") == 0) {
    lua_pushliteral(L, "invalid argument to Intn");
    return lua_error(L);
  }
  for (at = 0; name == NULL && lua_getstack(L, at, &ar); at++) {
    lua_getinfo(L, "Sn", &ar);
    if (ar.namewhat[0] != '\0') name = ar.name;
    /* If the caller is a function of library.lua, the name by which the script called that function counts. */
    if (!lua_getstack(L, at + 1, &ar) || !lua_getinfo(L, "S", &ar) || strcmp(ar.source, "=library") != 0) break;
    name = NULL;
  }
  return luaL_error(L, "bad argument #%d to %s (%s)", arg, name != NULL ? name : "(anonymous)", message);
}
#define luaL_argerror(a, b, c) LM_ARGERROR_##a, b, c)
#define LM_ARGERROR_lua_State luaL_argerror(lua_State
#define LM_ARGERROR_L lm_argerror(L
#define LM_ARGERROR_h luaL_argerror(h

/* That VM calls a missing argument nil, and an object of the host userdata. */
LM_MAYBE int lm_typeerror(lua_State *L, int arg, const char *expected) {
  int type = lua_type(L, arg);
  const char *found = lua_typename(L, type == LUA_TNONE ? LUA_TNIL : type);
  return lm_argerror(L, arg, lua_pushfstring(L, "%s expected, got %s", expected, found));
}
#define luaL_typeerror(a, b, c) LM_TYPEERROR_##a, b, c)
#define LM_TYPEERROR_lua_State luaL_typeerror(lua_State
#define LM_TYPEERROR_L lm_typeerror(L

/* ldebug.c: an operation that fails inside a C function (for example a comparison in table.sort) has the script's place. */
LM_MAYBE l_noret lm_errormsg(lua_State *L) {
  /* When the stack has overflowed, there is no room for more words. */
  if (!isLua(L->ci) && L->stack_last.p - L->top.p > LUA_MINSTACK && ttisstring(s2v(L->top.p - 1))) {
    lm_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  luaG_errormsg(L);
}
#define luaG_errormsg(a) LM_ONLY_IN(LM_ERRORMSG, ldebug_c)(a)
#define LM_ERRORMSG_ldebug_c luaG_errormsg
#define LM_ERRORMSG_(a) LM_ERRORMSG_##a)
#define LM_ERRORMSG_lua_State luaG_errormsg(lua_State
#define LM_ERRORMSG_L lm_errormsg(L

/* {== Checks of arguments: text does not count as a whole number, nor a number as optional text == */

LM_MAYBE lua_Integer lm_whole(lua_State *L, int arg) {
  if (lua_type(L, arg) != LUA_TNUMBER) lm_typeerror(L, arg, "number");
  return lua_tointegerx(L, arg, NULL);
}

LM_MAYBE lua_Integer lm_whole_or(lua_State *L, int arg, lua_Integer other) {
  return lua_isnoneornil(L, arg) ? other : lm_whole(L, arg);
}

LM_MAYBE const char *lm_text_or(lua_State *L, int arg, const char *other, size_t *length) {
  if (lua_isnoneornil(L, arg)) {
    *length = strlen(other);
    return other;
  }
  if (lua_type(L, arg) != LUA_TSTRING) lm_typeerror(L, arg, "string");
  return lua_tolstring(L, arg, length);
}

LM_MAYBE void lm_need(lua_State *L, int arg) {
  if (lua_isnone(L, arg)) lm_argerror(L, arg, "value expected");
}

/* lstrlib.c: sub and byte; lmathlib.c: random and ldexp. */
#define luaL_checkinteger(L, arg) LM_ONLY_IN(LM_CHECKINTEGER, lstrlib_c)(L, arg)
#define LM_CHECKINTEGER_lstrlib_c LM_ALSO_IN(LM_CHECKINTEGERM, lmathlib_c)
#define LM_CHECKINTEGERM_lmathlib_c luaL_checkinteger
#define LM_CHECKINTEGERM_(L, arg) lm_math_whole(L, arg)
#define LM_CHECKINTEGER_(L, arg) lm_whole(L, arg)
#define luaL_optinteger(L, arg, other) LM_ONLY_IN(LM_OPTINTEGER, lstrlib_c)(L, arg, other)
#define LM_OPTINTEGER_lstrlib_c luaL_optinteger
/* byte ends at its third argument; at its second, if there are two arguments; else at the text's end. */
#define LM_OPTINTEGER_(L, arg, other) lm_whole_or(L, arg, (arg) == 3 && lua_gettop(L) != 2 ? -1 : (other))

/* == } */

#endif
