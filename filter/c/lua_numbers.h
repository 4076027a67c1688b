/*
** Lua 5.4 with the numbers of the VM that KrakenD runs (all of them float64). Includes the headers with all other changes.
** The build (build.rs) gives this header to the C compiler with -include, for every C file of Lua. It includes Lua's headers
** first, so that their guards keep them from being read again, and then replaces a few macros. No file of Lua is changed.
** README.md has a row for each name of Lua that is redefined. Library functions are changed in lua_library.h; the work of a
** script is counted in lua_limits.h, lua_work.h and lua_compiling.h; lua_modifier.h, lua_run.h and lua_uses.h have functions
** of our own. Names that begin with lm_ or LM_ are ours.
**
** Integers stay a subtype, because for-loops and array accesses are fastest with them, but no result shows it: arithmetic
** that leaves -2^53..2^53 becomes a float, as do 5 % 0 and decimal literals beyond that range. Integers that the host pushes
** keep all their digits as long as they are only moved.
*/
#ifndef LM_NUMBERS_H
#define LM_NUMBERS_H

/* Lua's files define this or LUA_CORE themselves, empty as here; the headers need it early. */
#define LUA_LIB

#if defined(__wasi__)
#include <stdlib.h> /* as ltablib.c does: lprefix.h would hide arc4random */
#endif

#include "lprefix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lua.h"

/*
** If another version of Lua has changed a name, redefining that name has no effect, and the compiler says nothing: a limit
** would be gone.
*/
#if LUA_VERSION_RELEASE_NUM != 50409
#error "filter/c was checked against Lua 5.4.9 only. Do what docs/lua.md says under 'Update Lua', then change this line."
#endif

#include "lauxlib.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "ltable.h"
#include "lvm.h"

#define LM_MAYBE static inline __attribute__((unused))

/*
** Two ways to change what a name means in one place only.
** LM_ONLY_IN: each file of Lua defines a macro of its own name, empty (lvm_c, lobject_c, ...). Pasted behind a
** name, it leaves "name_" in that file and "name_lvm_c" in all others.
** Pasting the first argument (callbinTM, below, is an example): a function is defined with "lua_State *L" and called with
** "L". So a macro of the function's name can tell a call from the definition, and change only the calls.
*/
#define LM_ONLY_IN(name, file) LM_PASTE(name, file)

/*
** The size of a coroutine's stack, in values of 16 bytes. Lua's own limit of a million lets runaway recursion take 16 MiB
** before the "stack overflow"; KrakenD's VM stops at some 250 calls. The limit is changed only where the stack grows:
** elsewhere the number is part of the index of the registry, which the host knows too.
*/
#define LM_STACK_ 200000
#define LM_STACK_ldo_c 1000000
#undef LUAI_MAXSTACK
#define LUAI_MAXSTACK LM_ONLY_IN(LM_STACK, ldo_c)
#define LM_PASTE(a, b) a##_##b
/* The same for a second file, inside what LM_ONLY_IN leaves in all others. */
#define LM_ALSO_IN(name, file) LM_ALSO_PASTE(name, file)
#define LM_ALSO_PASTE(a, b) a##_##b

/*
** {======================================================
** Arithmetic that does not wrap
** =======================================================
*/

#define LM_EXACT (((lua_Integer)1) << 53)
#define LM_IS_EXACT(i) ((lua_Unsigned)(i) + (lua_Unsigned)LM_EXACT <= 2 * (lua_Unsigned)LM_EXACT)

/* The float that setivalue stores instead of the integer, if an operation inside its argument has set it. */
struct lm_Beyond {
  int happened;
  lua_Number value;
};

/* Outside of setivalue no float can be stored: there the name is a null pointer, and results wrap as in Lua. */
enum { lm_beyond = 0 };

#undef setivalue
#define setivalue(obj, x) \
  { TValue *io = (obj); \
    struct lm_Beyond lm_beyond_ = {0, 0}; \
    struct lm_Beyond *lm_beyond = &lm_beyond_; \
    lua_Integer lm_whole_ = (x); \
    (void)lm_beyond; \
    if (__builtin_expect(lm_beyond_.happened, 0)) { \
      val_(io).n = lm_beyond_.value; settt_(io, LUA_VNUMFLT); } \
    else { \
      val_(io).i = lm_whole_; settt_(io, LUA_VNUMINT); } }

/* A macro cannot compare operators, but their results on two constants are all different. */
#define LM_OPERATOR(op) (6 op 3)

#undef intop
#define intop(op, v1, v2) \
  lm_intop(LM_OPERATOR(op), (v1), (v2), l_castU2S(l_castS2U(v1) op l_castS2U(v2)), lm_beyond)

__attribute__((always_inline)) LM_MAYBE lua_Integer
lm_intop(int op, lua_Integer a, lua_Integer b, lua_Integer wrapped, struct lm_Beyond *beyond) {
  lua_Integer exact = wrapped;
  if (beyond == NULL) return wrapped;
  if (op == LM_OPERATOR(+)) {
    if (__builtin_expect(__builtin_add_overflow(a, b, &exact) || !LM_IS_EXACT(exact), 0)) {
      beyond->happened = 1;
      beyond->value = (lua_Number)a + (lua_Number)b;
    }
  }
  else if (op == LM_OPERATOR(-)) {
    if (__builtin_expect(__builtin_sub_overflow(a, b, &exact) || !LM_IS_EXACT(exact), 0)) {
      beyond->happened = 1;
      beyond->value = (lua_Number)a - (lua_Number)b;
    }
  }
  else if (op == LM_OPERATOR(*)) {
    /* The rounded product is below 2^53 exactly when the true product is: cheaper than 128 bits in Wasm. */
    lua_Number product = (lua_Number)a * (lua_Number)b;
    if (__builtin_expect(!(product < 0x1p53 && product > -0x1p53), 0)) {
      beyond->happened = 1;
      beyond->value = product;
    }
  }
  return exact;
}

__attribute__((always_inline)) LM_MAYBE lua_Integer
lm_intmod(struct lm_Beyond *beyond, lua_Integer m, lua_Integer n) {
  lua_Integer r;
  if (__builtin_expect(l_castS2U(n) + 1u <= 1u, 0)) { /* 0 or -1 */
    if (n == 0 && beyond != NULL) {
      beyond->happened = 1;
      beyond->value = (lua_Number)NAN;
    }
    return 0;
  }
  r = m % n;
  if (r != 0 && (r ^ n) < 0) r += n;
  return r;
}

/* For constant folding and lua_arith. 5.1 has no bits, shifts or integer division: they work as in Lua 5.4. */
LM_MAYBE lua_Integer
lm_intarith(struct lm_Beyond *lm_beyond, lua_State *L, int op, lua_Integer a, lua_Integer b) {
  switch (op) {
    case LUA_OPADD: return intop(+, a, b);
    case LUA_OPSUB: return intop(-, a, b);
    case LUA_OPMUL: return intop(*, a, b);
    case LUA_OPUNM: return intop(-, 0, a);
    case LUA_OPMOD: return lm_intmod(lm_beyond, a, b);
    case LUA_OPIDIV: return luaV_idiv(L, a, b);
    case LUA_OPBAND: return a & b;
    case LUA_OPBOR: return a | b;
    case LUA_OPBXOR: return a ^ b;
    case LUA_OPSHL: return luaV_shiftl(a, b);
    case LUA_OPSHR: return luaV_shiftl(a, l_castU2S(0u - l_castS2U(b)));
    case LUA_OPBNOT: return ~a;
    default: return 0;
  }
}

#define luaV_mod(a, b, c) LM_MOD_##a, b, c)
#define LM_MOD_lua_State luaV_mod(lua_State
#define LM_MOD_L lm_intmod(lm_beyond

#define intarith(a, b, c, d) LM_INTARITH_##a, b, c, d)
#define LM_INTARITH_lua_State intarith(lua_State
#define LM_INTARITH_L lm_intarith(lm_beyond, L

/* Strings take part in arithmetic without a metatable (closed scripts have no string library). This is tried last, so that it
   costs nothing for numbers. */
LM_MAYBE int lm_textarith(lua_State *L, const TValue *p1, const TValue *p2, StkId res, TMS event) {
  TValue operand1, operand2, result;
  lua_Number n1, n2;
  if (event < TM_ADD || (event > TM_IDIV && event != TM_UNM)) return 0;
  if (!tonumber(p1, &n1) || !tonumber(p2, &n2)) return 0;
  setfltvalue(&operand1, n1);
  setfltvalue(&operand2, n2);
  if (!luaO_rawarith(L, (int)event - (int)TM_ADD + LUA_OPADD, &operand1, &operand2, &result)) return 0;
  setobj2s(L, res, &result);
  return 1;
}
#define callbinTM(a, b, c, d, e) LM_BINTM_##a, b, c, d, e)
#define LM_BINTM_lua_State callbinTM(lua_State
#define LM_BINTM_L lm_bintm(L
#define lm_bintm(L, b, c, d, e) \
  (!((e) >= TM_LT && (e) <= TM_LE && ttype(b) != ttype(c)) && (callbinTM(L, b, c, d, e) || lm_textarith(L, b, c, d, e)))

/* Whole numbers in decimal are read as integers up to 2^53, and as floats from there. */
#define LM_LARGEST_lobject_c LLONG_MAX
#define LM_LARGEST_ 9007199254740991LL
#undef LUA_MAXINTEGER
#define LUA_MAXINTEGER LM_ONLY_IN(LM_LARGEST, lobject_c)

/* }====================================================== */

/*
** {======================================================
** Where a whole number is needed, fractions are cut off, as Go's int() does
** =======================================================
*/

LM_MAYBE int lm_truncate(const TValue *o, lua_Integer *result) {
  lua_Number n;
  if (ttisfloat(o)) n = fltvalue(o);
  else if (!luaV_tonumber_(o, &n)) return 0;
  if (n >= -0x1p63 && n < 0x1p63) *result = (lua_Integer)n;
  else if (n != n) return 0;
  else *result = n > 0 ? LLONG_MAX : LLONG_MIN; /* s:sub(2, math.huge) means "to the end" */
  return 1;
}

#undef tointeger
#define tointeger(o, i) (l_likely(ttisinteger(o)) ? (*(i) = ivalue(o), 1) : lm_truncate(o, i))

/* }====================================================== */

/*
** {======================================================
** Numbers as text, by Go's rule: a whole number that fits int64 is written in full; other numbers have the shortest digits
** that read back the same, with an exponent below 1e-4 and from 1e6 on.
** =======================================================
*/

LM_MAYBE int lm_write_whole(char *out, lua_Integer v) {
  char digits[24];
  int n = 0, len = 0;
  lua_Unsigned rest = v < 0 ? 0u - l_castS2U(v) : l_castS2U(v);
  unsigned int low;
  while (rest > 0xffffffffu) { /* 64 bit divisions are expensive in Wasm */
    digits[n++] = (char)('0' + rest % 10);
    rest /= 10;
  }
  low = (unsigned int)rest;
  do {
    digits[n++] = (char)('0' + low % 10);
    low /= 10;
  } while (low > 0);
  if (v < 0) out[len++] = '-';
  while (n > 0) out[len++] = digits[--n];
  out[len] = '\0';
  return len;
}

/* Shortest digits of a positive finite number, as d.ddd * 10^exponent. */
LM_MAYBE int lm_shortest(lua_Number a, char *digits, int *exponent) {
  static const lua_Number tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
  char text[40];
  int precision, count = 0, i;
  /* Prices and the like: a whole number below 10^15 divided by a small power of ten is read back exactly. */
  for (i = 1; i < 15; i++) {
    lua_Number scaled = a * tens[i];
    if (!(scaled < 1e15)) break;
    if (scaled < 1) continue;
    scaled = floor(scaled + 0.5);
    if (scaled / tens[i] == a) {
      count = lm_write_whole(digits, (lua_Integer)scaled);
      *exponent = count - 1 - i;
      while (count > 1 && digits[count - 1] == '0') count--;
      return count;
    }
  }
  /* 15 digits are enough or too few; numbers below the normal range can have far fewer. */
  for (precision = a < 0x1p-1022 ? 1 : 15; precision <= 17; precision++) {
    snprintf(text, sizeof(text), "%.*e", precision - 1, a);
    if (precision == 17 || strtod(text, NULL) == a) break;
    if (precision == 16) {
      /* A power of two has more room above than below: if the nearest text does not read back as it, the next one up may. */
      int fraction;
      if (frexp(a, &fraction) == 0.5) {
        char next[40];
        memcpy(next, text, sizeof(text));
        for (i = 16; i >= 0; i--) {
          if (next[i] == '.') continue;
          if (next[i]++ != '9') break;
          next[i] = '0';
        }
        if (i >= 0 && strtod(next, NULL) == a) {
          memcpy(text, next, sizeof(text));
          break;
        }
      }
    }
  }
  for (i = 0; text[i] != '\0' && text[i] != 'e'; i++)
    if (text[i] >= '0' && text[i] <= '9') digits[count++] = text[i];
  *exponent = text[i] == 'e' ? atoi(text + i + 1) : 0;
  while (count > 1 && digits[count - 1] == '0') count--;
  return count;
}

LM_MAYBE int lm_write_number(char *out, lua_Number n) {
  char digits[40];
  int count, exponent, i, len = 0;
  if (n >= -0x1p63 && n < 0x1p63 && n == (lua_Number)(lua_Integer)n) return lm_write_whole(out, (lua_Integer)n);
  if (n != n || n - n != 0) {
    strcpy(out, n != n ? "NaN" : n > 0 ? "+Inf" : "-Inf");
    return (int)strlen(out);
  }
  count = lm_shortest(n < 0 ? -n : n, digits, &exponent);
  if (n < 0) out[len++] = '-';
  if (exponent < -4 || exponent >= 6) {
    out[len++] = digits[0];
    if (count > 1) out[len++] = '.';
    for (i = 1; i < count; i++) out[len++] = digits[i];
    out[len++] = 'e';
    out[len++] = exponent < 0 ? '-' : '+';
    if (exponent < 0) exponent = -exponent;
    if (exponent >= 100) out[len++] = (char)('0' + exponent / 100);
    out[len++] = (char)('0' + exponent / 10 % 10);
    out[len++] = (char)('0' + exponent % 10);
  }
  else if (exponent < 0) {
    out[len++] = '0';
    out[len++] = '.';
    for (i = exponent + 1; i < 0; i++) out[len++] = '0';
    for (i = 0; i < count; i++) out[len++] = digits[i];
  }
  else {
    for (i = 0; i < count || i <= exponent; i++) {
      if (i == exponent + 1) out[len++] = '.';
      out[len++] = i < count ? digits[i] : '0';
    }
  }
  out[len] = '\0';
  return len;
}

LM_MAYBE int lm_write_integer(char *out, lua_Integer v) {
  return LM_IS_EXACT(v) ? lm_write_whole(out, v) : lm_write_number(out, (lua_Number)v);
}

#undef lua_integer2str
#define lua_integer2str(s, size, n) lm_write_integer((s), (n))
#undef lua_number2str
#define lua_number2str(s, size, n) lm_write_number((s), (n))

/* lobject.c appends ".0" to a float that looks like an integer. Here it never does. */
#define strspn(s, set) LM_ONLY_IN(LM_STRSPN, lobject_c)(s, set)
#define LM_STRSPN_lobject_c strspn
#define LM_STRSPN_(s, set) 0

/* }====================================================== */

#include "lua_limits.h"
#include "lua_errors.h"
#include "lua_work.h"
#include "lua_compiling.h"
#include "lua_math.h"
#include "lua_library.h"
#include "lua_modifier.h"

#endif
