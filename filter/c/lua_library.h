/*
** Functions of Lua's own libraries that behave as in the VM that KrakenD runs: what cannot be mended from Lua without
** losing the position in error messages or speed. Part of lua_numbers.h, which explains LM_ONLY_IN and how calls are
** told from definitions. A function that is registered by its bare name is replaced by one of the same name; Lua's own
** definition, which has parentheses behind the name, is renamed.
*/
#ifndef LM_LIBRARY_H
#define LM_LIBRARY_H

/*
** {======================================================
** lapi.c, lbaselib.c, lmathlib.c
** =======================================================
*/

/* Tables have no finalizers in 5.1. Here they would run in the middle of another request's script. */
LM_MAYBE void lm_checkfinalizer(lua_State *L, GCObject *o, Table *mt) {
  if (o->tt != LUA_VTABLE) luaC_checkfinalizer(L, o, mt);
}
#define luaC_checkfinalizer(a, b, c) LM_FINALIZER_##a, b, c)
#define LM_FINALIZER_lua_State luaC_checkfinalizer(lua_State
#define LM_FINALIZER_L lm_checkfinalizer(L

/* ipairs takes tables only and ignores __index. */
#define lua_geti(L, index, n) LM_ONLY_IN(LM_IPAIRS, lbaselib_c)(L, index, n)
#define LM_IPAIRS_lbaselib_c LM_ALSO_IN(LM_GETI, ltablib_c) /* see lua_work.h */
#define LM_IPAIRS_(L, index, n) (luaL_checktype(L, index, LUA_TTABLE), lua_rawgeti(L, index, n))

/* The mathematical functions know floats only: math.fmod(5, 0) is NaN. */
#define lua_isinteger(L, index) LM_ONLY_IN(LM_IS_INTEGER, lmathlib_c)(L, index)
#define LM_IS_INTEGER_lmathlib_c lua_isinteger
#define LM_IS_INTEGER_(L, index) 0

/* lauxlib.c: function names in complaints about arguments stand without quotes, as KrakenD's users know them. */
#define luaL_error(...) LM_ONLY_IN(LM_ERROR_IN, lauxlib_c)(__VA_ARGS__)
#define LM_ERROR_IN_lauxlib_c luaL_error
#define LM_ERROR_IN_(a, ...) LM_ERROR_##a, __VA_ARGS__)
#define LM_ERROR_lua_State luaL_error(lua_State
#define LM_ERROR_B luaL_error(B
#define LM_ERROR_L lm_reworded(L
#define lm_reworded(L, ...) luaL_error(L, lm_wording(__VA_ARGS__))
#define lm_wording(format, ...) \
  (strcmp(format, "bad argument #%d to '%s' (%s)") == 0 ? "bad argument #%d to %s (%s)" : format), ##__VA_ARGS__

/* }====================================================== */

/*
** {======================================================
** lstrlib.c
** =======================================================
*/

/* string.gsub(s, p, '%x') keeps a percent sign that escapes nothing. Doubles it in the third argument. */
LM_MAYBE int lm_replacement_type(lua_State *L) {
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
#define lua_type(L, index) LM_ONLY_IN(LM_TYPE, lstrlib_c)(L, index)
#define LM_TYPE_lstrlib_c lua_type
#define LM_TYPE_(L, index) ((index) == 3 ? lm_replacement_type(L) : (lua_type)(L, index))

/* string.format('%q'): a quoted string as Go writes it, on one line. */
LM_MAYBE void lm_quote(lua_State *L, luaL_Buffer *b, int arg) {
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
#define addliteral(a, b, c) LM_LITERAL_##a, b, c)
#define LM_LITERAL_lua_State addliteral(lua_State
#define LM_LITERAL_L lm_quote(L

/* upper and lower know all letters. Beyond ASCII they ask a function that the host keeps in the registry. */
LM_MAYBE int lm_change_case(lua_State *L, const char *beyond_ascii, char first, char last) {
  size_t len, i;
  const char *s = luaL_checklstring(L, 1, &len);
  luaL_Buffer b;
  char *out;
  for (i = 0; i < len; i++) {
    if ((unsigned char)s[i] < 0x80) continue;
    if (lua_getfield(L, LUA_REGISTRYINDEX, beyond_ascii) == LUA_TFUNCTION) {
      lm_spend(L, len);
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
static __attribute__((unused)) int str_upper(lua_State *L) { return lm_change_case(L, "string.upper", 'a', 'z'); }
static __attribute__((unused)) int str_lower(lua_State *L) { return lm_change_case(L, "string.lower", 'A', 'Z'); }
#define str_upper(a) lm_replaced_str_upper(a)
#define str_lower(a) lm_replaced_str_lower(a)

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
      lm_spend(L, 2);
      lua_rawgeti(L, 1, n);
      lua_rawseti(L, 1, n + 1);
    }
  lua_rawseti(L, 1, position);
  return 0;
}
#define tinsert(a) lm_replaced_tinsert(a)

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
    lm_spend(L, 2);
    lua_rawgeti(L, 1, position + 1);
    lua_rawseti(L, 1, position);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, n);
  return 1;
}
#define tremove(a) lm_replaced_tremove(a)

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
    lm_spend(L, 2);
    if (type != LUA_TSTRING && type != LUA_TNUMBER)
      return luaL_error(L, "invalid value (%s) at index %I in table for concat", lua_typename(L, type), (LUAI_UACINT)i);
    luaL_addvalue(&b);
    if (i != last) luaL_addlstring(&b, separator, len);
  }
  luaL_pushresult(&b);
  return 1;
}
#define tconcat(a) lm_replaced_tconcat(a)

/* }====================================================== */

#endif
