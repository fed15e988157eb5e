#include "supervisor/child_env.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

void child_env_prepare(pid_t reeve, pid_t child)
{
    static const char listen_pid[] = "LISTEN_PID=";
    static char listen_child[sizeof listen_pid + 12];
    char **kept = environ;
    for (char **variable = environ; *variable; variable++) {
        if (has_prefix(*variable, "REEVE_") && !has_prefix(*variable, "REEVE_CONTROL="))
            continue;
        *kept = *variable;
        if (has_prefix(*variable, listen_pid) &&
            strtol(*variable + sizeof listen_pid - 1, NULL, 10) == reeve) {
            snprintf(listen_child, sizeof listen_child, "%s%d", listen_pid, (int)child);
            *kept = listen_child;
        }
        kept++;
    }
    *kept = NULL;
}
