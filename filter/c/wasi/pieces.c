/* malloc and free of small pieces. A piece that was freed waits for the next request for its size. The library needs 300 of Wasm's
 * instructions to find a piece and to join it with its neighbours again, which it looks at; this needs 45, and gives the piece that
 * was used last. The linker puts these functions in the place of the library's (--wrap in scripts/wasm.sh). */
#include <stddef.h>

void *__real_malloc(size_t n);
void __real_free(void *piece);
size_t malloc_usable_size(void *piece);

/* The library's pieces are larger from size to size by STEP, and the smallest has room for LEAST bytes. */
#define STEP 16
#define LEAST 12

/* Larger pieces do not wait, nor do more pieces of one size than so many STEPs. */
#define SIZES 128
#define MOST 512

struct piece {
    struct piece *next;
};

static struct {
    struct piece *first;
    unsigned count;
} waiting[SIZES];

void *__wrap_malloc(size_t n) {
    size_t size = n <= LEAST ? 0 : (n - LEAST + STEP - 1) / STEP;
    struct piece *piece = size < SIZES ? waiting[size].first : NULL;
    if (piece == NULL) return __real_malloc(n);
    waiting[size].first = piece->next;
    waiting[size].count--;
    return piece;
}

void __wrap_free(void *freed) {
    struct piece *piece = freed;
    /* Too large for any size if there is no piece: the library says that it has room for nothing. */
    size_t size = (malloc_usable_size(piece) - LEAST) / STEP;
    if (size >= SIZES || waiting[size].count * (size + 1) >= MOST) {
        __real_free(piece);
        return;
    }
    piece->next = waiting[size].first;
    waiting[size].first = piece;
    waiting[size].count++;
}
