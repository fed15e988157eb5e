#include "conf/env_file.h"

#include <string.h>

static const char blanks[] = " \t";

enum env_line env_file_line(char *line, const char **name, const char **value)
{
    size_t length = strcspn(line, "\n");
    length -= length > 0 && line[length - 1] == '\r';
    line[length] = '\0';
    line += strspn(line, blanks);
    if (*line == '\0' || *line == '#')
        return ENV_LINE_NONE;
    char *equals = strchr(line, '=');
    if (equals)
        *equals = '\0';
    if (*line == '\0' || strpbrk(line, blanks))
        return ENV_LINE_BAD;
    *name = line;
    *value = equals ? equals + 1 : NULL;
    return equals ? ENV_LINE_VARIABLE : ENV_LINE_NAME;
}
