#include "conf/setters.h"

#include <stdio.h>
#include <string.h>

bool refuse(struct assignment *a, const char *bad, const char *wrong)
{
    a->bad = bad;
    a->wrong = wrong;
    return false;
}

bool accept_word(struct assignment *a, const char *word, const char *wrong)
{
    return !wrong || refuse(a, word, wrong);
}

const char *only_word(struct assignment *a)
{
    if (a->words->count == 1)
        return a->words->word[0];
    if (a->words->count == 0)
        refuse(a, NULL, "the value is empty");
    else
        refuse(a, a->words->word[1], " is one word too many, expected one: quote blanks in it");
    return NULL;
}

void *new_item(struct assignment *a, size_t size)
{
    void *item = arena_alloc(&a->conf->arena, size);
    if (!item)
        refuse(a, NULL, "out of memory");
    return item;
}

void *new_group(struct assignment *a, const void *standard, size_t size)
{
    void *copy = arena_alloc(&a->conf->groups, size);
    if (copy)
        memcpy(copy, standard, size);
    else
        refuse(a, NULL, "out of memory");
    return copy;
}

const char *new_text(struct assignment *a, const char *text, size_t length)
{
    const char *copy = arena_text(&a->conf->arena, text, length);
    if (!copy)
        refuse(a, NULL, "out of memory");
    return copy;
}

char *const *keep_argv(struct assignment *a, int first)
{
    int count = a->words->count - first;
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += strlen(a->words->word[first + i]) + 1;
    char **argv = new_item(a, ((size_t)count + 1) * sizeof *argv);
    char *text = arena_bytes(&a->conf->arena, length);
    if (!argv || !text) {
        refuse(a, NULL, "out of memory");
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        argv[i] = text;
        text = stpcpy(text, a->words->word[first + i]) + 1;
    }
    return argv;
}

bool read_duration(struct assignment *a, int64_t *ms)
{
    const char *word = only_word(a);
    return word && accept_word(a, word, value_duration(word, ms));
}

bool read_some_duration(struct assignment *a, int64_t *ms)
{
    int64_t read_ms;
    if (!read_duration(a, &read_ms))
        return false;
    if (read_ms == 0)
        return refuse(a, a->words->word[0], " is no time at all, expected more than 0");
    *ms = read_ms;
    return true;
}

bool read_bool(struct assignment *a, bool *value)
{
    const char *word = only_word(a);
    return word && accept_word(a, word, value_bool(word, value));
}

bool read_signal(struct assignment *a, int *sig)
{
    const char *word = only_word(a);
    return word && accept_word(a, word, value_signal(word, sig));
}

bool read_number(struct assignment *a, int least, int most, int *number)
{
    const char *word = only_word(a);
    const char *wrong = word ? value_number(word, least, most, number) : NULL;
    if (wrong) {
        snprintf(a->detail, sizeof a->detail, "%s, expected a number from %d to %d", wrong, least,
                 most);
        wrong = a->detail;
    }
    return word && accept_word(a, word, wrong);
}

bool read_choice(struct assignment *a, const char *const *choices, int count, const char *expected,
                 int *index)
{
    const char *word = only_word(a);
    return word && accept_word(a, word, value_choice(word, choices, count, expected, index));
}

bool read_text(struct assignment *a, const char **text)
{
    const char *word = only_word(a);
    const char *copy = word ? new_text(a, word, strlen(word)) : NULL;
    if (copy)
        *text = copy;
    return copy != NULL;
}

bool read_absolute_path(struct assignment *a, const char **path)
{
    const char *word = only_word(a);
    if (!word)
        return false;
    if (*word != '/')
        return refuse(a, word, " is no absolute path, expected one that begins with '/'");
    return read_text(a, path);
}

bool read_argv(struct assignment *a, char *const **argv)
{
    if (a->words->count == 0 || *a->words->word[0] == '\0')
        return refuse(a, NULL, "the value is empty, expected a program and its arguments");
    *argv = keep_argv(a, 0);
    return *argv != NULL;
}
