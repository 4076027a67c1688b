/*
** What Lua's library is charged where a function of it works for long. Part of lua_limits.h, which explains the count.
*/
#ifndef LM_WORK_H
#define LM_WORK_H

/* {== lstrlib.c, ltablib.c, loslib.c == */

#define singlematch(ms, s, p, ep) LM_SINGLEMATCH_##ms, s, p, ep)
#define LM_SINGLEMATCH_MatchState singlematch(MatchState
#define LM_SINGLEMATCH_ms (lm_spend(ms->L, 1 + ((size_t)(ep - p) >> 4)), singlematch)(ms

#define matchbalance(ms, s, p) LM_MATCHBALANCE_##ms, s, p)
#define LM_MATCHBALANCE_MatchState matchbalance(MatchState
#define LM_MATCHBALANCE_ms lm_balances(ms
#define lm_balances(ms, s, p) ({ \
  const char *lm_from = (s), *lm_pair = (p), *lm_to = matchbalance(ms, lm_from, lm_pair); \
  const char *lm_end = lm_to != NULL ? lm_to : *lm_from == *lm_pair ? ms->src_end : lm_from; \
  lm_spend(ms->L, 1 + ((size_t)(lm_end - lm_from) >> 3)); \
  lm_to; })

#define match_capture(ms, s, l) LM_MATCHCAPTURE_##ms, s, l)
#define LM_MATCHCAPTURE_MatchState match_capture(MatchState
#define LM_MATCHCAPTURE_ms lm_recaptures(ms
#define lm_recaptures(ms, s, l) ({ \
  int lm_capture = (l) - '1'; \
  lm_spend(ms->L, lm_capture >= 0 && lm_capture < ms->level && ms->capture[lm_capture].len > 0 \
    ? 1 + ((size_t)ms->capture[lm_capture].len >> 4) : 1); \
  match_capture(ms, s, l); })

/* Plain search, with an eye on needles that nearly match everywhere. */
LM_MAYBE const char *lm_find(lua_State *L, const char *s, size_t length, const char *needle, size_t wanted) {
  const char *end = s + length, *found;
  if (wanted == 0) return s;
  while (wanted <= (size_t)(end - s)) {
    found = (const char *)memchr(s, *needle, (size_t)(end - s) - wanted + 1);
    if (found == NULL) found = end;
    lm_spend(L, 1 + ((size_t)(found - s) >> 4) + (wanted >> 4));
    if (found == end) break;
    if (memcmp(found, needle, wanted) == 0) return found;
    s = found + 1;
  }
  return NULL;
}
#define lmemfind(s, length, needle, wanted) LM_MEMFIND_##s, length, needle, wanted)
#define LM_MEMFIND_const lmemfind(const
#define LM_MEMFIND_s lm_find(L, s

#define sort_comp(L, a, b) LM_SORTCOMP_##L, a, b)
#define LM_SORTCOMP_lua_State sort_comp(lua_State
#define LM_SORTCOMP_L (lm_spend(L, 4), sort_comp)(L

/* A frontier asks twice, and its set may be a megabyte; single characters ask in singlematch, which is counted. */
#define matchbracketclass(c, p, ec) LM_BRACKETCLASS_##c, p, ec)
#define LM_BRACKETCLASS_int matchbracketclass(int
#define LM_BRACKETCLASS_c matchbracketclass(c
#define LM_BRACKETCLASS_uchar (lm_spend(ms->L, 1 + ((size_t)(ep - p) >> 4)), matchbracketclass)(uchar

/* A pattern begins anew at each position ('$' matches at the last one only). lstrlib.c takes the number if there is one. */
#define MAXCCALLS (lm_spend(ms->L, 1), 200)

/* tonumber(text, base) */
#define b_str2int(s, base, n) LM_STR2INT_##s, base, n)
#define LM_STR2INT_const b_str2int(const
#define LM_STR2INT_s (lm_spend(L, l >> 2), b_str2int)(s

/* table.insert and table.remove move what stands behind; of a table with __len that may be no end of nothing. */
LM_MAYBE int lm_geti(lua_State *L, int index, lua_Integer n) {
  if ((n & 1) == 0) lm_spend(L, 1);
  return (lua_geti)(L, index, n);
}
#define LM_GETI_ltablib_c lua_geti
#define LM_GETI_ lm_geti

/*
** ltable.c: next passes over all that is empty, in a table that was large once over and over. What it looked at is charged
** when it is called again. (States of several threads, in tests, share the number; it is no more than roughly right there.)
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

/* Functions, not macros: what they are called with may have side effects (table.unpack counts on). */
LM_MAYBE int lm_checkstack(lua_State *L, int n) {
  lm_spend(L, (size_t)n >> 2);
  return (lua_checkstack)(L, n);
}

LM_MAYBE void lm_checkstack_aloud(lua_State *L, int n, const char *what) {
  lm_spend(L, (size_t)n >> 2);
  (luaL_checkstack)(L, n, what);
}

#define lua_checkstack(L, n) LM_ONLY_IN(LM_CHECKSTACK, ltablib_c)(L, n)
#define LM_CHECKSTACK_ltablib_c lua_checkstack
#define LM_CHECKSTACK_(L, n) lm_checkstack(L, n)

#define luaL_checkstack(L, n, what) LM_ONLY_IN(LM_CHECKSTACK_ALOUD, lstrlib_c)(L, n, what)
#define LM_CHECKSTACK_ALOUD_lstrlib_c luaL_checkstack
#define LM_CHECKSTACK_ALOUD_(L, n, what) lm_checkstack_aloud(L, n, what)

#define strftime(out, size, format, time) LM_ONLY_IN(LM_STRFTIME, loslib_c)(out, size, format, time)
#define LM_STRFTIME_loslib_c strftime
#define LM_STRFTIME_(out, size, format, time) (lm_spend(L, 20), strftime(out, size, format, time))

/* string.format: what it writes itself. Numbers of hundreds of digits take longer than their length. */
#undef luaL_addsize
#define luaL_addsize(buffer, length) ((buffer)->n += LM_ONLY_IN(LM_WRITTEN, lstrlib_c)((buffer)->L, length))
#define LM_WRITTEN_lstrlib_c(L, length) (length)
#define LM_WRITTEN_ lm_written
LM_MAYBE size_t lm_written(lua_State *L, size_t length) {
  lm_spend(L, length > 99 ? length << 2 : length);
  return length;
}

/* string.rep('', 1e15) of Lua's own copies nothing for a day. */
#define LM_MAX_TEXT ((size_t)-1 / 2)
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
  if (each < length || each >= LM_MAX_TEXT / (lua_Unsigned)n) return (luaL_error)(L, "resulting string too large");
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
#define str_rep(a) lm_replaced_str_rep(a)

/* == } */

#endif
