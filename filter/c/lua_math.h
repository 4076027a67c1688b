/*
** lmathlib.c and `^`: mathematics as in the VM that KrakenD runs, and the seed of random numbers. Part of lua_numbers.h.
*/
#ifndef LM_MATH_H
#define LM_MATH_H

/*
** Powers by squaring, as Go's library computes them: their last digits differ from the powers of C's library, and prices with
** interest show the difference.
*/
LM_MAYBE lua_Number lm_pow(lua_Number x, lua_Number y) {
  lua_Number whole, fraction, result = 1, base;
  int exponent = 0, base_exponent;
  lua_Integer n;
  if (y == 2) return x * x;
  if (!(x - x == 0 && y - y == 0) || x == 0 || y == 0 || y == 1 || y == -1 || y == 0.5 || y == -0.5 || fabs(y) >= 0x1p62)
    return y == 0.5 && x - x == 0 ? sqrt(x) : y == -0.5 && x - x == 0 && x != 0 ? 1 / sqrt(x) : (pow)(x, y);
  fraction = modf(fabs(y), &whole);
  if (fraction != 0 && x < 0) return (pow)(x, y);
  if (fraction != 0) {
    if (fraction > 0.5) {
      fraction--;
      whole++;
    }
    result = exp(fraction * log(x));
  }
  base = frexp(x, &base_exponent);
  for (n = (lua_Integer)whole; n != 0; n >>= 1) {
    if (base_exponent < -(1 << 12) || base_exponent > 1 << 12) {
      exponent += base_exponent;
      break;
    }
    if (n & 1) {
      result *= base;
      exponent += base_exponent;
    }
    base *= base;
    base_exponent <<= 1;
    if (base < 0.5) {
      base += base;
      base_exponent--;
    }
  }
  if (y < 0) {
    result = 1 / result;
    exponent = -exponent;
  }
  return ldexp(result, exponent);
}
#undef luai_numpow
#define luai_numpow(L, a, b) ((void)(L), lm_pow((a), (b)))

static __attribute__((unused)) int math_pow(lua_State *L) {
  lua_Number base = luaL_checknumber(L, 1);
  lua_pushnumber(L, lm_pow(base, luaL_checknumber(L, 2)));
  return 1;
}
#define math_pow(a) lm_replaced_math_pow(a)

/* math.log has one argument. */
static __attribute__((unused)) int math_log(lua_State *L) {
  lua_pushnumber(L, log(luaL_checknumber(L, 1)));
  return 1;
}
#define math_log(a) lm_replaced_math_log(a)

/* math.max and math.min: text that is a number counts as one. */
LM_MAYBE int lm_extreme(lua_State *L, int wanted) {
  int n = lua_gettop(L), i;
  lua_Number best;
  if (n == 0) return luaL_error(L, "wrong number of arguments");
  best = luaL_checknumber(L, 1);
  lm_spend(L, (size_t)n >> 2);
  for (i = 2; i <= n; i++) {
    lua_Number one = luaL_checknumber(L, i);
    if (wanted > 0 ? one > best : one < best) best = one;
  }
  lua_pushnumber(L, best);
  return 1;
}
static __attribute__((unused)) int math_max(lua_State *L) { return lm_extreme(L, 1); }
static __attribute__((unused)) int math_min(lua_State *L) { return lm_extreme(L, -1); }
#define math_max(a) lm_replaced_math_max(a)
#define math_min(a) lm_replaced_math_min(a)

/* {== Random numbers: each state has a new seed == */

#if defined(__wasi__)
/* The host's random source, by WASI's `random_get`. */
int lm_host_random(unsigned char *out, size_t size) __attribute__((import_module("wasi_snapshot_preview1"), import_name("random_get")));
#else
#include <sys/random.h>
#include <unistd.h>
#define lm_host_random(out, size) getentropy((out), (size))
#endif

/* lmathlib.c takes its seed from the time and an address: that would give all workers of Envoy the same random numbers. */
LM_MAYBE lua_Unsigned lm_seed(void) {
  union { unsigned char bytes[sizeof(lua_Unsigned)]; lua_Unsigned number; } seed = {{0}};
  if (lm_host_random(seed.bytes, sizeof(seed.bytes)) != 0) return (lua_Unsigned)(time)(NULL);
  return seed.number;
}
#define time(a) LM_ONLY_IN(LM_TIME, lmathlib_c)(a)
#define LM_TIME_lmathlib_c time
#define LM_TIME_(a) lm_seed()

/* == } */

#endif
