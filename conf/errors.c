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
    if (errors->last)
        errors->last->next = error;
    else
        errors->first = error;
    errors->last = error;
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

static struct conf_error *merge(struct conf_error *first, struct conf_error *second)
{
    struct conf_error *merged = NULL;
    struct conf_error **end = &merged;
    while (first && second) {
        struct conf_error **from = comes_before(second, first) ? &second : &first;
        *end = *from;
        end = &(*end)->next;
        *from = *end;
    }
    *end = first ? first : second;
    return merged;
}

/* A merge sort, which keeps the order of equals: list n is empty or has 2^n errors. */
void errors_sort(struct conf_errors *errors)
{
    enum { LISTS = 32 };
    struct conf_error *lists[LISTS] = {NULL};
    struct conf_error *sorted = NULL;
    size_t n;
    while (errors->first) {
        struct conf_error *carry = errors->first;
        errors->first = carry->next;
        carry->next = NULL;
        for (n = 0; lists[n]; n++) {
            carry = merge(lists[n], carry);
            lists[n] = NULL;
        }
        lists[n] = carry;
    }
    for (n = 0; n < LISTS; n++)
        sorted = merge(lists[n], sorted);
    errors->first = errors->last = sorted;
    while (errors->last && errors->last->next)
        errors->last = errors->last->next;
}
