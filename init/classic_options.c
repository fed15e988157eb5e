#include "init/classic_options.h"

#include "init/message.h"

#include <stdlib.h>
#include <string.h>

static void pass(struct classic_options *o)
{
    /* Before the other words: what is an option is behind us, they are still to come. */
    char *word = *o->words++;
    char **place = o->words - 1 - o->others;
    memmove(place + 1, place, (size_t)o->others * sizeof *place);
    *place = word;
}

/* Takes the word behind an option for its value. */
static bool take_value(struct classic_options *o)
{
    o->value = *o->words;
    if (o->value)
        pass(o);
    return o->value != NULL;
}

static int fail(struct classic_options *o, enum classic_fault fault)
{
    o->fault = fault;
    return '?';
}

static int next_letter(struct classic_options *o)
{
    unsigned char letter = (unsigned char)*o->more++;
    const char *found = letter == ':' || letter > 127 ? NULL : strchr(o->letters, letter);
    const char *rest = *o->more ? o->more : NULL;
    o->letter = letter;
    if (!rest || (found && found[1] == ':'))
        o->more = NULL;
    if (!found)
        return fail(o, FAULT_LETTER_UNKNOWN);
    if (found[1] != ':')
        return letter;
    o->value = rest;
    return rest || take_value(o) ? letter : fail(o, FAULT_LETTER_NEEDS_VALUE);
}

/* The one that the text may be short for, or is. */
static const struct classic_name *find_name(struct classic_options *o, size_t length)
{
    const struct classic_name *found = NULL;
    o->fault = FAULT_NAME_UNKNOWN;
    for (const struct classic_name *name = o->names; name->name; name++) {
        if (strncmp(name->name, o->text, length) != 0)
            continue;
        if (name->name[length] == '\0')
            return name;
        if (found)
            o->fault = FAULT_NAME_AMBIGUOUS;
        found = name;
    }
    return o->fault == FAULT_NAME_AMBIGUOUS ? NULL : found;
}

static int next_name(struct classic_options *o, const char *text)
{
    size_t length = strcspn(text, "=");
    o->text = text;
    o->letter = 0;
    const struct classic_name *found = find_name(o, length);
    if (!found)
        return '?';
    bool has_value = text[length] == '=';
    bool takes_value = strchr(o->letters, found->letter)[1] == ':';
    o->letter = found->letter;
    o->value = has_value ? text + length + 1 : NULL;
    if (has_value && !takes_value)
        return fail(o, FAULT_NAME_TAKES_NONE);
    if (!has_value && takes_value && !take_value(o))
        return fail(o, FAULT_NAME_NEEDS_VALUE);
    return o->letter;
}

/* No options from here on: what we passed over is the first of the others. */
static int end(struct classic_options *o)
{
    o->words -= o->others;
    o->others = 0;
    return -1;
}

int classic_options_next(struct classic_options *o)
{
    if (o->more)
        return next_letter(o);
    for (;; o->words++, o->others++) {
        const char *word = *o->words;
        if (!word)
            return end(o);
        if (word[0] == '-' && word[1] != '\0')
            break;
        if (!o->permutes || getenv("POSIXLY_CORRECT"))
            return end(o);
    }
    const char *word = *o->words;
    pass(o);
    if (strcmp(word, "--") == 0)
        return end(o);
    if (o->names && word[1] == '-')
        return next_name(o, word + 2);
    o->more = word + 1;
    return next_letter(o);
}

static const char *full_name(const struct classic_options *o)
{
    const struct classic_name *name = o->names;
    while (name->letter != o->letter)
        name++;
    return name->name;
}

static void complain_of_ambiguous(const struct classic_options *o)
{
    char line[256];
    char *end = line;
    size_t length = strcspn(o->text, "=");
    for (const struct classic_name *name = o->names; name->name; name++)
        if (strncmp(name->name, o->text, length) == 0)
            end = stpcpy(stpcpy(stpcpy(end, " '--"), name->name), "'");
    message_plain(false, "%s: option '--%s' is ambiguous; possibilities:%s", o->program, o->text,
                  line);
}

void classic_options_complain(const struct classic_options *o)
{
    switch (o->fault) {
    case FAULT_LETTER_UNKNOWN:
        message_plain(false, "%s: invalid option -- '%c'", o->program, o->letter);
        break;
    case FAULT_LETTER_NEEDS_VALUE:
        message_plain(false, "%s: option requires an argument -- '%c'", o->program, o->letter);
        break;
    case FAULT_NAME_UNKNOWN:
        message_plain(false, "%s: unrecognized option '--%s'", o->program, o->text);
        break;
    case FAULT_NAME_AMBIGUOUS:
        complain_of_ambiguous(o);
        break;
    case FAULT_NAME_NEEDS_VALUE:
    case FAULT_NAME_TAKES_NONE:
        message_plain(false, "%s: option '--%s' %s an argument", o->program, full_name(o),
                      o->fault == FAULT_NAME_NEEDS_VALUE ? "requires" : "doesn't allow");
        break;
    }
}
