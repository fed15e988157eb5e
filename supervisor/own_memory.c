#include "supervisor/own_memory.h"

#include <sys/mman.h>

bool own_memory_map(struct own_memory *memory, size_t size)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        return false;
    *memory = (struct own_memory){.start = start, .size = size};
    own_memory_share(memory, false);
    return true;
}

void own_memory_unmap(struct own_memory *memory)
{
    if (memory->start)
        munmap(memory->start, memory->size);
    *memory = (struct own_memory){.size = 0};
}

void own_memory_share(const struct own_memory *memory, bool is_shared)
{
    /* Where it fails for want of memory, forks are only slower, or the child that needs it fails.
     */
    if (memory->start)
        madvise(memory->start, memory->size, is_shared ? MADV_DOFORK : MADV_DONTFORK);
}
