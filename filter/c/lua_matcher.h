/*
** The matcher of lua_patterns.h, which says what a pattern means. Each try is charged: a pattern backtracks here in C, where
** no hook fires. Knows nothing of the functions that scripts call.
*/
#ifndef LM_MATCHER_H
#define LM_MATCHER_H

#define LM_CAPTURES 32
#define LM_DEPTH 200
#define LM_OPEN (-1)
#define LM_POSITION (-2)

typedef struct lm_Match {
  lua_State *L;
  const char *from, *end, *pattern_end;
  int level, depth;
  struct { const char *at; ptrdiff_t length; } capture[LM_CAPTURES];
} lm_Match;

/* Returns the end of one character or class in the pattern. `p` is not at the pattern's end. */
LM_MAYBE const char *lm_class_end(const char *p, const char *end) {
  if (*p == '%') return p + 1 < end ? p + 2 : p + 1;
  if (*p++ != '[') return p;
  if (p < end && *p == '^') p++;
  /* The first member may be a bracket. */
  do p += *p == '%' ? 2 : 1; while (p < end && *p != ']');
  return p + 1;
}

LM_MAYBE l_noret lm_bad_pattern(lua_State *L, const char *words, ptrdiff_t at) {
  if (at < 0) luaL_error(L, "%s at EOS", words);
  else luaL_error(L, "%s at %d", words, (int)at);
  abort();
}

/* Raises an error if a pattern is invalid. */
LM_MAYBE void lm_check_pattern(lua_State *L, const char *pattern, size_t length) {
  const char *p = pattern, *end = pattern + length;
  int open = 0, captures = 0;
  lm_spend(L, length >> 3);
  while (p < end) {
    if (*p == '(') {
      if (p + 1 < end && p[1] == ')') p++;
      else open++;
      if (++captures > LM_CAPTURES) luaL_error(L, "too many captures");
      p++;
    }
    else if (*p == ')') {
      if (open-- == 0) lm_bad_pattern(L, "invalid ')'", p > pattern ? p - pattern - 1 : 0);
      p++;
    }
    else if (*p == '%' && p + 1 < end && p[1] == '0') lm_bad_pattern(L, "invalid capture index", p - pattern);
    else if (*p == '%' && p + 1 < end && p[1] == 'b') p = end - p > 4 ? p + 4 : end;
    else if (*p == '[') {
      p = lm_class_end(p, end);
      if (p > end) lm_bad_pattern(L, "unexpected EOS", p == end + 2 && end[-1] == '%' ? -1 : (ptrdiff_t)length - 1);
    }
    else p = lm_class_end(p, end);
  }
  if (open > 0) lm_bad_pattern(L, "unfinished capture", -1);
}

LM_MAYBE int lm_in_class(unsigned char c, unsigned char class) {
  int letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80, digit = c >= '0' && c <= '9', found;
  switch (class | 0x20) {
    case 'a': found = letter; break;
    case 'c': found = c < 0x20 || c == 0x7f; break;
    case 'd': found = digit; break;
    case 'l': found = c >= 'a' && c <= 'z'; break;
    case 'p': found = c > 0x20 && c < 0x7f && !letter && !digit; break;
    case 's': found = c == ' ' || (c >= '\t' && c <= '\r'); break;
    case 'u': found = c >= 'A' && c <= 'Z'; break;
    case 'w': found = letter || digit; break;
    case 'x': found = digit || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f' && letter); break;
    case 'z': found = c == 0; break;
    default: return c == class;
  }
  return class < 'a' ? !found : found;
}

/* `p` is behind the opening bracket, `end` at the closing bracket. */
LM_MAYBE int lm_in_set(unsigned char c, const char *p, const char *end) {
  int found = 1;
  if (*p == '^') {
    found = 0;
    p++;
  }
  while (p < end) {
    const char *first = p;
    int is_class = *p == '%', in;
    unsigned char low;
    if (is_class) p++;
    low = (unsigned char)*p++;
    in = is_class ? lm_in_class(c, low) : c == low;
    /* A range. A range that begins or ends with a class, or begins with another range, matches nothing. */
    while (p < end && *p == '-' && p + 1 < end) {
      int to_class = *++p == '%';
      unsigned char high;
      if (to_class) p++;
      high = (unsigned char)*p++;
      in = !is_class && !to_class && low <= c && c <= high;
      is_class = 1;
    }
    if (in) return found;
    if (p == first) break;
  }
  return !found;
}

LM_MAYBE int lm_single(lm_Match *m, const char *s, const char *p, const char *next) {
  lm_spend(m->L, 1 + ((size_t)(next - p) >> 4));
  if (s >= m->end) return 0;
  switch (*p) {
    case '.': return 1;
    case '%': return next - p > 1 && lm_in_class((unsigned char)*s, (unsigned char)p[1]);
    case '[': return lm_in_set((unsigned char)*s, p + 1, next - 1);
    default: return *s == *p;
  }
}

LM_MAYBE const char *lm_balance(lm_Match *m, const char *s, const char *p) {
  int open = p < m->pattern_end ? (unsigned char)*p : -1, close = p + 1 < m->pattern_end ? (unsigned char)p[1] : -1, depth = 1;
  const char *from = s;
  if (s >= m->end || (unsigned char)*s != open) {
    lm_spend(m->L, 1);
    return NULL;
  }
  for (s++; s < m->end; s++) {
    if ((unsigned char)*s == close) {
      if (--depth == 0) break;
    }
    else if ((unsigned char)*s == open) depth++;
  }
  lm_spend(m->L, 1 + ((size_t)(s - from) >> 3));
  return s < m->end ? s + 1 : NULL;
}

/* Tries a pattern at a place. Returns where the match ends, or NULL. */
LM_MAYBE const char *lm_try(lm_Match *m, const char *s, const char *p) {
  const char *next, *found = NULL;
  if (m->depth-- == 0) luaL_error(m->L, "pattern too complex");
  for (;;) {
    if (p == m->pattern_end) {
      found = s;
      break;
    }
    if (*p == '(' && m->level < LM_CAPTURES) {
      int is_position = p + 1 < m->pattern_end && p[1] == ')';
      m->capture[m->level].at = s;
      m->capture[m->level].length = is_position ? LM_POSITION : LM_OPEN;
      m->level++;
      found = lm_try(m, s, p + 1 + is_position);
      if (found == NULL) m->level--;
      break;
    }
    if (*p == ')') {
      int one = m->level - 1;
      while (one > 0 && m->capture[one].length != LM_OPEN) one--;
      m->capture[one].length = s - m->capture[one].at;
      found = lm_try(m, s, p + 1);
      if (found == NULL) m->capture[one].length = LM_OPEN;
      break;
    }
    if (*p == '$' && p + 1 == m->pattern_end) {
      found = s == m->end ? s : NULL;
      break;
    }
    if (*p == '%' && p + 1 < m->pattern_end && p[1] == 'b') {
      s = lm_balance(m, s, p + 2);
      if (s == NULL) break;
      p = m->pattern_end - p > 4 ? p + 4 : m->pattern_end;
      continue;
    }
    if (*p == '%' && p + 1 < m->pattern_end && p[1] >= '1' && p[1] <= '9') {
      int one = p[1] - '1';
      ptrdiff_t length = one < m->level ? m->capture[one].length : LM_OPEN;
      if (length == LM_OPEN) luaL_error(m->L, "invalid capture index");
      if (length < 0) length = 0;
      lm_spend(m->L, 1 + ((size_t)length >> 4));
      if (m->end - s < length || memcmp(m->capture[one].at, s, (size_t)length) != 0) break;
      s += length;
      p += 2;
      continue;
    }
    next = lm_class_end(p, m->pattern_end);
    if (next < m->pattern_end && (*next == '*' || *next == '+')) {
      ptrdiff_t count = 0, least = *next == '+';
      while (lm_single(m, s + count, p, next)) count++;
      for (; count >= least && found == NULL; count--) found = lm_try(m, s + count, next + 1);
      break;
    }
    if (next < m->pattern_end && *next == '-') {
      while ((found = lm_try(m, s, next + 1)) == NULL && lm_single(m, s, p, next)) s++;
      break;
    }
    if (next < m->pattern_end && *next == '?') {
      if (lm_single(m, s, p, next) && (found = lm_try(m, s + 1, next + 1)) != NULL) break;
      p = next + 1;
      continue;
    }
    if (!lm_single(m, s, p, next)) break;
    s++;
    p = next;
  }
  m->depth++;
  return found;
}

/* Looks for a pattern from `*from` on. Returns where the match ends, or NULL; `*from` becomes the place where it begins. */
LM_MAYBE const char *lm_search(lm_Match *m, const char **from, const char *pattern, size_t length) {
  int anchored = length > 0 && *pattern == '^';
  const char *s = *from, *end;
  m->pattern_end = pattern + length;
  for (; s <= m->end; s++) {
    lm_spend(m->L, 1);
    m->level = 0;
    m->depth = LM_DEPTH;
    end = lm_try(m, s, pattern + anchored);
    if (end != NULL) {
      *from = s;
      return end;
    }
    if (anchored) break;
  }
  return NULL;
}

#endif
