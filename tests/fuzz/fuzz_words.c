/*
 * libFuzzer: any bytes as a value. What comes out, quoted again, comes out the same.
 */
#include "conf/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *lookup(const char *name)
{
    return strlen(name) % 2 ? "it's \"a\" $B ; \\c" : NULL;
}

/* Every word in '…', a ' as '\''. */
static char *quote(const struct words *words)
{
    size_t size = 1;
    for (int i = 0; i < words->count; i++)
        size += 4 * strlen(words->word[i]) + 3;
    char *text = malloc(size);
    char *end = text;
    for (int i = 0; i < words->count; i++) {
        *end++ = '\'';
        for (const char *c = words->word[i]; *c; c++)
            end = *c == '\'' ? stpcpy(end, "'\\''") : stpncpy(end, c, 1);
        *end++ = '\'';
        *end++ = ' ';
    }
    *end = '\0';
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct words first;
    struct words second;
    char error[WORDS_ERROR_SIZE] = "";
    struct words_source source = {.lookup = lookup, .lenient = size % 2 == 0};
    char *text = strndup((const char *)data, size);
    arena_init(&arena);
    if (!words_split(&arena, text, &source, &first, error)) {
        if (*error == '\0')
            abort();
    } else {
        char *quoted = quote(&first);
        if (!words_split(&arena, quoted, &source, &second, error) || second.count != first.count)
            abort();
        for (int i = 0; i < first.count; i++)
            if (strcmp(first.word[i], second.word[i]) != 0)
                abort();
        free(quoted);
    }
    arena_free(&arena);
    free(text);
    return 0;
}
