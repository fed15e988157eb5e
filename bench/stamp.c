/* Writes the monotonic time of its first instruction, in ns, to standard output, and waits. */
#include "raw.h"

static void start(long *stack)
{
    unsigned long now = now_ns();
    (void)stack;
    call(__NR_write, 1, (long)&now, sizeof now, 0);
    for (;;)
        call(__NR_pause, 0, 0, 0, 0);
}
