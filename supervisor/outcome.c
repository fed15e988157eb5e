#include "supervisor/outcome.h"

#include "conf/signal_name.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

int outcome_exit_code(int wait_status)
{
    if (WIFSIGNALED(wait_status))
        return 128 + WTERMSIG(wait_status);
    return WEXITSTATUS(wait_status);
}

int outcome_spawn_code(const struct spawn_error *error)
{
    return error->stage == SPAWN_EXEC && error->error == ENOENT ? 127 : 126;
}

const char *outcome_describe(int wait_status, char text[static OUTCOME_TEXT_SIZE])
{
    char name[SIGNAL_NAME_SIZE];
    if (WIFSIGNALED(wait_status))
        snprintf(text, OUTCOME_TEXT_SIZE, "killed by %s%s",
                 signal_name(WTERMSIG(wait_status), name),
                 WCOREDUMP(wait_status) ? " (core dumped)" : "");
    else
        snprintf(text, OUTCOME_TEXT_SIZE, "exited with code %d", WEXITSTATUS(wait_status));
    return text;
}
