/*
 * Memory that children do not get: a fork copies neither its page tables nor, when one of the two
 * writes to it afterwards, its pages. It is for what changes with every start.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct own_memory {
    void *start; /* zeroed; NULL: there is none */
    size_t size;
};

/* Returns false where there is no memory. */
bool own_memory_map(struct own_memory *memory, size_t size);
void own_memory_unmap(struct own_memory *memory);

/* Whether children that are forked from now on get it all the same. */
void own_memory_share(const struct own_memory *memory, bool is_shared);
