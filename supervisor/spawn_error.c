#include "supervisor/spawn_error.h"

#include <errno.h>

const char *spawn_stage_name(enum spawn_stage stage)
{
    switch (stage) {
    case SPAWN_PIPE:
        return "pipe";
    case SPAWN_CHANNEL:
        return "channel";
    case SPAWN_FORK:
        return "fork";
    case SPAWN_SESSION:
        return "session";
    case SPAWN_TERMINAL:
        return "terminal";
    case SPAWN_STDIN:
        return "stdin";
    case SPAWN_STDOUT:
        return "stdout";
    case SPAWN_STDERR:
        return "stderr";
    case SPAWN_ENVIRONMENT:
        return "environment";
    case SPAWN_DIRECTORY:
        return "directory";
    case SPAWN_OWNERSHIP:
        return "ownership";
    case SPAWN_IDENTITY:
        return "identity";
    case SPAWN_CAPABILITIES:
        return "capabilities";
    case SPAWN_EXEC:
        return "exec";
    }
    return "?";
}

bool spawn_error_is_permanent(const struct spawn_error *error)
{
    switch (error->error) {
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ETXTBSY:
    case EIO:
        return false;
    default:
        return true;
    }
}
