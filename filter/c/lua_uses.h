/*
** What a chunk's code does with its globals, read from its instructions: a stage whose scripts only read can share its globals
** with all other stages (library.lua). Part of lua_numbers.h.
*/
#ifndef LM_USES_H
#define LM_USES_H

#include "lopcodes.h"

/* The place of the table of notes on the stack. */
#define LM_NOTES 2

LM_MAYBE void lm_note(lua_State *L, const char *what) {
  lua_pushboolean(L, 1);
  lua_setfield(L, LM_NOTES, what);
}

LM_MAYBE void lm_push_name(lua_State *L, const Proto *p, int constant) {
  setobj2s(L, L->top.p, &p->k[constant]);
  L->top.p++;
}

/* Without names of upvalues (stripped code) any of them may be the environment. */
LM_MAYBE int lm_is_environment(const Proto *p, int upvalue) {
  const TString *name = p->upvalues[upvalue].name;
  return name == NULL || strcmp(getstr(name), "_ENV") == 0;
}

LM_MAYBE int lm_is_index(const Proto *p, int constant) {
  return strcmp(getstr(tsvalue(&p->k[constant])), "__index") == 0;
}

/*
** A global is read. `ctx.load` becomes two instructions; the second overwrites the register into which the first put the
** table, so that the script never has the table itself: fields[name][field]. Any other use of a global: taken[name].
*/
LM_MAYBE void lm_note_read(lua_State *L, const Proto *p, int at) {
  Instruction code = p->code[at], next = at + 1 < p->sizecode ? p->code[at + 1] : code;
  int is_indexed = GET_OPCODE(next) == OP_GETFIELD && GETARG_B(next) == GETARG_A(code) && GETARG_A(next) == GETARG_A(code);
  lua_getfield(L, LM_NOTES, is_indexed ? "fields" : "taken");
  lm_push_name(L, p, GETARG_C(code));
  if (is_indexed) {
    lua_pushvalue(L, -1);
    if (lua_rawget(L, -3) != LUA_TTABLE) {
      lua_pop(L, 1);
      lua_newtable(L);
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, -5);
    }
    lm_push_name(L, p, GETARG_C(next));
  }
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  lua_settop(L, LM_NOTES);
}

LM_MAYBE void lm_note_uses(lua_State *L, const Proto *p) {
  int at;
  for (at = 0; at < p->sizecode; at++) {
    Instruction code = p->code[at];
    switch (GET_OPCODE(code)) {
      case OP_GETTABUP:
        if (lm_is_environment(p, GETARG_B(code))) lm_note_read(L, p, at);
        else if (lm_is_index(p, GETARG_C(code))) lm_note(L, "computed");
        break;
      case OP_SETTABUP:
        if (lm_is_environment(p, GETARG_A(code))) lm_note(L, "written");
        break;
      case OP_GETUPVAL: case OP_SETUPVAL:
        if (lm_is_environment(p, GETARG_B(code))) lm_note(L, "unknown");
        break;
      case OP_GETTABLE:
        lm_note(L, "computed");
        break;
      case OP_GETFIELD:
        if (lm_is_index(p, GETARG_C(code))) lm_note(L, "computed");
        break;
      case OP_SELF:
        if (!GETARG_k(code) || lm_is_index(p, GETARG_C(code))) lm_note(L, "computed");
        break;
      default:
        break;
    }
  }
  for (at = 0; at < p->sizep; at++) lm_note_uses(L, p->p[at]);
}

/*
** Notes what the functions that a maker makes do with their globals. `written`: they set some. `unknown`: they may reach any.
** `computed`: they index something by a key that is not in the text, or by `__index`, which leads from a string to a table.
*/
LM_MAYBE int lm_uses(lua_State *L) {
  const Proto *maker;
  int at;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  luaL_checktype(L, LM_NOTES, LUA_TTABLE);
  lua_settop(L, LM_NOTES);
  if (!ttisLclosure(s2v(L->ci->func.p + 1))) return luaL_argerror(L, 1, "a function of Lua's");
  /* In the maker itself, which is the host's, the environment is a parameter. */
  maker = clLvalue(s2v(L->ci->func.p + 1))->p;
  for (at = 0; at < maker->sizep; at++) lm_note_uses(L, maker->p[at]);
  return 0;
}

#endif
