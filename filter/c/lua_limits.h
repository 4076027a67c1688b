/*
** Counts what a script spends, where counting costs next to nothing. Part of lua_numbers.h, which explains LM_ONLY_IN.
**
** Lua's own count hook makes the interpreter stop at every single instruction, which doubles the price of loops, and never
** fires inside a C function, where a pattern can run for hours. Here the count goes down at jumps, calls and allocations, and
** inside the C functions that work for long; the hook is the same. Costs are given in instructions, roughly.
**
** When the count is used up, the hook is called. While the hook raises errors, the count stays used up, so that the next jump
** or call raises an error again, in any coroutine: a pcall cannot keep a script alive that has spent its count.
*/
#ifndef LM_LIMITS_H
#define LM_LIMITS_H

#include "ldebug.h"
#include "ldo.h"
#include "lmem.h"
#include "lopcodes.h"
#include "lstring.h"

#include <time.h>

/* An event of the hook: a string is about to be made. The event is this number plus the size of the string in KiB. */
#define LM_HOOK_GROWS 1000

/*
** The interpreter does not see the count hook. When the count is used up, the function's trap is set, which the interpreter
** looks at after jumps.
*/
#define LM_COUNTS(L, n) ((void)(__builtin_expect((L->hookcount -= (n)) <= 0, 0) && (ci->u.l.trap = 1)))

static __attribute__((unused, noinline, cold)) void lm_spent(lua_State *L) {
  if (!(L->hookmask & LUA_MASKCOUNT)) {
    L->hookcount = INT_MAX / 2;
    return;
  }
  /* The hook has raised an error, and xpcall's handler for that error is running: it must not run for ever, either. */
  if (!L->allowhook) luaD_throw(L, LUA_ERRERR);
  do {
    int debt = L->hookcount;
    L->hookcount = 0; /* stays so if the hook raises an error */
    luaD_hook(L, LUA_HOOKCOUNT, -1, 0, 0);
    L->hookcount = debt + L->basehookcount;
  } while (L->hookcount <= 0);
}

/* Raising an error takes long for one instruction: the text of the error is made, and the stack is unwound. */
static __attribute__((unused)) l_noret lm_throws(lua_State *L, int code) {
  /* The function that catches the error looks at every frame once (luaD_shrinkstack). */
  L->hookcount -= 200 + (int)((L->top.p - L->stack.p) >> 3);
  luaD_throw(L, code);
}
#define luaD_throw(L, code) LM_ONLY_IN(LM_THROW, ldebug_c)(L, code)
#define LM_THROW_ldebug_c luaD_throw
#define LM_THROW_ lm_throws

/* Charges a C function that works for long. */
LM_MAYBE void lm_spend(lua_State *L, size_t n) {
  L->hookcount -= (int)(n < (1u << 24) ? n : (1u << 24));
  if (__builtin_expect(L->hookcount <= 0, 0)) lm_spent(L);
}

/* Only strings can become huge in one step. The hook is asked before a large string is made. */
LM_MAYBE void lm_grows(lua_State *L, size_t size) {
  if (__builtin_expect(size >= 65536, 0) && L->hookmask & LUA_MASKCOUNT) {
    int left = L->hookcount;
    L->hookcount = 0;
    luaD_hook(L, LM_HOOK_GROWS + (int)(size >> 10 < (1u << 30) ? size >> 10 : 1u << 30), -1, 0, 0);
    L->hookcount = left;
  }
}
/* {== lvm.c: jumps, calls, and operations that take longer with longer operands == */

static __attribute__((unused, noinline, cold)) int lm_traced(lua_State *L, const Instruction *pc) {
  CallInfo *ci = L->ci;
  if (L->hookcount <= 0) {
    ci->u.l.savedpc = pc + 1;
    if (!isIT(*pc)) L->top.p = ci->top.p;
    lm_spent(L);
  }
  if (L->hookmask & LUA_MASKLINE) return luaG_traceexec(L, pc);
  ci->u.l.trap = 0;
  return 0;
}
#define luaG_traceexec(L, pc) LM_ONLY_IN(LM_TRACEEXEC, lvm_c)(L, pc)
#define LM_TRACEEXEC_lvm_c luaG_traceexec
#define LM_TRACEEXEC_ lm_traced

/*
** Instructions between two jumps are not counted: there are so many that it matters only if the script was written for this
** purpose. A turn of a long loop and a call of a long function are therefore charged for a part of their length.
*/
#define LM_PART(length) ((length) >> 4)

/* lvm.c reads the hookmask when a function begins, and at the short returns. */
#define hookmask LM_ONLY_IN(LM_HOOKMASK, lvm_c)
#define LM_HOOKMASK_lvm_c LM_ALSO_IN(LM_HOOKMASK_OF_CALLS, ldo_c)
#define LM_HOOKMASK_ hookmask & ~LUA_MASKCOUNT | lm_counted(L, 2 + LM_PART(ci_func(ci)->p->sizecode >> 1))
LM_MAYBE int lm_counted(lua_State *L, int n) { return __builtin_expect((L->hookcount -= n) <= 0, 0); }
/* ldo.c has hooks of calls, returns and lines. The count hook alone would make it note the line of each return. */
#define LM_HOOKMASK_OF_CALLS_ldo_c hookmask
#define LM_HOOKMASK_OF_CALLS_ hookmask & ~LUA_MASKCOUNT

#undef GETARG_sJ
#define GETARG_sJ(i) (LM_ONLY_IN(LM_JUMPS, lvm_c)(i) check_exp(checkopm(i, isJ), getarg(i, POS_sJ, SIZE_sJ) - OFFSET_sJ))
#define LM_JUMPS_lvm_c(i)
#define LM_JUMPS_(i) lm_jumps(L, ci, OFFSET_sJ - getarg(i, POS_sJ, SIZE_sJ)),
LM_MAYBE void lm_jumps(lua_State *L, CallInfo *ci, int back) {
  if (back > 0) LM_COUNTS(L, 2 + LM_PART(back)); /* jumps forward come to an end */
}
/* The shortest loop takes two instructions a turn: an honest script is never charged for more instructions than it ran. */
#undef GETARG_Bx
#define GETARG_Bx(i) (LM_ONLY_IN(LM_LOOPS, lvm_c) check_exp(checkopm(i, iABx), getarg(i, POS_Bx, SIZE_Bx)))
#define LM_LOOPS_lvm_c
#define LM_LOOPS_ LM_COUNTS(L, 2),
/* A loop with whole numbers changes its index at each turn: a turn is charged there. */
#undef chgivalue
#define chgivalue(obj, x) { TValue *io = (obj); val_(io).i = LM_CHANGED_##x; }
#define LM_CHANGED_count count
#define LM_CHANGED_idx (L->hookcount -= LM_PART(getarg(i, POS_Bx, SIZE_Bx)), idx)
#define floatforloop(a) LM_FLOATLOOP_##a)
#define LM_FLOATLOOP_StkId floatforloop(StkId
#define LM_FLOATLOOP_ra (L->hookcount -= LM_PART(getarg(i, POS_Bx, SIZE_Bx)), floatforloop)(ra
/* The call of a loop's iterator. The next instruction is the jump back, whose length is charged. */
#define luaD_call(L, f, results) LM_ONLY_IN(LM_ITERATOR, lvm_c)(L, f, results)
#define LM_ITERATOR_lvm_c luaD_call
#define LM_ITERATOR_(L, f, results) (L->hookcount -= LM_PART(getarg(*pc, POS_Bx, SIZE_Bx)), luaD_call(L, f, results))

LM_MAYBE CallInfo *lm_precall(lua_State *L, CallInfo *ci, StkId func, int results) {
  CallInfo *called = luaD_precall(L, func, results);
  LM_COUNTS(L, 4); /* this also notices what a C function has spent */
  return called;
}
#define luaD_precall(L, func, results) LM_ONLY_IN(LM_PRECALL, lvm_c)(L, func, results)
#define LM_PRECALL_lvm_c luaD_precall
#define LM_PRECALL_(L, func, results) lm_precall(L, ci, func, results)

/* A look-up along a chain of two thousand tables, each the __index of the table before, is one instruction. */
#undef fasttm
#define fasttm(L, metatable, event) \
  ((metatable) == NULL ? NULL : ((L)->hookcount -= 2, gfasttm(G(L), metatable, event)))

/*
** A long string that is a key is compared byte by byte, in a place where no state is at hand. So each use of such a key is
** charged as if the key were compared.
*/
LM_MAYBE void lm_long_key(lua_State *L, const TValue *key) {
  if (ttislngstring(key)) L->hookcount -= (int)(tsvalue(key)->u.lnglen >> 4 & 0xffffff);
}
#define luaH_get(t, key) LM_ONLY_IN(LM_GET, lvm_c)(t, key)
#define LM_GET_lvm_c LM_ALSO_IN(LM_GET_FOR_HOST, lapi_c)
#define LM_GET_FOR_HOST_lapi_c luaH_get
#define LM_GET_FOR_HOST_ LM_GET_
#define LM_GET_(t, key) (lm_long_key(L, key), luaH_get(t, key))
#define luaH_set(L, t, key, value) LM_ONLY_IN(LM_SET, lapi_c)(L, t, key, value)
#define LM_SET_lapi_c luaH_set
#define LM_SET_(L, t, key, value) (lm_long_key(L, key), luaH_set(L, t, key, value))

/* Equal long strings are compared byte by byte. */
LM_MAYBE int lm_same_text(lua_State *L, TString *a, TString *b) {
  if (L != NULL && a != b && a->u.lnglen == b->u.lnglen) L->hookcount -= (int)(a->u.lnglen >> 4 & 0xffffff);
  return luaS_eqlngstr(a, b);
}
#define luaS_eqlngstr(a, b) LM_ONLY_IN(LM_SAME_TEXT, lvm_c)(a, b)
#define LM_SAME_TEXT_lvm_c luaS_eqlngstr
#define LM_SAME_TEXT_(a, b) lm_same_text(L, a, b)

#define l_strcmp(a, b) LM_STRCMP_##a, b)
#define LM_STRCMP_const l_strcmp(const
#define LM_STRCMP_tsvalue(o) (lm_compares(L, tsvalue(o)), l_strcmp)(tsvalue(o)
LM_MAYBE void lm_compares(lua_State *L, const TString *a) { L->hookcount -= (int)(tsslen(a) >> 4 & 0xffffff); }

#define luaT_getvarargs(L, ci, ra, n) LM_ONLY_IN(LM_VARARGS, lvm_c)(L, ci, ra, n)
#define LM_VARARGS_lvm_c luaT_getvarargs
#define LM_VARARGS_(L, ci, ra, n) (L->hookcount -= ci->u.l.nextraargs >> 3, luaT_getvarargs(L, ci, ra, n))

/* Text of more than 200 characters is not read as a number: it is mostly white space, and made to keep the engine busy. */
#define LM_LONGEST_NUMERAL 200
#undef cvt2num
#define cvt2num(o) (ttisstring(o) && tsslen(tsvalue(o)) <= LM_LONGEST_NUMERAL)
#define luaO_str2num(s, o) LM_ONLY_IN(LM_NUMERAL, lapi_c)(s, o)
#define LM_NUMERAL_lapi_c luaO_str2num
#define LM_NUMERAL_(s, o) (lm_reads(L, s) ? luaO_str2num(s, o) : 0)
LM_MAYBE int lm_reads(lua_State *L, const char *s) {
  const char *end = (const char *)memchr(s, '\0', LM_LONGEST_NUMERAL + 1);
  if (end != NULL) L->hookcount -= (int)(end - s) >> 1;
  return end != NULL;
}

/* lobject.c: the shortest digits of a fraction are found by trying. */
#define tostringbuff(a, b) LM_TOSTRING_##a, b)
#define LM_TOSTRING_TValue tostringbuff(TValue
#define LM_TOSTRING_obj lm_writes(L, obj
#define LM_TOSTRING_num lm_writes(buff->L, num
#define lm_writes(L, number, out) ({ \
  int lm_length = tostringbuff(number, out); \
  if (ttisfloat(number) && (lm_length > 16 || memchr(out, 'e', (size_t)lm_length) != NULL)) (L)->hookcount -= 60; \
  lm_length; })

/* == } */

/* {== memory: allocations are charged, and the hook looks at the memory when the count is used up == */

LM_MAYBE int lm_weight(size_t size) { return (int)(size < (1u << 28) ? size >> 4 : (1u << 24)); }

#define luaM_malloc_(L, size, tag) LM_ONLY_IN(LM_MALLOC, lmem_c)(L, size, tag)
#define LM_MALLOC_ luaM_malloc_
#define LM_MALLOC_lmem_c(L, size, tag) ((L)->hookcount -= lm_weight(size), luaM_malloc_(L, size, tag))
#define luaM_realloc_(L, block, old, size) LM_ONLY_IN(LM_REALLOC, lmem_c)(L, block, old, size)
#define LM_REALLOC_ luaM_realloc_
#define LM_REALLOC_lmem_c(L, block, old, size) ((L)->hookcount -= lm_weight(size), luaM_realloc_(L, block, old, size))

/* The objects that the host makes for scripts have finalizers. */
#define luaS_newudata(L, size, values) LM_ONLY_IN(LM_UDATA, lapi_c)(L, size, values)
#define LM_UDATA_lapi_c luaS_newudata
#define LM_UDATA_(L, size, values) ((L)->hookcount -= 40, luaS_newudata(L, size, values))

/* ltable.c: when the size of a table is computed anew, all its entries are counted. */
#define rehash(L, t, key) LM_REHASH_##L, t, key)
#define LM_REHASH_lua_State rehash(lua_State
#define LM_REHASH_L lm_rehashes(L
#define lm_rehashes(L, t, key) \
  ((L)->hookcount -= (int)((t->alimit >> 3) + ((unsigned int)sizenode(t) >> 2)), rehash(L, t, key))

/*
** lgc.c: weak keys behave as in 5.1, which keeps the values. In 5.4 a value goes when its key goes. To find such values, the
** collector visits all weak tables again and again, for seconds if there are thousands of them, and nothing can stop it.
** KrakenD's VM has no weak tables, so its scripts do not miss this.
*/
#define convergeephemerons(a) LM_CONVERGE_##a)
#define LM_CONVERGE_global_State convergeephemerons(global_State
#define LM_CONVERGE_g lm_keeps(g
#define lm_keeps(g) ({ \
  while (g->ephemeron != NULL) { \
    Table *lm_weak = gco2t(g->ephemeron); \
    Node *lm_node = lm_weak->node, *lm_end = lm_node + sizenode(lm_weak); \
    g->ephemeron = lm_weak->gclist; \
    linkgclist(lm_weak, g->allweak); \
    for (; lm_node < lm_end; lm_node++) \
      if (!isempty(gval(lm_node))) markvalue(g, gval(lm_node)); \
    propagateall(g); \
  } \
  convergeephemerons(g); })

#define luaS_createlngstrobj(L, size) LM_ONLY_IN(LM_LONG_STRING, lvm_c)(L, size)
#define LM_LONG_STRING_lvm_c luaS_createlngstrobj
#define LM_LONG_STRING_(L, size) (lm_grows(L, size), luaS_createlngstrobj(L, size))

/* lauxlib.c: the box of a buffer that has become too large for the stack. */
#define resizebox(a, b, c) LM_RESIZEBOX_##a, b, c)
#define LM_RESIZEBOX_lua_State resizebox(lua_State
#define LM_RESIZEBOX_L lm_resizes(L
#define lm_resizes(L, index, size) (lm_grows(L, size), resizebox(L, index, size))

/* == } */

/* {== ldo.c: in a coroutine tens of thousands of pcalls can nest, and each pcall that catches an error walks all frames == */

/* When an error is caught, the whole stack is looked at, however deep in it the function is that catches the error. */
LM_MAYBE void lm_shrinks(lua_State *L) {
  L->hookcount -= (int)((L->top.p - L->stack.p) >> 3);
  luaD_shrinkstack(L);
}
#define luaD_shrinkstack(a) LM_SHRINKSTACK_##a)
#define LM_SHRINKSTACK_lua_State luaD_shrinkstack(lua_State
#define LM_SHRINKSTACK_th luaD_shrinkstack(th
#define LM_SHRINKSTACK_L lm_shrinks(L

/* An error of the hook means that the script has met a limit: it goes straight to the function that resumed the coroutine. */
#define findpcall(a) LM_FINDPCALL_##a)
#define LM_FINDPCALL_lua_State findpcall(lua_State
#define LM_FINDPCALL_L !L->allowhook ? NULL : findpcall(L

/* == } */

/* {== ldebug.c, lauxlib.c: functions that look at a stack == */

#define base_ci LM_ONLY_IN(LM_BASE_CI, ldebug_c)
#define LM_BASE_CI_ldebug_c base_ci
#define LM_BASE_CI_ base_ci + lm_walks(L)
LM_MAYBE int lm_walks(lua_State *L) {
  L->hookcount--;
  return 0;
}

/* The name of a function is searched for in all libraries, for each level of a traceback. */
#define pushglobalfuncname(a, b) LM_FUNCTIONNAME_##a, b)
#define LM_FUNCTIONNAME_lua_State pushglobalfuncname(lua_State
#define LM_FUNCTIONNAME_L (L->hookcount -= 400, pushglobalfuncname)(L

/* == } */

/* {== lcorolib.c, lstate.c: coroutines of one script spend from the same count == */

LM_MAYBE int lm_resume(lua_State *co, lua_State *from, int arguments, int *results) {
  int status;
  co->hookcount = from->hookcount;
  status = lua_resume(co, from, arguments, results);
  if (status == LUA_YIELD) co->hookcount -= 200; /* a yield is thrown like an error, and takes V8 as long */
  from->hookcount = co->hookcount;
  return status;
}
#define lua_resume(co, from, arguments, results) LM_ONLY_IN(LM_RESUME, lcorolib_c)(co, from, arguments, results)
#define LM_RESUME_lcorolib_c lua_resume
#define LM_RESUME_ lm_resume

#define lua_newthread(L) LM_ONLY_IN(LM_NEWTHREAD, lcorolib_c)(L)
#define LM_NEWTHREAD_lcorolib_c lua_newthread
#define LM_NEWTHREAD_(L) ((L)->hookcount -= 100, lua_newthread(L))

/* == } */

#endif
