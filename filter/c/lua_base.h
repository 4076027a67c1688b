/*
** lbaselib.c: functions that behave as in the VM that KrakenD runs. Part of lua_library.h.
*/
#ifndef LM_BASE_H
#define LM_BASE_H

/* error() without a value is an error itself. lm_where finds the place of the error. */
static __attribute__((unused)) int luaB_error(lua_State *L) {
  lua_Integer level = lm_whole_or(L, 2, 1);
  lm_need(L, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
    lm_where(L, level < LUAI_MAXCCALLS * 1000 ? (int)level : LUAI_MAXCCALLS * 1000);
    lua_insert(L, 1);
    lua_concat(L, 2);
  }
  return lua_error(L);
}
#define luaB_error(a) lm_replaced_luaB_error(a)

/* assert puts its place in front of its message. */
static __attribute__((unused)) int luaB_assert(lua_State *L) {
  size_t length;
  const char *message;
  if (l_likely(lua_toboolean(L, 1))) return lua_gettop(L);
  message = lm_text_or(L, 2, "assertion failed!", &length);
  lm_where(L, 1);
  lua_pushlstring(L, message, length);
  lua_concat(L, 2);
  return lua_error(L);
}
#define luaB_assert(a) lm_replaced_luaB_assert(a)

/* pairs and ipairs take tables only, and call neither __pairs nor __index. */
static __attribute__((unused)) int lm_next_pair(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  return lua_next(L, 1) ? 2 : 0;
}
static __attribute__((unused)) int luaB_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushcfunction(L, lm_next_pair);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}
#define luaB_pairs(a) lm_replaced_luaB_pairs(a)

static __attribute__((unused)) int lm_next_item(lua_State *L) {
  lua_Integer n = lm_whole(L, 2) + 1;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushinteger(L, n);
  return lua_rawgeti(L, 1, n) == LUA_TNIL ? 0 : 2;
}
static __attribute__((unused)) int luaB_ipairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushcfunction(L, lm_next_item);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}
#define luaB_ipairs(a) lm_replaced_luaB_ipairs(a)

static __attribute__((unused)) int luaB_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lm_need(L, 2);
  lm_need(L, 3);
  lua_settop(L, 3);
  lua_rawset(L, 1);
  return 0;
}
#define luaB_rawset(a) lm_replaced_luaB_rawset(a)

/*
** tonumber reads whole numbers of 64 bits, with a sign and in a base. Text with a dot is a fraction, and only a fraction may
** have an exponent. (In arithmetic, more texts count as numbers: luaO_str2num.)
*/
LM_MAYBE int lm_read_fraction(const char *s, size_t length, lua_Number *n) {
  const char *digits = "0123456789", *p = s;
  char exponent = 'e', *end;
  int seen = 0, has_exponent = 0;
  if (*p == '-' || *p == '+') p++;
  if (p[0] == '0' && (p[1] | 0x20) == 'x') {
    p += 2;
    digits = "0123456789abcdefABCDEF";
    exponent = 'p';
  }
  for (; *p != '\0' && ((strchr)(digits, *p) != NULL || *p == '.'); p++) seen += *p != '.';
  if (seen == 0) return 0;
  if ((*p | 0x20) == exponent) {
    has_exponent = 1;
    p++;
    if (*p == '-' || *p == '+') p++;
    if (*p < '0' || *p > '9') return 0;
    while (*p >= '0' && *p <= '9') p++;
  }
  if ((size_t)(p - s) != length || (exponent == 'p' && !has_exponent)) return 0;
  *n = strtod(s, &end);
  return end == p && *n - *n == 0;
}

LM_MAYBE int lm_read_whole(const char *s, const char *end, lua_Integer base, lua_Integer *n) {
  lua_Unsigned value = 0, most = LLONG_MAX;
  int negative = s < end && *s == '-';
  if (base < 2 || base > 36) return 0;
  if (s < end && (*s == '-' || *s == '+')) s++;
  if (s == end) return 0;
  if (negative) most++;
  for (; s < end; s++) {
    int digit = *s >= '0' && *s <= '9' ? *s - '0' : (*s | 0x20) >= 'a' && (*s | 0x20) <= 'z' ? (*s | 0x20) - 'a' + 10 : 99;
    if (digit >= base || value > (most - (lua_Unsigned)digit) / (lua_Unsigned)base) return 0;
    value = value * (lua_Unsigned)base + (lua_Unsigned)digit;
  }
  *n = l_castU2S(negative ? 0u - value : value);
  return 1;
}

static __attribute__((unused)) int luaB_tonumber(lua_State *L) {
  lua_Integer base = lm_whole_or(L, 2, 10), whole;
  size_t length;
  const char *s, *end;
  lua_Number fraction;
  if (l_likely(lua_type(L, 1) == LUA_TNUMBER)) {
    lua_settop(L, 1);
    return 1;
  }
  lm_need(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING) {
    s = lua_tolstring(L, 1, &length);
    lm_spend(L, length >> 2);
    for (end = s + length; s < end && (*s == ' ' || *s == '\n' || *s == '\t'); s++) ;
    while (s < end && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\t')) end--;
    if (end - s <= 400 && memchr(s, '.', (size_t)(end - s)) != NULL) {
      char text[401];
      memcpy(text, s, (size_t)(end - s));
      text[end - s] = '\0';
      if (lm_read_fraction(text, (size_t)(end - s), &fraction)) {
        lua_pushnumber(L, fraction);
        return 1;
      }
    }
    else {
      if (lua_isnoneornil(L, 2) && end - s > 2 && s[0] == '0' && (s[1] | 0x20) == 'x') {
        base = 16;
        s += 2;
      }
      if (lm_read_whole(s, end, base, &whole)) {
        if (LM_IS_EXACT(whole)) lua_pushinteger(L, whole);
        else lua_pushnumber(L, (lua_Number)whole);
        return 1;
      }
    }
  }
  lua_pushnil(L);
  return 1;
}
#define luaB_tonumber(a) lm_replaced_luaB_tonumber(a)

#endif
