#include "supervisor/instance.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 5 };

static bool is_sign(const char *text)
{
    return text[0] == '%' && text[1] == 'i';
}

/* A copy; NULL where there is no memory. */
static char *replace(const char *text, int instance)
{
    /* A sign of two bytes becomes five digits at the most. */
    char *copy = malloc(strlen(text) * MOST_DIGITS + 1);
    char *end = copy;
    while (copy && *text) {
        if (is_sign(text)) {
            end += sprintf(end, "%d", instance);
            text += 2;
        } else {
            *end++ = *text++;
        }
    }
    if (copy)
        *end = '\0';
    return copy;
}

const char *instance_text(const char *text, int instance)
{
    return instance == 0 ? text : replace(text, instance);
}

char *const *instance_argv(char *const *argv, int instance)
{
    size_t count = 0;
    if (instance == 0)
        return argv;
    while (argv[count])
        count++;
    char **copy = calloc(count + 1, sizeof *copy);
    for (size_t i = 0; copy && i < count; i++)
        if (!(copy[i] = replace(argv[i], instance)))
            return NULL; /* NOLINT(clang-analyzer-unix.Malloc): the child ends */
    return copy;
}
