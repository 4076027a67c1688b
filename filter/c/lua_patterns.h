/*
** lstrlib.c: find, match, gmatch and gsub with the patterns of the VM that KrakenD runs. These are the patterns of Lua 5.1,
** with small differences: a pattern is checked before it is tried, there is no frontier, a range that begins with a class
** matches nothing, an empty match may follow another match, and match returns no value if it fails. Part of lua_library.h.
*/
#ifndef LM_PATTERNS_H
#define LM_PATTERNS_H

#include "lua_matcher.h"

/* Pushes a capture, counted from 0. */
LM_MAYBE void lm_push_capture(lm_Match *m, int one) {
  if (m->capture[one].length == LM_POSITION) lua_pushinteger(m->L, m->capture[one].at - m->from + 1);
  else lua_pushlstring(m->L, m->capture[one].at, (size_t)m->capture[one].length);
}

/* Pushes all captures, or the whole match if there is none. */
LM_MAYBE int lm_push_captures(lm_Match *m, const char *s, const char *end) {
  int i;
  luaL_checkstack(m->L, m->level + 1, "too many captures");
  lm_spend(m->L, (size_t)m->level >> 2);
  for (i = 0; i < m->level; i++) lm_push_capture(m, i);
  if (m->level > 0) return m->level;
  lua_pushlstring(m->L, s, (size_t)(end - s));
  return 1;
}

LM_MAYBE const char *lm_pattern(lua_State *L, size_t *length) {
  const char *pattern;
  luaL_checklstring(L, 1, NULL);
  pattern = luaL_checklstring(L, 2, length);
  lm_check_pattern(L, pattern, *length);
  return pattern;
}

LM_MAYBE void lm_prepare(lm_Match *m, lua_State *L) {
  size_t length;
  m->L = L;
  m->from = luaL_checklstring(L, 1, &length);
  m->end = m->from + length;
}

/* Where a search begins: an index counts from 1, or from the end. */
LM_MAYBE const char *lm_start(lm_Match *m, lua_Integer index) {
  ptrdiff_t length = m->end - m->from;
  if (index < 0) index = index < -length ? 0 : length + index;
  else if (index > 0) index--;
  return index > length ? NULL : m->from + index;
}

/* Searches for plain text. A needle that nearly matches everywhere is charged for each try. */
LM_MAYBE const char *lm_find(lua_State *L, const char *s, size_t length, const char *needle, size_t wanted) {
  const char *end = s + length, *found;
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

static __attribute__((unused)) int str_find(lua_State *L) {
  lm_Match m;
  size_t length;
  const char *pattern, *s, *end = NULL;
  lm_prepare(&m, L);
  pattern = luaL_checklstring(L, 2, &length);
  if (length == 0) {
    lua_pushinteger(L, 1);
    lua_pushinteger(L, 0);
    return 2;
  }
  s = lm_start(&m, lm_whole_or(L, 3, 1));
  m.level = 0;
  if (lua_gettop(L) == 4 && lua_toboolean(L, 4)) {
    s = s == NULL ? NULL : lm_find(L, s, (size_t)(m.end - s), pattern, length);
    if (s != NULL) end = s + length;
  }
  else {
    lm_check_pattern(L, pattern, length);
    if (s != NULL) end = lm_search(&m, &s, pattern, length);
  }
  if (end == NULL) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushinteger(L, s - m.from + 1);
  lua_pushinteger(L, end - m.from);
  return 2 + (m.level > 0 ? lm_push_captures(&m, s, end) : 0);
}
#define str_find(a) lm_replaced_str_find(a)

static __attribute__((unused)) int str_match(lua_State *L) {
  lm_Match m;
  size_t length;
  const char *pattern = lm_pattern(L, &length), *s, *end;
  lm_prepare(&m, L);
  s = lm_start(&m, lm_whole_or(L, 3, 1));
  end = s == NULL ? NULL : lm_search(&m, &s, pattern, length);
  return end == NULL ? 0 : lm_push_captures(&m, s, end);
}
#define str_match(a) lm_replaced_str_match(a)

/* The iterator of gmatch. Its upvalues: the text, the pattern, and where to continue (behind the end if there is no more). */
static __attribute__((unused)) int lm_next_match(lua_State *L) {
  lm_Match m;
  size_t text, length;
  lua_Integer at = lua_tointegerx(L, lua_upvalueindex(3), NULL), next;
  const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &length), *s, *end;
  m.L = L;
  m.from = lua_tolstring(L, lua_upvalueindex(1), &text);
  m.end = m.from + text;
  s = m.from + at;
  end = at > (lua_Integer)text ? NULL : lm_search(&m, &s, pattern, length);
  next = end == NULL || (length > 0 && *pattern == '^') ? (lua_Integer)text + 1 : end > s ? end - m.from : s - m.from + 1;
  lua_pushinteger(L, next);
  lua_replace(L, lua_upvalueindex(3));
  return end == NULL ? 0 : lm_push_captures(&m, s, end);
}

static __attribute__((unused)) int gmatch(lua_State *L) {
  size_t length;
  lm_pattern(L, &length);
  lua_settop(L, 2);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, lm_next_match, 3);
  return 1;
}
#define gmatch(a) lm_replaced_gmatch(a)

/* Adds a replacement: `%1` is a capture, `%%` is a percent sign, and any other percent sign stands for itself. */
LM_MAYBE void lm_add_text(lm_Match *m, luaL_Buffer *b, const char *s, const char *end) {
  size_t length, i;
  const char *text = lua_tolstring(m->L, 3, &length);
  for (i = 0; i < length; i++) {
    char sign = i + 1 < length ? text[i + 1] : '\0';
    if (text[i] != '%' || i + 1 == length) luaL_addchar(b, text[i]);
    else if (sign == '%') {
      luaL_addchar(b, '%');
      i++;
    }
    else if (sign < '0' || sign > '9') luaL_addchar(b, '%');
    else if (i++, sign == '0' || (sign == '1' && m->level == 0)) luaL_addlstring(b, s, (size_t)(end - s));
    else if (sign - '0' > m->level) luaL_error(m->L, "invalid capture index");
    else {
      lm_push_capture(m, sign - '1');
      luaL_addvalue(b);
    }
    if ((i & 63) == 63) lm_spend(m->L, 4);
  }
}

LM_MAYBE void lm_add_replacement(lm_Match *m, luaL_Buffer *b, const char *s, const char *end, int type) {
  if (type == LUA_TSTRING) {
    lm_add_text(m, b, s, end);
    return;
  }
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(m->L, 3);
    lua_call(m->L, lm_push_captures(m, s, end), 1);
  }
  else {
    if (m->level > 0) lm_push_capture(m, 0);
    else lua_pushlstring(m->L, s, (size_t)(end - s));
    lua_gettable(m->L, 3);
  }
  if (!lua_toboolean(m->L, -1)) {
    lua_pop(m->L, 1);
    luaL_addlstring(b, s, (size_t)(end - s));
  }
  else if (lua_isstring(m->L, -1)) luaL_addvalue(b);
  else lua_pop(m->L, 1); /* other values add nothing */
}

static __attribute__((unused)) int str_gsub(lua_State *L) {
  lm_Match m;
  luaL_Buffer b;
  size_t length;
  lua_Integer count = 0, limit;
  const char *pattern = lm_pattern(L, &length), *s, *copied, *end;
  int type = lua_type(L, 3);
  lm_prepare(&m, L);
  limit = lm_whole_or(L, 4, -1);
  if (type != LUA_TSTRING && type != LUA_TTABLE && type != LUA_TFUNCTION)
    lm_typeerror(L, 3, "string or table or function");
  luaL_buffinit(L, &b);
  s = copied = m.from;
  while (count != limit && s <= m.end && (end = lm_search(&m, &s, pattern, length)) != NULL) {
    count++;
    luaL_addlstring(&b, copied, (size_t)(s - copied));
    lm_add_replacement(&m, &b, s, end, type);
    copied = end;
    s = end > s ? end : s + 1;
    if (*pattern == '^' && length > 0) break;
  }
  if (count == 0) lua_pushvalue(L, 1);
  else {
    luaL_addlstring(&b, copied, (size_t)(m.end - copied));
    luaL_pushresult(&b);
  }
  lua_pushinteger(L, count);
  return 2;
}
#define str_gsub(a) lm_replaced_str_gsub(a)

#endif
