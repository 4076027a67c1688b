/*
** Charges the functions of Lua's library that work for long. Part of lua_limits.h, which explains the count.
*/
#ifndef LM_WORK_H
#define LM_WORK_H

/* {== lstrlib.c, ltablib.c, loslib.c == */

/*
** ltable.c: next skips all empty slots, and does so again and again in a table that was large once. The slots that it looked
** at are charged when it is called the next time. (In tests, states in several threads share the number, which is only
** roughly right there.)
*/
static __attribute__((unused)) unsigned int lm_looked = 0;
#undef isempty
#define isempty(v) (LM_ONLY_IN(LM_LOOKED, ltable_c) ttisnil(v))
#define LM_LOOKED_ltable_c
#define LM_LOOKED_ ++lm_looked,
#define findindex(L, t, key, size) LM_FINDINDEX_##L, t, key, size)
#define LM_FINDINDEX_lua_State findindex(lua_State
#define LM_FINDINDEX_L lm_finds_index(L
#define lm_finds_index(L, t, key, size) (lm_charge_looks(L, key), findindex(L, t, key, size))
LM_MAYBE void lm_charge_looks(lua_State *L, const TValue *key) {
  lm_long_key(L, key);
  L->hookcount -= (int)(lm_looked >> 3 & 0xffffff);
  lm_looked = 0;
}

/* Functions, not macros: their arguments may have side effects. */
LM_MAYBE int lm_checkstack(lua_State *L, int n) {
  lm_spend(L, (size_t)n >> 2);
  return (lua_checkstack)(L, n);
}

LM_MAYBE void lm_checkstack_aloud(lua_State *L, int n, const char *what) {
  lm_spend(L, (size_t)n >> 2);
  (luaL_checkstack)(L, n, what);
}

#define luaL_checkstack(L, n, what) LM_ONLY_IN(LM_CHECKSTACK_ALOUD, lstrlib_c)(L, n, what)
#define LM_CHECKSTACK_ALOUD_lstrlib_c luaL_checkstack
#define LM_CHECKSTACK_ALOUD_(L, n, what) lm_checkstack_aloud(L, n, what)

/* Lua's own string.rep('', 1e15) copies nothing for a day. There is no separator here. */
#define LM_MAX_TEXT ((size_t)-1 / 2)
static __attribute__((unused)) int str_rep(lua_State *L) {
  size_t length, total, done;
  const char *s = luaL_checklstring(L, 1, &length);
  lua_Integer n = lm_whole(L, 2);
  luaL_Buffer b;
  char *out;
  if (n <= 0 || length == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (length >= LM_MAX_TEXT / (lua_Unsigned)n) return (luaL_error)(L, "resulting string too large");
  total = (size_t)n * length;
  out = luaL_buffinitsize(L, &b, total);
  memcpy(out, s, length);
  /* The text so far is copied behind itself: two pieces, four, eight. */
  for (done = length; done < total; done += done) memcpy(out + done, out, done < total - done ? done : total - done);
  luaL_pushresultsize(&b, total);
  return 1;
}
#define str_rep(a) lm_replaced_str_rep(a)

/* == } */

#endif
