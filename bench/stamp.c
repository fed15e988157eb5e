/* stamp [FILE]: writes the monotonic time of its first instruction, in ns, to FILE or standard
 * output, and waits. */
#include "raw.h"

static void start(long *stack)
{
    unsigned long now = now_ns();
    long out = 1;
    if (stack[0] > 1)
        out = call(__NR_open, stack[2], 1 /* O_WRONLY */, 0, 0);
    call(__NR_write, out, (long)&now, sizeof now, 0);
    for (;;)
        call(__NR_pause, 0, 0, 0, 0);
}
