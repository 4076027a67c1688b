/*
** Functions of Lua's own libraries that behave as in the VM that KrakenD runs: what cannot be mended from Lua without
** losing the position in error messages or speed. Part of lua_numbers.h, which explains LUA_ONLY_IN and how calls are
** told from definitions. A function that is registered by its bare name is replaced by one of the same name; Lua's own
** definition, which has parentheses behind the name, is renamed.
*/
#ifndef LUA_LIBRARY_H
#define LUA_LIBRARY_H

/*
** {======================================================
** lapi.c, lbaselib.c, lmathlib.c
** =======================================================
*/

/* Tables have no finalizers in 5.1. Here they would run in the middle of another request's script. */
LUA_MAYBE void lua_checkfinalizer(lua_State *L, GCObject *o, Table *mt) {
  if (o->tt != LUA_VTABLE) luaC_checkfinalizer(L, o, mt);
}
#define luaC_checkfinalizer(a, b, c) LUA_FINALIZER_##a, b, c)
#define LUA_FINALIZER_lua_State luaC_checkfinalizer(lua_State
#define LUA_FINALIZER_L lua_checkfinalizer(L

/* ipairs takes tables only and ignores __index. */
#define lua_geti(L, index, n) LUA_ONLY_IN(lua_geti, lbaselib_c)(L, index, n)
#define lua_geti_lbaselib_c LUA_ALSO_IN(LUA_GETI, ltablib_c) /* see lua_limits.h */
#define lua_geti_(L, index, n) (luaL_checktype(L, index, LUA_TTABLE), lua_rawgeti(L, index, n))

/* The mathematical functions know floats only: math.fmod(5, 0) is NaN. */
#define lua_isinteger(L, index) LUA_ONLY_IN(lua_isinteger, lmathlib_c)(L, index)
#define lua_isinteger_lmathlib_c lua_isinteger
#define lua_isinteger_(L, index) 0

/* lauxlib.c: function names in complaints about arguments stand without quotes, as KrakenD's users know them. */
#define luaL_error(...) LUA_ONLY_IN(luaL_error, lauxlib_c)(__VA_ARGS__)
#define luaL_error_lauxlib_c luaL_error
#define luaL_error_(a, ...) LUA_ERROR_##a, __VA_ARGS__)
#define LUA_ERROR_lua_State luaL_error(lua_State
#define LUA_ERROR_B luaL_error(B
#define LUA_ERROR_L lua_reworded(L
#define lua_reworded(L, ...) luaL_error(L, lua_wording(__VA_ARGS__))
#define lua_wording(format, ...) \
  (strcmp(format, "bad argument #%d to '%s' (%s)") == 0 ? "bad argument #%d to %s (%s)" : format), ##__VA_ARGS__

/* }====================================================== */

/*
** {======================================================
** lstrlib.c
** =======================================================
*/

/* string.gsub(s, p, '%x') keeps a percent sign that escapes nothing. Doubles it in the third argument. */
LUA_MAYBE int lua_replacement_type(lua_State *L) {
  int type = lua_type(L, 3);
  if (type == LUA_TSTRING) {
    size_t len, i;
    const char *s = lua_tolstring(L, 3, &len);
    int lone = 0;
    const char *p = (const char *)memchr(s, '%', len);
    for (i = p != NULL ? (size_t)(p - s) : len; i < len; i++) {
      if (s[i] != '%') continue;
      if (i + 1 < len && (s[i + 1] == '%' || (s[i + 1] >= '0' && s[i + 1] <= '9'))) i++;
      else lone = 1;
    }
    if (lone) {
      luaL_Buffer b;
      luaL_buffinit(L, &b);
      for (i = 0; i < len; i++) {
        luaL_addchar(&b, s[i]);
        if (s[i] != '%') continue;
        if (i + 1 < len && (s[i + 1] == '%' || (s[i + 1] >= '0' && s[i + 1] <= '9'))) luaL_addchar(&b, s[++i]);
        else luaL_addchar(&b, '%');
      }
      luaL_pushresult(&b);
      lua_replace(L, 3);
    }
  }
  return type;
}
#define lua_type(L, index) LUA_ONLY_IN(lua_type, lstrlib_c)(L, index)
#define lua_type_lstrlib_c lua_type
#define lua_type_(L, index) ((index) == 3 ? lua_replacement_type(L) : (lua_type)(L, index))

/* string.format('%q'): a quoted string as Go writes it, on one line. */
LUA_MAYBE void lua_quote(lua_State *L, luaL_Buffer *b, int arg) {
  static const char named[] = "\a\b\f\n\r\t\v\\\"", names[] = "abfnrtv\\\"";
  size_t len, i;
  const char *s = luaL_tolstring(L, arg, &len); /* the buffer may have its box on the stack: put the text below */
  lua_replace(L, arg);
  luaL_addchar(b, '"');
  for (i = 0; i < len; i++) {
    const char *found = s[i] != '\0' ? strchr(named, s[i]) : NULL;
    unsigned char c = (unsigned char)s[i];
    if (found != NULL) {
      luaL_addchar(b, '\\');
      luaL_addchar(b, names[found - named]);
    }
    else if (c < 0x20 || c == 0x7f) {
      luaL_addlstring(b, "\\x", 2);
      luaL_addchar(b, "0123456789abcdef"[c >> 4]);
      luaL_addchar(b, "0123456789abcdef"[c & 15]);
    }
    else luaL_addchar(b, s[i]);
  }
  luaL_addchar(b, '"');
}
#define addliteral(a, b, c) LUA_LITERAL_##a, b, c)
#define LUA_LITERAL_lua_State addliteral(lua_State
#define LUA_LITERAL_L lua_quote(L

/* upper and lower know all letters. Beyond ASCII they ask a function that the host keeps in the registry. */
LUA_MAYBE int lua_change_case(lua_State *L, const char *beyond_ascii, char first, char last) {
  size_t len, i;
  const char *s = luaL_checklstring(L, 1, &len);
  luaL_Buffer b;
  char *out;
  for (i = 0; i < len; i++) {
    if ((unsigned char)s[i] < 0x80) continue;
    if (lua_getfield(L, LUA_REGISTRYINDEX, beyond_ascii) == LUA_TFUNCTION) {
      lua_spend(L, len);
      lua_pushvalue(L, 1);
      lua_call(L, 1, 1);
      return 1;
    }
    lua_settop(L, 1);
    break;
  }
  out = luaL_buffinitsize(L, &b, len);
  for (i = 0; i < len; i++) out[i] = (char)(s[i] >= first && s[i] <= last ? s[i] ^ 0x20 : s[i]);
  luaL_pushresultsize(&b, len);
  return 1;
}
static __attribute__((unused)) int str_upper(lua_State *L) { return lua_change_case(L, "string.upper", 'a', 'z'); }
static __attribute__((unused)) int str_lower(lua_State *L) { return lua_change_case(L, "string.lower", 'A', 'Z'); }
#define str_upper(a) str_upper_ascii(a)
#define str_lower(a) str_lower_ascii(a)

/* }====================================================== */

/*
** {======================================================
** ltablib.c: positions outside the list are no errors, and metamethods are not asked
** =======================================================
*/

static __attribute__((unused)) int tinsert(lua_State *L) {
  lua_Integer n, position;
  luaL_checktype(L, 1, LUA_TTABLE);
  n = (lua_Integer)lua_rawlen(L, 1);
  if (lua_gettop(L) < 2) return luaL_error(L, "wrong number of arguments to 'insert'");
  if (lua_gettop(L) == 2) {
    lua_rawseti(L, 1, n + 1);
    return 0;
  }
  position = luaL_checkinteger(L, 2);
  lua_settop(L, 3);
  if (position > 0)
    for (; n >= position; n--) {
      lua_spend(L, 2);
      lua_rawgeti(L, 1, n);
      lua_rawseti(L, 1, n + 1);
    }
  lua_rawseti(L, 1, position);
  return 0;
}
#define tinsert(a) tinsert_strict(a)

static __attribute__((unused)) int tremove(lua_State *L) {
  lua_Integer n, position;
  luaL_checktype(L, 1, LUA_TTABLE);
  n = (lua_Integer)lua_rawlen(L, 1);
  position = lua_gettop(L) == 1 ? n : luaL_checkinteger(L, 2);
  if (n == 0 || position > n) {
    lua_pushnil(L);
    return 1;
  }
  if (position < 1) position = n;
  lua_rawgeti(L, 1, position);
  for (; position < n; position++) {
    lua_spend(L, 2);
    lua_rawgeti(L, 1, position + 1);
    lua_rawseti(L, 1, position);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, n);
  return 1;
}
#define tremove(a) tremove_strict(a)

static __attribute__((unused)) int tconcat(lua_State *L) {
  lua_Integer n, i, last;
  size_t len;
  const char *separator;
  luaL_Buffer b;
  luaL_checktype(L, 1, LUA_TTABLE);
  n = (lua_Integer)lua_rawlen(L, 1);
  separator = luaL_optlstring(L, 2, "", &len);
  i = luaL_optinteger(L, 3, 1);
  last = luaL_optinteger(L, 4, n);
  if (last > n) last = n;
  if (i > n && lua_gettop(L) > 3) i = n;
  if (i < 1) {
    if (lua_gettop(L) == 3) last = 0;
    i = 1;
  }
  luaL_buffinit(L, &b);
  for (; i <= last; i++) {
    int type = lua_rawgeti(L, 1, i);
    lua_spend(L, 2);
    if (type != LUA_TSTRING && type != LUA_TNUMBER)
      return luaL_error(L, "invalid value (%s) at index %I in table for concat", lua_typename(L, type), (LUAI_UACINT)i);
    luaL_addvalue(&b);
    if (i != last) luaL_addlstring(&b, separator, len);
  }
  luaL_pushresult(&b);
  return 1;
}
#define tconcat(a) tconcat_strict(a)

/*
** table.move is not part of 5.1, and never seen by scripts. In its place: a copy of a table that was only ever filled
** (no array part), for the price of two allocations. An environment is copies of such tables.
*/
static __attribute__((unused)) int tmove(lua_State *L) {
  const Table *from;
  Table *to;
  luaL_checktype(L, 1, LUA_TTABLE);
  from = (const Table *)lua_topointer(L, 1);
  lua_createtable(L, 0, isdummy(from) ? 0 : sizenode(from));
  to = (Table *)lua_topointer(L, -1);
  if (from->alimit == 0 && !isdummy(from) && !isdummy(to) && from->lsizenode == to->lsizenode) {
    /* The new table is younger than all it refers to: no barrier. Links between nodes are relative. */
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
#define tmove(a) tmove_of_5_4(a)

/* }====================================================== */

/*
** {======================================================
** lcorolib.c
** =======================================================
*/

/*
** A function that waits for the host. Its upvalues: prepare(...) says whether there is anything to wait for, finish(...)
** gives the results, the token is what is yielded, and yield does it: in a frame of its own, because the host clears the
** stack of the frame that yields. In C, because a Lua function in its place would vanish from a tail
** call, and with it the line that its errors are reported at.
*/
LUA_MAYBE int lua_wait_over(lua_State *L, int status, lua_KContext arguments) {
  (void)status;
  lua_settop(L, (int)arguments);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, (int)arguments, LUA_MULTRET);
  return lua_gettop(L);
}

LUA_MAYBE int lua_wait(lua_State *L) {
  int arguments = lua_gettop(L), i, waits;
  luaL_checkstack(L, arguments + LUA_MINSTACK, "too many arguments");
  lua_pushvalue(L, lua_upvalueindex(1));
  for (i = 1; i <= arguments; i++) lua_pushvalue(L, i);
  lua_call(L, arguments, 1);
  waits = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (!waits) return lua_wait_over(L, LUA_OK, arguments);
  if (!lua_isyieldable(L))
    return (luaL_error)(L, "a script cannot wait inside a function that Lua calls from C (a table.sort comparator, "
                           "a string.gsub callback)");
  lua_pushvalue(L, lua_upvalueindex(4));
  lua_pushvalue(L, lua_upvalueindex(3));
  lua_callk(L, 1, 0, arguments, lua_wait_over);
  return lua_wait_over(L, LUA_OK, arguments);
}

/* Stands where coroutine.close was, which scripts never see: makes such a function of prepare, finish, the token and yield. */
LUA_MAYBE int luaB_close(lua_State *L) {
  lua_settop(L, 4);
  lua_pushcclosure(L, lua_wait, 4);
  return 1;
}
#define luaB_close(a) luaB_close_of_5_4(a)

/* }====================================================== */

#endif
