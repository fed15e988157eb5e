#include "conf/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *older;
    alignas(max_align_t) char room[];
};

/* A block grows with what there is, so that few services cost little and many few calls. With what
 * an allocator adds they stay below a power of two, and so in the size that it rounds up to. */
enum { SMALLEST = 1024 - 64, LARGEST = 8192 - 64 };

enum { ALIGNMENT = 8 }; /* of pointers and 64-bit numbers: nothing here needs more */

void arena_init(struct arena *arena)
{
    *arena = (struct arena){.left = 0};
}

void arena_init_in(struct arena *arena, void *room, size_t size)
{
    *arena = (struct arena){.next = memset(room, 0, size), .left = size};
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->older;
        free(block);
    }
    arena_init(arena);
}

static struct arena_block *add_block(struct arena *arena, size_t room)
{
    struct arena_block *block = calloc(1, sizeof *block + room);
    if (!block)
        return NULL;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->total += sizeof *block + room;
    return block;
}

/* A piece that is larger than what a block has: a block of its own behind the one in use. */
static void *alloc_alone(struct arena *arena, size_t size)
{
    struct arena_block *newest = arena->blocks;
    struct arena_block *block = add_block(arena, size);
    if (!block)
        return NULL;
    if (newest) {
        block->older = newest->older;
        newest->older = block;
        arena->blocks = newest;
    }
    return block->room;
}

static void *alloc_aligned(struct arena *arena, size_t size, size_t alignment)
{
    size_t gap = (size_t) - (uintptr_t)arena->next % alignment;
    if (gap + size > arena->left) {
        if (size > SMALLEST / 2)
            return alloc_alone(arena, size);
        size_t room = arena->total < SMALLEST ? SMALLEST : arena->total;
        room = room < LARGEST ? room : LARGEST;
        struct arena_block *block = add_block(arena, room);
        if (!block)
            return NULL;
        arena->next = block->room;
        arena->left = room;
        gap = 0;
    }
    char *piece = arena->next + gap;
    arena->next += gap + size;
    arena->left -= gap + size;
    return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return alloc_aligned(arena, size, ALIGNMENT);
}

char *arena_bytes(struct arena *arena, size_t length)
{
    return alloc_aligned(arena, length, 1);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_bytes(arena, length + 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}
