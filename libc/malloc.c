/*
 * malloc(3) and its like, for one thread that allocates little: the first piece that is large
 * enough. musl's own is ten times its size, and spreads over more pages and mappings, all of which
 * are copied at each fork.
 *
 * Small pieces are cut from rooms, which are kept; of a room only what was used once is in memory.
 * A large piece is a mapping of its own, and given back.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Stands before what the caller gets, which so begins 8 bytes behind it, at a multiple of 16. */
struct piece {
    size_t size; /* of all of it, a multiple of 16; IS_MAPPED is added to it */
    struct piece
        *next; /* while it is free: the next free one by address. Else it is the caller's */
};

enum {
    HEAD = sizeof(size_t),
    UNIT = 16,
    IS_MAPPED = 1,
    LARGE = 8000, /* so that two pages can be a piece of their own */
    ROOM = 65536,
    PAGE = 4096,
};

/* The first room lies with the variables, and needs no mapping of its own: behind all others, which
 * so are on fewer pages (common). */
__attribute__((common)) _Alignas(UNIT) char libc_room[ROOM];

static struct piece *first_free;
static bool has_room;

static void *memory_of(struct piece *piece)
{
    return (char *)piece + HEAD;
}

static struct piece *piece_of(void *memory)
{
    return (struct piece *)((char *)memory - HEAD);
}

static struct piece *behind(struct piece *piece, size_t size)
{
    return (struct piece *)((char *)piece + size);
}

/* NULL with errno. */
static void *map(size_t size)
{
    void *mapping = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mapping == MAP_FAILED ? NULL : mapping;
}

/* The first piece of a mapping or a room: all of it but UNIT bytes. */
static struct piece *first_piece(void *memory)
{
    return (struct piece *)((char *)memory + HEAD);
}

static void *allocate_large(size_t size)
{
    size = (size + UNIT + PAGE - 1) & ~(size_t)(PAGE - 1);
    void *mapping = map(size);
    if (!mapping)
        return NULL;
    struct piece *piece = first_piece(mapping);
    piece->size = size | IS_MAPPED;
    return memory_of(piece);
}

/* Makes one of both where `next` is right behind `piece`. */
static void link_pieces(struct piece *piece, struct piece *next)
{
    piece->next = next;
    if (!next || next != behind(piece, piece->size))
        return;
    piece->size += next->size;
    piece->next = next->next;
}

static void put_back(struct piece *piece)
{
    struct piece *before = NULL;
    struct piece *next = first_free;
    for (; next && next < piece; next = next->next)
        before = next;
    link_pieces(piece, next);
    if (before)
        link_pieces(before, piece);
    else
        first_free = piece;
}

/* NULL where no free one is large enough. */
static struct piece *take(size_t size)
{
    struct piece **at = &first_free;
    while (*at && (*at)->size < size)
        at = &(*at)->next;
    struct piece *piece = *at;
    if (!piece)
        return NULL;
    size_t left = piece->size - size;
    struct piece *next = piece->next;
    if (left > 0) {
        struct piece *rest = behind(piece, size);
        rest->size = left;
        rest->next = next;
        next = rest;
    }
    *at = next;
    piece->size = size;
    return piece;
}

static bool add_room(void)
{
    void *memory = has_room ? map(ROOM) : libc_room;
    if (!memory)
        return false;
    has_room = true;
    struct piece *piece = first_piece(memory);
    piece->size = ROOM - UNIT;
    put_back(piece);
    return true;
}

void *malloc(size_t size)
{
    if (size > PTRDIFF_MAX - ROOM) {
        errno = ENOMEM;
        return NULL;
    }
    if (size >= LARGE)
        return allocate_large(size);
    size = (size + HEAD + UNIT - 1) & ~(size_t)(UNIT - 1);
    struct piece *piece = take(size);
    if (!piece && add_room())
        piece = take(size);
    return piece ? memory_of(piece) : NULL;
}

void *calloc(size_t count, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(count, size, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    void *memory = malloc(all);
    return memory && all < LARGE ? memset(memory, 0, all) : memory;
}

void free(void *memory)
{
    if (!memory)
        return;
    struct piece *piece = piece_of(memory);
    if (piece->size & IS_MAPPED)
        munmap((char *)piece - HEAD, piece->size - IS_MAPPED);
    else
        put_back(piece);
}

static size_t room_of(void *memory)
{
    size_t size = piece_of(memory)->size;
    return size & IS_MAPPED ? size - IS_MAPPED - UNIT : size - HEAD;
}

void *realloc(void *memory, size_t size)
{
    size_t had = memory ? room_of(memory) : 0;
    if (memory && size <= had)
        return memory;
    void *new = malloc(size);
    if (!new)
        return NULL;
    if (memory)
        memcpy(new, memory, had);
    free(memory);
    return new;
}
