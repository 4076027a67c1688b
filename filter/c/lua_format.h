/*
** string.format of the VM that KrakenD runs, which is Go's Sprintf: it has Go's verbs, counts widths in letters, and says in
** the text itself which value does not fit (`%!d(MISSING)`). Part of lua_library.h.
*/
#ifndef LM_FORMAT_H
#define LM_FORMAT_H

/* What stands between the percent sign and the verb. */
typedef struct lm_Verb {
  int minus, plus, sharp, space, zero;
  int width, precision; /* -1: none */
  const char *text;     /* the verb: a letter, of one byte or more */
  size_t length;
  int slot;             /* a place on the stack below the buffer, for a text that is being made */
} lm_Verb;

#define LM_WIDEST 1000000
/* A float64 has no more digits than this on either side of its point. */
#define LM_DIGITS 1100

LM_MAYBE size_t lm_letters(const char *s, size_t length) {
  size_t n = 0, i;
  for (i = 0; i < length; i++) n += (s[i] & 0xc0) != 0x80;
  return n;
}

/* Counts the bytes that the first `letters` letters take. */
LM_MAYBE size_t lm_letters_end(const char *s, size_t length, size_t letters) {
  size_t i;
  for (i = 0; i < length; i++)
    if ((s[i] & 0xc0) != 0x80 && letters-- == 0) break;
  return i;
}

LM_MAYBE void lm_fill(luaL_Buffer *b, char with, ptrdiff_t count) {
  char piece[64];
  if (count <= 0) return;
  memset(piece, with, sizeof(piece));
  lm_spend(b->L, (size_t)count >> 4);
  for (; count > (ptrdiff_t)sizeof(piece); count -= (ptrdiff_t)sizeof(piece)) luaL_addlstring(b, piece, sizeof(piece));
  luaL_addlstring(b, piece, (size_t)count);
}

/* Adds text, padded to the verb's width. The sign of a number goes before the zeros. */
LM_MAYBE void lm_pad(luaL_Buffer *b, const lm_Verb *v, const char *s, size_t length, int is_number) {
  ptrdiff_t gap = v->width < 0 ? 0 : v->width - (ptrdiff_t)lm_letters(s, length);
  int zeros = v->zero && !v->minus;
  lm_spend(b->L, length >> 4);
  if (gap > 0 && zeros && is_number && (*s == '-' || *s == '+' || *s == ' ')) {
    luaL_addchar(b, *s++);
    length--;
  }
  if (!v->minus) lm_fill(b, zeros ? '0' : ' ', gap);
  luaL_addlstring(b, s, length);
  if (v->minus) lm_fill(b, ' ', gap);
}

LM_MAYBE void lm_format_whole(luaL_Buffer *b, const lm_Verb *v, lua_Number n, int base, const char *digits) {
  /* Where a number does not fit int64, Go's conversion gives the least int64. */
  lua_Integer whole = n >= -0x1p63 && n < 0x1p63 ? (lua_Integer)n : LLONG_MIN;
  lua_Unsigned rest = whole < 0 ? 0u - l_castS2U(whole) : l_castS2U(whole);
  char text[LM_DIGITS], *end = text + sizeof(text), *s = end;
  int least = v->precision < 0 ? 1 : v->precision;
  lm_Verb padding = *v;
  if (v->precision >= 0) padding.zero = 0;
  if (v->precision < 0 && v->zero && !v->minus && v->width > 0)
    least = v->width - (whole < 0 || v->plus || v->space); /* zeros count as digits */
  if (least > (int)sizeof(text) - 8) least = (int)sizeof(text) - 8;
  if (v->precision == 0 && whole == 0) {
    padding.zero = 0;
    lm_pad(b, &padding, "", 0, 0);
    return;
  }
  for (; rest > 0; rest /= (lua_Unsigned)base) *--s = digits[rest % (lua_Unsigned)base];
  while (end - s < least) *--s = '0';
  if (v->sharp && base == 8 && *s != '0') *--s = '0';
  if (v->sharp && (base == 16 || base == 2)) {
    *--s = base == 2 ? 'b' : digits[10] == 'a' ? 'x' : 'X';
    *--s = '0';
  }
  if (whole < 0) *--s = '-';
  else if (v->plus) *--s = '+';
  else if (v->space) *--s = ' ';
  lm_pad(b, &padding, s, (size_t)(end - s), 1);
}

LM_MAYBE void lm_format_fraction(luaL_Buffer *b, const lm_Verb *v, lua_Number n, char verb) {
  char text[LM_DIGITS * 2], format[8] = {'%', '+', '.', '*', verb, '\0'};
  char *s = text;
  size_t length;
  int precision = v->precision < 0 ? 6 : v->precision < LM_DIGITS ? v->precision : LM_DIGITS;
  lm_Verb padding = *v;
  if (n != n || n - n != 0) {
    strcpy(text, n != n ? "+NaN" : n > 0 ? "+Inf" : "-Inf");
    padding.zero = 0;
    if (n != n && !v->space && !v->plus) s++;
  }
  else if ((verb | 0x20) == 'g' && v->precision < 0) {
    /* The shortest digits that read back the same. */
    char digits[40];
    int count, exponent, i;
    *s++ = signbit(n) ? '-' : '+';
    if (n == 0) {
      digits[0] = '0';
      count = 1;
      exponent = 0;
    }
    else count = lm_shortest(n < 0 ? -n : n, digits, &exponent);
    if (exponent < -4 || exponent >= 6) { /* as in lm_write_number */
      *s++ = digits[0];
      if (count > 1) *s++ = '.';
      for (i = 1; i < count; i++) *s++ = digits[i];
      sprintf(s, "%c%c%02d", verb == 'g' ? 'e' : 'E', exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
    }
    else {
      if (exponent < 0) *s++ = '0';
      for (i = exponent < 0 ? exponent + 1 : 0; i < count || i <= exponent; i++) {
        if (i == exponent + 1) *s++ = '.';
        *s++ = i >= 0 && i < count ? digits[i] : '0';
      }
      *s = '\0';
    }
    s = text;
  }
  else snprintf(text, sizeof(text), format, precision, n);
  if (*s == '+' && !v->plus && text[1] != 'I') {
    if (v->space) *s = ' ';
    else s++;
  }
  length = strlen(s);
  lm_spend(b->L, length > 99 ? length << 2 : 60); /* many digits take longer than their length */
  lm_pad(b, &padding, s, length, 1);
}

/* A quoted string as Go writes it, on one line. */
LM_MAYBE void lm_quote(luaL_Buffer *b, const char *s, size_t length) {
  static const char named[] = "\a\b\f\n\r\t\v\\\"", names[] = "abfnrtv\\\"";
  size_t i;
  lm_spend(b->L, length << 1);
  luaL_addchar(b, '"');
  for (i = 0; i < length; i++) {
    const char *found = s[i] != '\0' ? (strchr)(named, s[i]) : NULL;
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

/* Says that a verb does not fit a value: `%!z(int64=65)`. */
LM_MAYBE void lm_misfit(luaL_Buffer *b, const lm_Verb *v, const char *type, const char *text, size_t length) {
  lm_spend(b->L, length);
  luaL_addlstring(b, "%!", 2);
  luaL_addlstring(b, v->text, v->length);
  luaL_addchar(b, '(');
  luaL_addstring(b, type);
  luaL_addchar(b, '=');
  luaL_addlstring(b, text, length);
  luaL_addchar(b, ')');
}

LM_MAYBE void lm_format_text(luaL_Buffer *b, const lm_Verb *v, const char *type, const char *s, size_t length) {
  if (v->precision >= 0) length = lm_letters_end(s, length, (size_t)v->precision);
  switch (*v->text) {
    case 's': case 'v': lm_pad(b, v, s, length, 0); break;
    case 'q': {
      luaL_Buffer quoted;
      /* The text is quoted first, and padded then. */
      luaL_buffinit(b->L, &quoted);
      lm_quote(&quoted, s, length);
      luaL_pushresult(&quoted);
      lua_replace(b->L, v->slot); /* the buffer needs its box on top of the stack */
      s = lua_tolstring(b->L, v->slot, &length);
      lm_pad(b, v, s, length, 0);
      break;
    }
    case 'x': case 'X': {
      size_t i;
      const char *digits = *v->text == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";
      if (!v->minus) lm_fill(b, v->zero ? '0' : ' ', v->width - (ptrdiff_t)length * 2);
      for (i = 0; i < length; i++) {
        luaL_addchar(b, digits[(unsigned char)s[i] >> 4]);
        luaL_addchar(b, digits[(unsigned char)s[i] & 15]);
      }
      lm_spend(b->L, length << 1);
      if (v->minus) lm_fill(b, ' ', v->width - (ptrdiff_t)length * 2);
      break;
    }
    default: lm_misfit(b, v, type, s, length);
  }
}

LM_MAYBE void lm_format_letter(luaL_Buffer *b, const lm_Verb *v, lua_Number n) {
  char text[UTF8BUFFSZ];
  unsigned long code = n >= 0 && n < 0x110000 && !(n >= 0xd800 && n < 0xe000) ? (unsigned long)n : 0xfffd;
  int length = luaO_utf8esc(text, code);
  lm_pad(b, v, text + UTF8BUFFSZ - length, (size_t)length, 0);
}

LM_MAYBE void lm_format_number(lua_State *L, luaL_Buffer *b, const lm_Verb *v, int arg) {
  lua_Number n = lua_tonumberx(L, arg, NULL);
  char text[64];
  int whole = n >= -0x1p63 && n < 0x1p63 && n == (lua_Number)(lua_Integer)n;
  switch (*v->text) {
    case 'd': case 'i': lm_format_whole(b, v, n, 10, "0123456789"); break;
    case 'b': lm_format_whole(b, v, n, 2, "01"); break;
    case 'o': lm_format_whole(b, v, n, 8, "01234567"); break;
    case 'x': lm_format_whole(b, v, n, 16, "0123456789abcdef"); break;
    case 'X': lm_format_whole(b, v, n, 16, "0123456789ABCDEF"); break;
    case 'c': lm_format_letter(b, v, n); break;
    case 'e': case 'E': case 'f': case 'g': case 'G': lm_format_fraction(b, v, n, *v->text); break;
    case 'F': lm_format_fraction(b, v, n, 'f'); break;
    case 's': case 'q': lm_format_text(b, v, "string", text, (size_t)lm_write_number(text, n)); break;
    case 'v':
      if (whole) lm_format_whole(b, v, n, 10, "0123456789");
      else lm_format_fraction(b, v, n, 'g');
      break;
    case 'p': lm_misfit(b, v, "lua.LNumber", text, (size_t)lm_write_number(text, n)); break;
    default: lm_misfit(b, v, whole ? "int64" : "float64", text, (size_t)lm_write_number(text, n));
  }
}

LM_MAYBE void lm_format_value(lua_State *L, luaL_Buffer *b, const lm_Verb *v, int arg) {
  size_t length;
  const char *s;
  char text[64];
  TValue unused;
  switch (lua_type(L, arg)) {
    case LUA_TNUMBER: lm_format_number(L, b, v, arg); return;
    case LUA_TSTRING:
      s = lua_tolstring(L, arg, &length);
      if (*v->text == 'd' || *v->text == 'i') {
        lm_Verb as_text = *v;
        as_text.text = "s";
        lm_spend(L, length);
        if (length < 200 && luaO_str2num(s, &unused) == length + 1) lm_format_text(b, &as_text, "string", s, length);
        else lm_format_whole(b, v, 0, 10, "0123456789");
      }
      else lm_format_text(b, v, "string", s, length);
      return;
    case LUA_TBOOLEAN:
      s = lua_toboolean(L, arg) ? "true" : "false";
      if (*v->text == 't') lm_pad(b, v, s, strlen(s), 0);
      else lm_format_text(b, v, "lua.LBool", s, strlen(s));
      return;
    case LUA_TNIL:
      /* Go shows the struct, unless the verb asks for its text. */
      if (strchr("svqxX", *v->text) == NULL) luaL_addstring(b, "&{}");
      else lm_format_text(b, v, "*lua.LNilType", "nil", 3);
      return;
    default:
      snprintf(text, sizeof(text), "%s: %p", luaL_typename(L, arg), lua_topointer(L, arg));
      lm_format_text(b, v, luaL_typename(L, arg), text, strlen(text));
  }
}

LM_MAYBE int lm_read_number(const char **p, const char *end) {
  int n = -1;
  while (*p < end && **p >= '0' && **p <= '9') {
    n = (n < 0 ? 0 : n) * 10 + (**p - '0');
    if (n > LM_WIDEST) n = LM_WIDEST;
    (*p)++;
  }
  return n;
}

/* Reads a verb, from behind its percent sign. Returns where the text continues. */
LM_MAYBE const char *lm_read_verb(lm_Verb *v, const char *p, const char *end) {
  memset(v, 0, sizeof(*v));
  v->precision = -1;
  for (; p < end; p++) {
    if (*p == '-') v->minus = 1;
    else if (*p == '+') v->plus = 1;
    else if (*p == '#') v->sharp = 1;
    else if (*p == ' ') v->space = 1;
    else if (*p == '0') v->zero = 1;
    else break;
  }
  v->width = lm_read_number(&p, end);
  if (p < end && *p == '.') {
    p++;
    v->precision = lm_read_number(&p, end);
    if (v->precision < 0) v->precision = 0;
  }
  v->text = p;
  v->length = p < end ? lm_letters_end(p, (size_t)(end - p), 1) : 0;
  return p + v->length;
}

static __attribute__((unused)) int str_format(lua_State *L) {
  size_t length;
  const char *p = luaL_checklstring(L, 1, &length), *end = p + length, *percent;
  int arg = 1, top = lua_gettop(L), signs = 0, slot;
  luaL_Buffer b;
  lm_Verb v;
  /* Arguments that the text has no verb for are left out; `%%` counts as one verb here. */
  for (percent = p; percent < end && (percent = (const char *)memchr(percent, '%', (size_t)(end - percent))) != NULL;) {
    int two = percent + 1 < end && percent[1] == '%';
    signs++;
    percent += 1 + two;
  }
  lua_pushnil(L);
  slot = lua_gettop(L);
  if (top > signs + 1) top = signs + 1;
  luaL_buffinit(L, &b);
  lm_spend(L, length);
  while (p < end) {
    percent = (const char *)memchr(p, '%', (size_t)(end - p));
    if (percent == NULL) percent = end;
    luaL_addlstring(&b, p, (size_t)(percent - p));
    if (percent == end) break;
    p = lm_read_verb(&v, percent + 1, end);
    v.slot = slot;
    if (v.length == 0) luaL_addstring(&b, "%!(NOVERB)");
    else if (*v.text == '%') luaL_addchar(&b, '%');
    else if (++arg > top) {
      luaL_addlstring(&b, "%!", 2);
      luaL_addlstring(&b, v.text, v.length);
      luaL_addstring(&b, "(MISSING)");
    }
    else lm_format_value(L, &b, &v, arg);
  }
  if (arg < top) {
    static const char *const types[] = {"*lua.LNilType", "lua.LBool", "lua.LUserData", "lua.LNumber", "lua.LString",
                                        "*lua.LTable", "*lua.LFunction", "*lua.LUserData", "*lua.LState"};
    lm_Verb plain = {0, 0, 0, 0, 0, -1, -1, "v", 1, slot};
    luaL_addstring(&b, "%!(EXTRA ");
    while (++arg <= top) {
      luaL_addstring(&b, types[lua_type(L, arg)]);
      luaL_addchar(&b, '=');
      lm_format_value(L, &b, &plain, arg);
      if (arg < top) luaL_addstring(&b, ", ");
    }
    luaL_addchar(&b, ')');
  }
  luaL_pushresult(&b);
  return 1;
}
#define str_format(a) lm_replaced_str_format(a)

#endif
