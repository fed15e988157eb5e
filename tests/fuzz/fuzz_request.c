/*
 * libFuzzer: any bytes as a line of a client. A request, written anew from what was understood of
 * it, is the same one.
 */
#include "ctl/request.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const questions[] = {
    [HEALTH_SERVING] = "",
    [HEALTH_LIVE] = " --live",
    [HEALTH_READY] = " --ready",
};

static bool can_wait(enum command command)
{
    return command == COMMAND_START || command == COMMAND_STOP || command == COMMAND_RESTART ||
           command == COMMAND_RELOAD_SERVICE;
}

/* Room for it: a line, and what is short in it in full. */
static void write_anew(char line[static 2 * REQUEST_SIZE], const struct request *request)
{
    const char *name = request->names;
    char *end = line + sprintf(line, "%s", command_name(request->command));
    if (request->command == COMMAND_SIGNAL)
        end += sprintf(end, " %d", request->sig);
    if (can_wait(request->command) && !request->waits)
        end += sprintf(end, " --no-wait");
    end += sprintf(end, "%s --", questions[request->question]);
    for (int i = 0; i < request->count; i++, name = request_next_name(name)) {
        if (*name == '\0' || strchr(name, ' '))
            abort();
        end += sprintf(end, " %s", name);
    }
}

static void compare(const struct request *first, const struct request *second)
{
    const char *a = first->names;
    const char *b = second->names;
    if (first->command != second->command || first->question != second->question ||
        first->waits != second->waits || first->sig != second->sig || first->count != second->count)
        abort();
    for (int i = 0; i < first->count; i++, a = request_next_name(a), b = request_next_name(b))
        if (strcmp(a, b) != 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char anew[2 * REQUEST_SIZE];
    char error[REQUEST_ERROR_SIZE] = "";
    struct request first;
    struct request second;
    char *line = strndup((const char *)data, size < REQUEST_SIZE ? size : REQUEST_SIZE - 1);
    if (!request_parse(line, &first, error)) {
        if (*error == '\0' || !memchr(error, '\0', sizeof error))
            abort();
    } else {
        write_anew(anew, &first);
        if (!request_parse(anew, &second, error))
            abort();
        compare(&first, &second);
    }
    free(line);
    return 0;
}
