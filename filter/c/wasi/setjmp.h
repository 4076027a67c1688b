/* setjmp and longjmp for C compiled to wasm, where LLVM turns both into wasm exceptions.
 * Lua raises its errors with them, and Debian's wasi-libc has no such header. The buffer's layout is shared with
 * setjmp.c alone: the compiler passes its address on and never looks inside. Knows nothing of Lua. */
#ifndef LUA_MODIFIER_SETJMP_H
#define LUA_MODIFIER_SETJMP_H

struct jmp_thrown {
    void *buffer;
    int value;
};

typedef struct {
    void *invocation; /* which run of the function that called setjmp */
    unsigned label;   /* which of its setjmp calls; never 0 */
    struct jmp_thrown thrown;
} jmp_buf[1];

int setjmp(jmp_buf) __attribute__((__returns_twice__));
_Noreturn void longjmp(jmp_buf, int);

#define setjmp setjmp /* C asks that it be a macro */
#define _setjmp setjmp
#define _longjmp longjmp

#endif
