/*
** What compiling costs a script, or a configuration. Part of lua_limits.h, which explains the count.
**
** Lua's compiler looks for a label in a list of all labels, for a name in a list of all names, and for the end of a chain of
** jumps (each `elseif`, `and`, `break` adds one) by walking along it. Compiling a text that is made for this takes time that
** grows with the square of the text's length. All that walking is charged. A limit that is met here ends the compilation as a
** syntax error would.
*/
#ifndef LM_COMPILING_H
#define LM_COMPILING_H

#include "llex.h"
#include "lparser.h"

#define luaX_next(ls) LM_ONLY_IN(LM_NEXT, lparser_c)(ls)
#define LM_NEXT_lparser_c luaX_next
#define LM_NEXT_(ls) (lm_spend((ls)->L, 2), luaX_next(ls))

/* lcode.c: a step along a chain of jumps. */
#define getjump(a, b) LM_GETJUMP_##a, b)
#define LM_GETJUMP_FuncState getjump(FuncState
#define LM_GETJUMP_fs (lm_spend(fs->ls->L, 1), getjump)(fs

/* lparser.c: variables and upvalues of a function, of each function around it. */
#define searchvar(a, b, c) LM_SEARCHVAR_##a, b, c)
#define LM_SEARCHVAR_FuncState searchvar(FuncState
#define LM_SEARCHVAR_fs (lm_spend(fs->ls->L, fs->nactvar >> 1), searchvar)(fs

#define searchupvalue(a, b) LM_SEARCHUPVALUE_##a, b)
#define LM_SEARCHUPVALUE_FuncState searchupvalue(FuncState
#define LM_SEARCHUPVALUE_fs (lm_spend(fs->ls->L, fs->nups >> 1), searchupvalue)(fs

/* Compile-time constants have no register: reglevel walks past them. */
#define reglevel(a, b) LM_REGLEVEL_##a, b)
#define LM_REGLEVEL_FuncState reglevel(FuncState
#define LM_REGLEVEL_fs lm_passes_over(fs
#define lm_passes_over(fs, n) (lm_spend(fs->ls->L, (n) >> 3), reglevel(fs, n))

/*
** The compiler looks through the labels at each goto and each label, and through the gotos that have not found their label yet
** at each label and at the end of each block.
*/
#define LM_GOTOS(ls, from) (lm_spend((ls)->L, (size_t)((ls)->dyd->gt.n - (from))))

#define findlabel(a, b) LM_FINDLABEL_##a, b)
#define LM_FINDLABEL_LexState findlabel(LexState
#define LM_FINDLABEL_ls (lm_spend(ls->L, (size_t)(ls->dyd->label.n - ls->fs->firstlabel)), findlabel)(ls

#define solvegotos(a, b) LM_SOLVEGOTOS_##a, b)
#define LM_SOLVEGOTOS_LexState solvegotos(LexState
#define LM_SOLVEGOTOS_ls (LM_GOTOS(ls, ls->fs->bl->firstgoto), solvegotos)(ls

#define solvegoto(a, b, c) LM_SOLVEGOTO_##a, b, c)
#define LM_SOLVEGOTO_LexState solvegoto(LexState
#define LM_SOLVEGOTO_ls lm_solves(ls
#define lm_solves(ls, g, label) (LM_GOTOS(ls, g), solvegoto(ls, g, label))

#define movegotosout(a, b) LM_MOVEGOTOS_##a, b)
#define LM_MOVEGOTOS_FuncState movegotosout(FuncState
#define LM_MOVEGOTOS_fs lm_moves_gotos(fs
#define lm_moves_gotos(fs, bl) (LM_GOTOS((fs)->ls, (bl)->firstgoto), movegotosout(fs, bl))

#endif
