/*
 * Memory that is given out in pieces and freed at once.
 */
#pragma once

#include <stddef.h>

struct arena {
    struct arena_block *blocks;
    char *next; /* free room of the newest block */
    size_t left;
    size_t total; /* bytes taken from the heap */
};

void arena_init(struct arena *arena);

/* Begins with `size` bytes of the caller's, which have to stay: few pieces then need no heap. */
void arena_init_in(struct arena *arena, void *room, size_t size);
void arena_free(struct arena *arena);

/* Zeroed, and aligned for pointers and 64-bit numbers; NULL where there is no memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* Zeroed bytes for text, without any alignment; NULL where there is no memory. */
char *arena_bytes(struct arena *arena, size_t length);

/* A copy of `length` bytes and a NUL; NULL where there is no memory. */
char *arena_text(struct arena *arena, const char *text, size_t length);
