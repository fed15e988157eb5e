#include "conf/errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 1024 };

void errors_init(struct conf_errors *errors)
{
    *errors = (struct conf_errors){.count = 0};
    arena_init(&errors->arena);
}

void errors_free(struct conf_errors *errors)
{
    arena_free(&errors->arena);
    errors_init(errors);
}

__attribute__((format(printf, 4, 0))) static void add(struct conf_errors *errors,
                                                      struct place place, bool is_warning,
                                                      const char *format, va_list arguments)
{
    char text[TEXT_SIZE];
    vsnprintf(text, sizeof text, format, arguments);
    struct conf_error *error = arena_alloc(&errors->arena, sizeof *error);
    const char *copy = arena_text(&errors->arena, text, strlen(text));
    const char *file = arena_text(&errors->arena, place.file, strlen(place.file));
    errors->count += !is_warning;
    if (!error || !copy || !file)
        return;
    *error =
        (struct conf_error){.place = {file, place.line}, .text = copy, .is_warning = is_warning};
    struct conf_error **end = &errors->first;
    while (*end)
        end = &(*end)->next;
    *end = error;
}

void errors_add(struct conf_errors *errors, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(errors, place, false, format, arguments);
    va_end(arguments);
}

void errors_warn(struct conf_errors *errors, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(errors, place, true, format, arguments);
    va_end(arguments);
}

static bool comes_before(const struct conf_error *a, const struct conf_error *b)
{
    int files = strcmp(a->place.file, b->place.file);
    return files < 0 || (files == 0 && a->place.line < b->place.line);
}

/* An insertion sort: it keeps the order of equals, and a person reads the list. */
void errors_sort(struct conf_errors *errors)
{
    struct conf_error *sorted = NULL;
    while (errors->first) {
        struct conf_error *error = errors->first;
        errors->first = error->next;
        struct conf_error **at = &sorted;
        while (*at && !comes_before(error, *at))
            at = &(*at)->next;
        error->next = *at;
        *at = error;
    }
    errors->first = sorted;
}
