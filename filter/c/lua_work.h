/*
** What Lua's library is charged where a function of it works for long. Part of lua_limits.h, which explains the count.
*/
#ifndef LUA_WORK_H
#define LUA_WORK_H

/* {== lstrlib.c, ltablib.c, loslib.c == */

#define singlematch(ms, s, p, ep) LUA_SINGLEMATCH_##ms, s, p, ep)
#define LUA_SINGLEMATCH_MatchState singlematch(MatchState
#define LUA_SINGLEMATCH_ms (lua_spend(ms->L, 1 + ((size_t)(ep - p) >> 4)), singlematch)(ms

#define matchbalance(ms, s, p) LUA_MATCHBALANCE_##ms, s, p)
#define LUA_MATCHBALANCE_MatchState matchbalance(MatchState
#define LUA_MATCHBALANCE_ms lua_balances(ms
#define lua_balances(ms, s, p) ({ \
  const char *lua_from = (s), *lua_pair = (p), *lua_to = matchbalance(ms, lua_from, lua_pair); \
  const char *lua_end = lua_to != NULL ? lua_to : *lua_from == *lua_pair ? ms->src_end : lua_from; \
  lua_spend(ms->L, 1 + ((size_t)(lua_end - lua_from) >> 3)); \
  lua_to; })

#define match_capture(ms, s, l) LUA_MATCHCAPTURE_##ms, s, l)
#define LUA_MATCHCAPTURE_MatchState match_capture(MatchState
#define LUA_MATCHCAPTURE_ms lua_recaptures(ms
#define lua_recaptures(ms, s, l) ({ \
  int lua_capture = (l) - '1'; \
  lua_spend(ms->L, lua_capture >= 0 && lua_capture < ms->level && ms->capture[lua_capture].len > 0 \
    ? 1 + ((size_t)ms->capture[lua_capture].len >> 4) : 1); \
  match_capture(ms, s, l); })

/* Plain search, with an eye on needles that nearly match everywhere. */
LUA_MAYBE const char *lua_find(lua_State *L, const char *s, size_t length, const char *needle, size_t wanted) {
  const char *end = s + length, *found;
  if (wanted == 0) return s;
  while (wanted <= (size_t)(end - s)) {
    found = (const char *)memchr(s, *needle, (size_t)(end - s) - wanted + 1);
    if (found == NULL) found = end;
    lua_spend(L, 1 + ((size_t)(found - s) >> 4) + (wanted >> 4));
    if (found == end) break;
    if (memcmp(found, needle, wanted) == 0) return found;
    s = found + 1;
  }
  return NULL;
}
#define lmemfind(s, length, needle, wanted) LUA_MEMFIND_##s, length, needle, wanted)
#define LUA_MEMFIND_const lmemfind(const
#define LUA_MEMFIND_s lua_find(L, s

#define sort_comp(L, a, b) LUA_SORTCOMP_##L, a, b)
#define LUA_SORTCOMP_lua_State sort_comp(lua_State
#define LUA_SORTCOMP_L (lua_spend(L, 4), sort_comp)(L

/* A frontier asks twice, and its set may be a megabyte; single characters ask in singlematch, which is counted. */
#define matchbracketclass(c, p, ec) LUA_BRACKETCLASS_##c, p, ec)
#define LUA_BRACKETCLASS_int matchbracketclass(int
#define LUA_BRACKETCLASS_c matchbracketclass(c
#define LUA_BRACKETCLASS_uchar (lua_spend(ms->L, 1 + ((size_t)(ep - p) >> 4)), matchbracketclass)(uchar

/* A pattern begins anew at each position ('$' matches at the last one only). lstrlib.c takes the number if there is one. */
#define MAXCCALLS (lua_spend(ms->L, 1), 200)

/* tonumber(text, base) */
#define b_str2int(s, base, n) LUA_STR2INT_##s, base, n)
#define LUA_STR2INT_const b_str2int(const
#define LUA_STR2INT_s (lua_spend(L, l >> 2), b_str2int)(s

/* table.insert and table.remove move what stands behind; of a table with __len that may be no end of nothing. */
LUA_MAYBE int lua_geti_counted(lua_State *L, int index, lua_Integer n) {
  if ((n & 1) == 0) lua_spend(L, 1);
  return (lua_geti)(L, index, n);
}
#define LUA_GETI_ltablib_c lua_geti
#define LUA_GETI_ lua_geti_counted

/*
** ltable.c: next passes over all that is empty, in a table that was large once over and over. What it looked at is charged
** when it is called again. (States of several threads, in tests, share the number; it is no more than roughly right there.)
*/
static __attribute__((unused)) unsigned int lua_looked = 0;
#undef isempty
#define isempty(v) (LUA_ONLY_IN(LUA_LOOKED, ltable_c) ttisnil(v))
#define LUA_LOOKED_ltable_c
#define LUA_LOOKED_ ++lua_looked,
#define findindex(L, t, key, size) LUA_FINDINDEX_##L, t, key, size)
#define LUA_FINDINDEX_lua_State findindex(lua_State
#define LUA_FINDINDEX_L lua_finds_index(L
#define lua_finds_index(L, t, key, size) (lua_charge_looks(L, key), findindex(L, t, key, size))
LUA_MAYBE void lua_charge_looks(lua_State *L, const TValue *key) {
  lua_long_key(L, key);
  L->hookcount -= (int)(lua_looked >> 3 & 0xffffff);
  lua_looked = 0;
}

/* Functions, not macros: what they are called with may have side effects (table.unpack counts on). */
LUA_MAYBE int lua_checkstack_counted(lua_State *L, int n) {
  lua_spend(L, (size_t)n >> 2);
  return (lua_checkstack)(L, n);
}

LUA_MAYBE void luaL_checkstack_counted(lua_State *L, int n, const char *what) {
  lua_spend(L, (size_t)n >> 2);
  (luaL_checkstack)(L, n, what);
}

#define lua_checkstack(L, n) LUA_ONLY_IN(LUA_CHECKSTACK, ltablib_c)(L, n)
#define LUA_CHECKSTACK_ltablib_c lua_checkstack
#define LUA_CHECKSTACK_(L, n) lua_checkstack_counted(L, n)

#define luaL_checkstack(L, n, what) LUA_ONLY_IN(LUA_CHECKSTACK_ALOUD, lstrlib_c)(L, n, what)
#define LUA_CHECKSTACK_ALOUD_lstrlib_c luaL_checkstack
#define LUA_CHECKSTACK_ALOUD_(L, n, what) luaL_checkstack_counted(L, n, what)

#define strftime(out, size, format, time) LUA_ONLY_IN(LUA_STRFTIME, loslib_c)(out, size, format, time)
#define LUA_STRFTIME_loslib_c strftime
#define LUA_STRFTIME_(out, size, format, time) (lua_spend(L, 20), strftime(out, size, format, time))

/* string.format: what it writes itself. Numbers of hundreds of digits take longer than their length. */
#undef luaL_addsize
#define luaL_addsize(buffer, length) ((buffer)->n += LUA_ONLY_IN(LUA_WRITTEN, lstrlib_c)((buffer)->L, (size_t)(length)))
#define LUA_WRITTEN_lstrlib_c(L, length) (length)
#define LUA_WRITTEN_ lua_written
LUA_MAYBE size_t lua_written(lua_State *L, size_t length) {
  lua_spend(L, length > 99 ? length << 2 : length);
  return length;
}

/* string.rep('', 1e15) of Lua's own copies nothing for a day. */
#define LUA_MAX_TEXT ((size_t)-1 / 2)
static __attribute__((unused)) int str_rep(lua_State *L) {
  size_t length, between;
  const char *s = luaL_checklstring(L, 1, &length);
  lua_Integer n = luaL_checkinteger(L, 2);
  const char *separator = luaL_optlstring(L, 3, "", &between);
  size_t each = length + between, total, done;
  luaL_Buffer b;
  char *out;
  if (n <= 0 || each == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (each < length || each >= LUA_MAX_TEXT / (lua_Unsigned)n) return (luaL_error)(L, "resulting string too large");
  total = (size_t)n * each - between;
  out = luaL_buffinitsize(L, &b, total);
  memcpy(out, s, length);
  if (n > 1) {
    memcpy(out + length, separator, between);
    /* What is there is copied behind itself: two pieces, four, eight. */
    for (done = each; done < total; done += done) memcpy(out + done, out, done < total - done ? done : total - done);
  }
  luaL_pushresultsize(&b, total);
  return 1;
}
#define str_rep(a) str_rep_of_5_4(a)

/* == } */

#endif
