/* memcpy, memmove and memset for short pieces, as nearly all pieces are. For each memory.copy and memory.fill, V8 leaves its
 * compiled code and calls a function of its own, which costs more than copying some dozen bytes does. And memcmp in words: the
 * library's own takes single bytes. */
#include <stddef.h>
#include <stdint.h>

/* From this length on, the instruction is faster. */
#define LONG 128

typedef uint64_t word __attribute__((aligned(1), may_alias));
typedef uint32_t half __attribute__((aligned(1), may_alias));

#define OWN(name) __attribute__((no_builtin(name)))

OWN("memcpy") void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    unsigned char *t = to;
    const unsigned char *f = from;
    if (n >= LONG) return __builtin_memcpy(to, from, n);
    if (n >= 8) {
        /* The last word may overlap the word before. */
        uint64_t last = *(const word *)(f + n - 8);
        unsigned char *end = t + n - 8;
        for (; t < end; t += 8, f += 8) *(word *)t = *(const word *)f;
        *(word *)end = last;
        return to;
    }
    if (n >= 4) {
        uint32_t first = *(const half *)f, last = *(const half *)(f + n - 4);
        *(half *)t = first;
        *(half *)(t + n - 4) = last;
        return to;
    }
    if (n > 0) {
        unsigned char first = f[0], middle = f[n >> 1], last = f[n - 1];
        t[0] = first;
        t[n >> 1] = middle;
        t[n - 1] = last;
    }
    return to;
}

OWN("memmove") void *memmove(void *to, const void *from, size_t n) {
    unsigned char *t = to;
    const unsigned char *f = from;
    if (n >= LONG) return __builtin_memmove(to, from, n);
    if ((uintptr_t)t - (uintptr_t)f >= n) {
        for (; n >= 8; n -= 8, t += 8, f += 8) *(word *)t = *(const word *)f;
        for (; n > 0; n--) *t++ = *f++;
        return to;
    }
    for (; n >= 8; n -= 8) *(word *)(t + n - 8) = *(const word *)(f + n - 8);
    for (; n > 0; n--) t[n - 1] = f[n - 1];
    return to;
}

OWN("memset") void *memset(void *at, int byte, size_t n) {
    unsigned char *a = at;
    uint64_t all = 0x0101010101010101u * (unsigned char)byte;
    if (n >= LONG) return __builtin_memset(at, byte, n);
    for (; n >= 8; n -= 8, a += 8) *(word *)a = all;
    for (; n > 0; n--) *a++ = (unsigned char)byte;
    return at;
}

/* What is left of two pieces from their first byte that differs; 0 if none does. Words have their first byte in the lowest bits. */
static int difference(uint64_t one, uint64_t other) {
    int at = one == other ? 0 : __builtin_ctzll(one ^ other) & 56;
    return (int)(one >> at & 0xff) - (int)(other >> at & 0xff);
}

static uint64_t ends(const unsigned char *at, size_t n) {
    return *(const half *)at | (uint64_t)*(const half *)(at + n - 4) << 32;
}

OWN("memcmp") int memcmp(const void *one, const void *other, size_t n) {
    const unsigned char *a = one, *b = other;
    if (n >= 8) {
        /* The last word may overlap the word before, where nothing differs. */
        const unsigned char *end = a + n - 8;
        for (; a < end; a += 8, b += 8) {
            if (*(const word *)a != *(const word *)b) return difference(*(const word *)a, *(const word *)b);
        }
        return difference(*(const word *)end, *(const word *)((const unsigned char *)other + n - 8));
    }
    if (n >= 4) return difference(ends(a, n), ends(b, n));
    for (; n > 0; n--, a++, b++) {
        if (*a != *b) return *a - *b;
    }
    return 0;
}
