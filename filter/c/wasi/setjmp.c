/* The three functions that LLVM's lowering of setjmp and longjmp calls (-mllvm -wasm-enable-sjlj).
 * Debian's wasi-libc has no libsetjmp, and lua-src asks for one by that name. Knows nothing of Lua. */
#include <setjmp.h>

/* The number of the C-longjmp tag in __builtin_wasm_throw: the compiler turns it into __c_longjmp (longjmp_tag.s). */
#define C_LONGJMP 1

typedef jmp_buf buffer_t;

/* setjmp was called: notes by which run of which function, and at which call. */
void __wasm_setjmp(void *env, unsigned label, void *invocation) {
    buffer_t *at = env;
    (*at)->invocation = invocation;
    (*at)->label = label;
}

/* A longjmp was caught. Returns 0 if it is meant for another function: then the function that caught it throws it on. */
unsigned __wasm_setjmp_test(void *env, void *invocation) {
    buffer_t *at = env;
    return (*at)->invocation == invocation ? (*at)->label : 0;
}

/* V8 notes the ten innermost frames of whatever is thrown, and for each of them it reads, from its start on, the list of places in
 * that function's code. The list of a large function (luaV_execute has one of thousands) takes it 6 us, so the ten innermost
 * frames are of a small one. */
#define NOTED_FRAMES 10

__attribute__((noinline, disable_tail_calls)) static void throw_below(int frames, struct jmp_thrown *thrown) {
    if (frames > 1) throw_below(frames - 1, thrown);
    __builtin_wasm_throw(C_LONGJMP, thrown);
}

/* The function that catches reads buffer and value at the address that is thrown. It lies in the buffer, which outlives the
 * frames. */
void __wasm_longjmp(void *env, int value) {
    buffer_t *at = env;
    (*at)->thrown.buffer = env;
    (*at)->thrown.value = value == 0 ? 1 : value; /* setjmp returns 0 only the first time */
    throw_below(NOTED_FRAMES, &(*at)->thrown);
}
