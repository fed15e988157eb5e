/*
 * Whom the kernel has killed because the container's memory was full. It tells nobody but by a
 * counter of the memory cgroup.
 */
#pragma once

#include <stdbool.h>

struct oom {
    int counter; /* the file that has it; -1: none */
    long kills;  /* that are known; -1: it cannot be told */
};

void oom_init(struct oom *oom);

/*
 * A child of ours was killed by SIGKILL, and not by us: was it the kernel? Each kill that it counts
 * explains one such end.
 */
bool oom_explains_kill(struct oom *oom);
