/*
** Functions of Lua's own libraries that behave as in the VM that KrakenD runs. These are the functions that cannot be mended
** from Lua without losing speed or the position in error messages. Part of lua_numbers.h, which explains LM_ONLY_IN and how
** calls are told from definitions. Lua registers a function by its bare name, which finds the function of the same name here;
** Lua's own definition, which has parentheses behind the name, is renamed.
*/
#ifndef LM_LIBRARY_H
#define LM_LIBRARY_H

#include "lua_base.h"
#include "lua_patterns.h"
#include "lua_format.h"
#include "lua_time.h"

/*
** {======================================================
** lapi.c, lmathlib.c
** =======================================================
*/

/*
** Tables have no finalizers in 5.1. Here finalizers would run in the middle of another request's script. The host's objects
** (objects.rs) are marked instead: a bare pointer is in the place of their finalizer.
*/
LM_MAYBE void lm_checkfinalizer(lua_State *L, GCObject *o, Table *mt) {
  const TValue *finalizer;
  if (o->tt == LUA_VTABLE || mt == NULL) return;
  finalizer = gfasttm(G(L), mt, TM_GC);
  if (finalizer != NULL && ttislightuserdata(finalizer)) l_setbit(o->marked, TESTBIT);
  else luaC_checkfinalizer(L, o, mt);
}
#define luaC_checkfinalizer(a, b, c) LM_FINALIZER_##a, b, c)
#define LM_FINALIZER_lua_State luaC_checkfinalizer(lua_State
#define LM_FINALIZER_L lm_checkfinalizer(L

/*
** A marked object is released where the collector frees its memory. A finalizer takes 800 instructions for each object, which
** then lives until the next collection. An object begins with a pointer to its kind, and the kind with the function that
** releases it, which knows nothing of Lua. (Only Lua's own tests use the bit.)
*/
typedef void (*LM_Release)(void *object);
LM_MAYBE void lm_freed(Udata *u) {
  if (testbit(u->marked, TESTBIT)) (**(LM_Release **)getudatamem(u))(getudatamem(u));
}
#undef sizeudata
#define sizeudata(values, size) (LM_ONLY_IN(LM_FREED, lgc_c) udatamemoffset(values) + (size))
#define LM_FREED_lgc_c
#define LM_FREED_ lm_freed(u),

/* The mathematical functions know floats only: math.fmod(5, 0) is NaN. */
#define lua_isinteger(L, index) LM_ONLY_IN(LM_IS_INTEGER, lmathlib_c)(L, index)
#define LM_IS_INTEGER_lmathlib_c lua_isinteger
#define LM_IS_INTEGER_(L, index) 0

/* random(0) is refused, as an empty range is. */
LM_MAYBE lua_Integer lm_math_whole(lua_State *L, int arg) {
  lua_Integer n = lm_whole(L, arg);
  if (n == 0 && arg == 1 && lua_gettop(L) == 1) {
    lua_pushliteral(L, "invalid argument to Intn");
    lua_error(L);
  }
  return n;
}

/* }====================================================== */

/*
** {======================================================
** lstrlib.c
** =======================================================
*/

/* upper and lower know the letters of all alphabets: for text beyond ASCII they call a function of the host in the registry. */
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

/* string.dump is refused: that VM cannot write a function as text. */
static __attribute__((unused)) int str_dump(lua_State *L) {
  return luaL_error(L, "GopherLua does not support the string.dump");
}
#define str_dump(a) lm_replaced_str_dump(a)

/* Codes of characters wrap at 256. */
static __attribute__((unused)) int str_char(lua_State *L) {
  int n = lua_gettop(L), i;
  luaL_Buffer b;
  char *out = luaL_buffinitsize(L, &b, (size_t)n);
  lm_spend(L, (size_t)n >> 2);
  for (i = 1; i <= n; i++) out[i - 1] = (char)lm_whole(L, i);
  luaL_pushresultsize(&b, (size_t)n);
  return 1;
}
#define str_char(a) lm_replaced_str_char(a)

/* }====================================================== */

/*
** {======================================================
** ltablib.c: positions outside the list are no errors, and the list's metamethods are not called
** =======================================================
*/

static __attribute__((unused)) int tinsert(lua_State *L) {
  lua_Integer n, position;
  luaL_checktype(L, 1, LUA_TTABLE);
  n = (lua_Integer)lua_rawlen(L, 1);
  if (lua_gettop(L) < 2) return luaL_error(L, "wrong number of arguments");
  if (lua_gettop(L) == 2) {
    lua_rawseti(L, 1, n + 1);
    return 0;
  }
  position = lm_whole(L, 2);
  lm_need(L, 3);
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
  position = lua_gettop(L) == 1 ? n : lm_whole(L, 2);
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
  separator = lm_text_or(L, 2, "", &len);
  i = lm_whole_or(L, 3, 1);
  last = lm_whole_or(L, 4, n);
  if (last > n) last = n;
  if (i > n && lua_gettop(L) > 3) i = n;
  if (i < 1) {
    if (lua_gettop(L) == 3) last = 0;
    i = 1;
  }
  /* The concatenation of one number is that number, not a text. */
  if (i == last && lua_rawgeti(L, 1, i) == LUA_TNUMBER) return 1;
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

static __attribute__((unused)) int tunpack(lua_State *L) {
  lua_Integer i, last;
  luaL_checktype(L, 1, LUA_TTABLE);
  i = lm_whole_or(L, 2, 1);
  last = lm_whole_or(L, 3, (lua_Integer)lua_rawlen(L, 1));
  if (i > last) return 0;
  lua_settop(L, 1);
  if (i < -LM_WIDEST || last > INT_MAX || last - i >= INT_MAX / 2 || !lm_checkstack(L, (int)(last - i + 1)))
    return luaL_error(L, "too many results to unpack");
  for (; i <= last; i++) {
    if ((i & 1) == 0) lm_spend(L, 1);
    lua_rawgeti(L, 1, i);
  }
  return lua_gettop(L) - 1;
}
#define tunpack(a) lm_replaced_tunpack(a)

/*
** table.sort accepts every order that a comparator gives, and equal items keep their order. (For up to 12 items Go's sort
** gives the same result: both insert the items one by one.)
*/
#define LM_INSERTED 12

/* Whether the value at `a` sorts before the value at `b`. */
LM_MAYBE int lm_sorts_before(lua_State *L, int a, int b) {
  int before;
  lm_spend(L, 4);
  if (lua_isnoneornil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, a);
  lua_pushvalue(L, b);
  lua_call(L, 2, 1);
  before = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return before;
}

/* Sorts the items from `low` to `high` by insertion. Swaps them, so that an error leaves all of them in the list. */
LM_MAYBE void lm_insertion_sort(lua_State *L, lua_Integer low, lua_Integer high) {
  lua_Integer i, at;
  for (i = low + 1; i <= high; i++) {
    lua_rawgeti(L, 1, i);
    for (at = i; at > low; at--) {
      lua_rawgeti(L, 1, at - 1);
      if (!lm_sorts_before(L, 4, 5)) break;
      lua_rawseti(L, 1, at);
      lua_pushvalue(L, -1);
      lua_rawseti(L, 1, at - 1);
    }
    lua_settop(L, 3);
  }
}

/* Merges two sorted parts of the list, of which the second begins behind `middle`. The first is copied to the table at 3. */
LM_MAYBE void lm_merge(lua_State *L, lua_Integer low, lua_Integer middle, lua_Integer high) {
  lua_Integer left = 1, count = middle - low + 1, right = middle + 1, i;
  for (i = 0; i < count; i++) {
    lua_rawgeti(L, 1, low + i);
    lua_rawseti(L, 3, i + 1);
  }
  for (i = low; left <= count; i++) {
    lua_rawgeti(L, 3, left);
    lm_spend(L, 2);
    if (right <= high) {
      lua_rawgeti(L, 1, right);
      if (lm_sorts_before(L, 5, 4)) {
        lua_rawseti(L, 1, i);
        right++;
        lua_settop(L, 3);
        continue;
      }
      lua_settop(L, 4);
    }
    lua_rawseti(L, 1, i);
    left++;
  }
}

static __attribute__((unused)) int sort(lua_State *L) {
  lua_Integer n, low, width;
  luaL_checktype(L, 1, LUA_TTABLE);
  if (lua_gettop(L) > 1) luaL_checktype(L, 2, LUA_TFUNCTION);
  n = (lua_Integer)lua_rawlen(L, 1);
  lua_settop(L, 2);
  lua_createtable(L, 0, 0);
  for (low = 1; low <= n; low += LM_INSERTED) {
    lua_Integer high = low + LM_INSERTED - 1;
    lm_insertion_sort(L, low, high < n ? high : n);
  }
  for (width = LM_INSERTED; width < n; width *= 2)
    for (low = 1; low + width <= n; low += 2 * width) {
      lua_Integer high = low + 2 * width - 1;
      lm_merge(L, low, low + width - 1, high < n ? high : n);
    }
  return 0;
}
#define sort(a) lm_replaced_sort(a)

/* }====================================================== */

#endif
