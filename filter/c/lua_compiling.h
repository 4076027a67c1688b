/*
** What compiling costs a script, or a configuration. Part of lua_limits.h, which explains the count.
**
** Lua's compiler looks for a label in a list of all labels, for a name in a list of all names, and for the end of a chain of
** jumps (each `elseif`, `and`, `break` adds one) by walking along it: text that is made for it takes the square of its length.
** All that walking is charged. A limit that is met here ends the compilation as a syntax error would.
*/
#ifndef LUA_COMPILING_H
#define LUA_COMPILING_H

#include "llex.h"
#include "lparser.h"

#define luaX_next(ls) LUA_ONLY_IN(LUA_NEXT, lparser_c)(ls)
#define LUA_NEXT_lparser_c luaX_next
#define LUA_NEXT_(ls) (lua_spend((ls)->L, 2), luaX_next(ls))

/* lcode.c: a step along a chain of jumps. */
#define getjump(a, b) LUA_GETJUMP_##a, b)
#define LUA_GETJUMP_FuncState getjump(FuncState
#define LUA_GETJUMP_fs (lua_spend(fs->ls->L, 1), getjump)(fs

/* lparser.c: variables and upvalues of a function, of each function around it. */
#define searchvar(a, b, c) LUA_SEARCHVAR_##a, b, c)
#define LUA_SEARCHVAR_FuncState searchvar(FuncState
#define LUA_SEARCHVAR_fs (lua_spend(fs->ls->L, fs->nactvar >> 1), searchvar)(fs

#define searchupvalue(a, b) LUA_SEARCHUPVALUE_##a, b)
#define LUA_SEARCHUPVALUE_FuncState searchupvalue(FuncState
#define LUA_SEARCHUPVALUE_fs (lua_spend(fs->ls->L, fs->nups >> 1), searchupvalue)(fs

/* Constants have no register, and are passed over. */
#define reglevel(a, b) LUA_REGLEVEL_##a, b)
#define LUA_REGLEVEL_FuncState reglevel(FuncState
#define LUA_REGLEVEL_fs lua_passes_over(fs
#define lua_passes_over(fs, n) (lua_spend(fs->ls->L, (n) >> 3), reglevel(fs, n))

/* Labels, and gotos that have not found theirs: looked through at each label, and at the end of each block. */
#define LUA_GOTOS(ls, from) (lua_spend((ls)->L, (size_t)((ls)->dyd->gt.n - (from))))

#define findlabel(a, b) LUA_FINDLABEL_##a, b)
#define LUA_FINDLABEL_LexState findlabel(LexState
#define LUA_FINDLABEL_ls (lua_spend(ls->L, (size_t)(ls->dyd->label.n - ls->fs->firstlabel)), findlabel)(ls

#define solvegotos(a, b) LUA_SOLVEGOTOS_##a, b)
#define LUA_SOLVEGOTOS_LexState solvegotos(LexState
#define LUA_SOLVEGOTOS_ls (LUA_GOTOS(ls, ls->fs->bl->firstgoto), solvegotos)(ls

#define solvegoto(a, b, c) LUA_SOLVEGOTO_##a, b, c)
#define LUA_SOLVEGOTO_LexState solvegoto(LexState
#define LUA_SOLVEGOTO_ls lua_solves(ls
#define lua_solves(ls, g, label) (LUA_GOTOS(ls, g), solvegoto(ls, g, label))

#define movegotosout(a, b) LUA_MOVEGOTOS_##a, b)
#define LUA_MOVEGOTOS_FuncState movegotosout(FuncState
#define LUA_MOVEGOTOS_fs lua_moves_gotos(fs
#define lua_moves_gotos(fs, bl) (LUA_GOTOS((fs)->ls, (bl)->firstgoto), movegotosout(fs, bl))

#endif
