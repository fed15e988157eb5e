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

static int next_letter(struct classic_options *o)
{
    char letter = *o->more++;
    const char *found = letter == ':' ? NULL : strchr(o->letters, letter);
    const char *rest = *o->more ? o->more : NULL;
    if (!rest || (found && found[1] == ':'))
        o->more = NULL;
    if (!found) {
        message_plain(false, "%s: invalid option -- '%c'", o->program, letter);
        return '?';
    }
    if (found[1] != ':')
        return letter;
    o->value = rest;
    if (rest || take_value(o))
        return letter;
    message_plain(false, "%s: option requires an argument -- '%c'", o->program, letter);
    return '?';
}

/* The names that `text` may be short for; it is one of these alone if it is all of it. */
static int find_names(const struct classic_name *names, const char *text, size_t length,
                      const struct classic_name *found[static 2])
{
    int count = 0;
    for (; names->name; names++) {
        if (strncmp(names->name, text, length) != 0)
            continue;
        if (count < 2)
            found[count] = names;
        count++;
        if (names->name[length] == '\0') {
            *found = names;
            return 1;
        }
    }
    return count;
}

static void say_ambiguous(const struct classic_options *o, const char *text, size_t length)
{
    char line[256];
    char *end = line;
    for (const struct classic_name *name = o->names; name->name; name++)
        if (strncmp(name->name, text, length) == 0)
            end = stpcpy(stpcpy(stpcpy(end, " '--"), name->name), "'");
    message_plain(false, "%s: option '--%s' is ambiguous; possibilities:%s", o->program, text,
                  line);
}

static int next_name(struct classic_options *o, const char *text)
{
    const struct classic_name *found[2];
    size_t length = strcspn(text, "=");
    int count = find_names(o->names, text, length, found);
    if (count == 0) {
        message_plain(false, "%s: unrecognized option '--%s'", o->program, text);
        return '?';
    }
    if (count > 1) {
        say_ambiguous(o, text, length);
        return '?';
    }
    bool has_value = text[length] == '=';
    bool takes_value = strchr(o->letters, (*found)->letter)[1] == ':';
    o->value = has_value ? text + length + 1 : NULL;
    const char *wrong = NULL;
    if (has_value && !takes_value)
        wrong = "doesn't allow";
    else if (!has_value && takes_value && !take_value(o))
        wrong = "requires";
    if (!wrong)
        return (*found)->letter;
    message_plain(false, "%s: option '--%s' %s an argument", o->program, (*found)->name, wrong);
    return '?';
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
