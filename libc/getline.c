/* getline(3), byte by byte: musl's own looks into the buffer of the file, for long ones. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool make_room(char **line, size_t *size, size_t needed)
{
    if (*line && needed <= *size)
        return true;
    char *more = realloc(*line, 2 * needed);
    if (!more)
        return false;
    *line = more;
    *size = 2 * needed;
    return true;
}

ssize_t getline(char **line, size_t *size, FILE *file)
{
    size_t length = 0;
    int byte = 0;
    while (byte != '\n' && (byte = getc(file)) != EOF) {
        if (!make_room(line, size, length + 2))
            return -1;
        (*line)[length++] = (char)byte;
    }
    if (length == 0 || ferror(file))
        return -1;
    (*line)[length] = '\0';
    return (ssize_t)length;
}
