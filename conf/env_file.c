#include "conf/env_file.h"

#include <stdio.h>
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

/* What stands in quotes: one word, which may be empty. */
static const char *take_word(struct arena *arena, const char *value, struct words_source *source,
                             char error[static WORDS_ERROR_SIZE])
{
    struct words words;
    if (!words_split(arena, value, source, &words, error))
        return NULL;
    return words.word[0];
}

/* What follows the quote that closes the one at `value`. */
static const char *behind_quotes(const char *value)
{
    struct quote_state state = {.quote = QUOTE_NONE};
    do
        quote_next(&state, *value++);
    while (*value != '\0' && state.quote != QUOTE_NONE);
    return value;
}

/* A shell would go on with the same word: `"a"b` is more likely a quote too many. */
static const char *take_quoted(struct arena *arena, const char *value, struct words_source *source,
                               char error[static WORDS_ERROR_SIZE])
{
    const char *rest = behind_quotes(value);
    if (rest[strspn(rest, blanks)] == '\0')
        return take_word(arena, value, source, error);
    snprintf(error, WORDS_ERROR_SIZE, "something is behind the closing quote");
    return NULL;
}

/* The length of ${...} at `text`; of all of it where that is not closed. */
static size_t variable_length(const char *text)
{
    size_t length = strcspn(text, "}");
    return length + (text[length] == '}');
}

/* The value in "...", with a \ before all that would have a meaning there, but for ${...}. */
static char *quote(struct arena *arena, const char *value)
{
    char *quoted = arena_bytes(arena, 2 * strlen(value) + 3);
    char *end = quoted;
    if (!quoted)
        return NULL;
    *end++ = '"';
    while (*value != '\0') {
        size_t length = strncmp(value, "${", 2) == 0 ? variable_length(value) : 1;
        if (length == 1 && strchr("$`\"\\", *value))
            *end++ = '\\';
        for (; length > 0; length--)
            *end++ = *value++;
    }
    *end++ = '"';
    *end = '\0';
    return quoted;
}

static bool has_variable(const char *value)
{
    while ((value = strchr(value, '$')) && value[1] != '{')
        value++;
    return value != NULL;
}

const char *env_file_value(struct arena *arena, const char *value, struct words_source *source,
                           char error[static WORDS_ERROR_SIZE])
{
    if (*value == '"' || *value == '\'')
        return take_quoted(arena, value, source, error);
    if (!has_variable(value))
        return value;
    const char *quoted = quote(arena, value);
    if (quoted)
        return take_word(arena, quoted, source, error);
    snprintf(error, WORDS_ERROR_SIZE, "out of memory");
    return NULL;
}
