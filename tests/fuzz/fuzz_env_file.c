/*
 * libFuzzer: any bytes as a line of a file of variables. It is taken, or it is said why not; what
 * comes out without a quote or a variable in it is what went in.
 */
#include "conf/env_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool what)
{
    if (!what)
        abort();
}

static const char *look_up(const char *name)
{
    return strlen(name) % 2 ? "it's \"a\" ${B} $$ \\c " : NULL;
}

static void take_value(const char *text)
{
    struct arena arena;
    struct words_source source = {.lookup = look_up};
    char error[WORDS_ERROR_SIZE] = "";
    arena_init(&arena);
    const char *value = env_file_value(&arena, text, &source, error);
    expect(value || *error != '\0');
    if (*text != '"' && *text != '\'' && !strstr(text, "${"))
        expect(value && strcmp(value, text) == 0);
    if (value && *text == '\'')
        expect(strncmp(value, text + 1, strlen(value)) == 0);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *name = NULL;
    const char *value = NULL;
    char *line = strndup((const char *)data, size);
    switch (env_file_line(line, &name, &value)) {
    case ENV_LINE_NONE:
    case ENV_LINE_BAD:
        break;
    case ENV_LINE_NAME:
        expect(name && *name != '\0' && !value);
        break;
    case ENV_LINE_VARIABLE:
        expect(name && *name != '\0' && !strpbrk(name, " \t="));
        take_value(value);
        break;
    }
    free(line);
    return 0;
}
