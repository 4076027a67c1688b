/*
** The outermost function of every script's coroutine, and how the host begins it (runner.rs). Part of lua_numbers.h.
*/
#ifndef LM_RUN_H
#define LM_RUN_H

/* The script has ended: gives nothing, or its error. */
LM_MAYBE int lm_ended(lua_State *L, int status, lua_KContext context) {
  (void)context;
  return status == LUA_OK || status == LUA_YIELD ? 0 : 1;
}

/*
** Runs a script: a function, or a maker and the globals for which it makes the function. Upvalues: the function that finds out
** where an error was raised, and table.pack, the maker's second argument.
*/
LM_MAYBE int lm_run(lua_State *L) {
  int is_made = lua_gettop(L) == 1;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  if (!is_made) {
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_call(L, 2, 1);
  }
  return lm_ended(L, lua_pcallk(L, 0, 0, 1, 0, lm_ended), 0);
}

/* Makes lm_run from both upvalues. */
LM_MAYBE int lm_runner(lua_State *L) {
  lua_settop(L, 2);
  lua_pushcclosure(L, lm_run, 2);
  return 1;
}

/*
** Begins a run in a coroutine that is new or has ended. Function and globals are pointers to values that the host refers to, so
** that they stay alive; without globals the function is the script itself. No error of Lua passes through here.
*/
LM_MAYBE int lm_begin(lua_State *L, lua_State *from, void *runner, void *function, void *globals, int *results) {
  lua_settop(L, 0);
  setclCvalue(L, s2v(L->top.p), (CClosure *)runner);
  L->top.p++;
  setclLvalue2s(L, L->top.p, (LClosure *)function);
  L->top.p++;
  if (globals != NULL) {
    sethvalue2s(L, L->top.p, (Table *)globals);
    L->top.p++;
  }
  return (lua_resume)(L, from, globals != NULL ? 2 : 1, results);
}

#endif
