/*
 * The first code of the static build: what musl's start code does not do yet.
 *
 * A static PIE relocates itself, a few hundred pointers of our tables. One takes 24 bytes in the
 * classic form and mostly one bit in the packed one (DT_RELR, of the generic ELF ABI), which musl
 * knows from 1.2.4 on. Before that its _start leaves them as they are, so they are relocated here.
 *
 * Nothing is set up when this runs: no stack protector, no errno, no call of libc.
 */
#include <elf.h>
#include <stdint.h>

/* Given by the linker: where the file begins in memory, and its dynamic section. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern Elf64_Dyn _DYNAMIC[] __attribute__((visibility("hidden")));

enum { TAG_RELRSZ = 35, TAG_RELR = 36 }; /* musl's elf.h has no names for them */

/* What _DYNAMIC says, or 0. Afterwards it says 0: a newer musl must not relocate a second time. */
static uint64_t take_dynamic(int64_t tag)
{
    uint64_t value = 0;
    for (Elf64_Dyn *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == tag) {
            value = entry->d_un.d_val;
            entry->d_un.d_val = 0;
        }
    }
    return value;
}

/*
 * An even word of the table is the address of a pointer. An odd one is about the 63 words behind
 * the last: each that has its bit set is a pointer. All of them lack where the file was mapped.
 */
__attribute__((used)) static void start_relocate(void)
{
    uint64_t base = (uint64_t)&__ehdr_start;
    const uint64_t *entry = (const uint64_t *)(base + take_dynamic(TAG_RELR));
    const uint64_t *end = entry + take_dynamic(TAG_RELRSZ) / sizeof *entry;
    uint64_t *word = (uint64_t *)base;
    for (; entry < end; entry++) {
        if (*entry % 2 == 0) {
            word = (uint64_t *)(base + *entry);
            *word++ += base;
            continue;
        }
        for (int i = 0; i < 63; i++)
            if (*entry >> (i + 1) & 1)
                word[i] += base;
        word += 63;
    }
}

/* The stack is aligned for a call, and _start finds it as the kernel has left it. */
__asm__(".section .text.start,\"ax\",@progbits\n"
        ".global start\n"
        "start:\n"
        "    xor %ebp, %ebp\n"
        "    call start_relocate\n"
        "    jmp _start\n"
        ".previous\n");
