/* The four functions of libc through which Lua's io and os libraries would reach files, each answering ENOSYS.
 * mlua always links those libraries, and libc's own versions import path_rename, path_open and the like: a host
 * function that Envoy lacks refuses the whole module, though no script may ever call it. Linked ahead of libc. */
#include <errno.h>
#include <stdio.h>

static int refused(void) {
    errno = ENOSYS;
    return -1;
}

FILE *fopen(const char *restrict name, const char *restrict mode) {
    (void)name, (void)mode;
    refused();
    return NULL;
}

FILE *freopen(const char *restrict name, const char *restrict mode, FILE *restrict file) {
    (void)name, (void)mode, (void)file;
    refused();
    return NULL;
}

int remove(const char *name) {
    (void)name;
    return refused();
}

int rename(const char *from, const char *to) {
    (void)from, (void)to;
    return refused();
}
