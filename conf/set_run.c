/* The keys of a service that say what runs, after what, and with what around it. */
#include "conf/setters.h"

#include <string.h>

DEFINE_OWN(io)
DEFINE_OWN(environment)
DEFINE_OWN(rewrite)

bool set_command(struct assignment *a)
{
    return read_argv(a, &a->service->argv);
}

bool set_type(struct assignment *a)
{
    static const char *const types[] = {"simple", "oneshot", "forking"};
    int type;
    if (!read_choice(a, types, 3, " is no type, expected simple, oneshot or forking", &type))
        return false;
    a->service->type = (uint8_t)type;
    return true;
}

/* Adds NAME[:CONDITION]. */
static bool add_dependency(struct assignment *a, const char *word)
{
    static const char *const conditions[] = {"", "started", "ready", "healthy", "completed"};
    static const char expected[] =
        " has no such condition, expected started, ready, healthy or completed behind the ':'";
    int condition = CONDITION_DEFAULT;
    size_t length = strcspn(word, ":");
    if (length == 0)
        return refuse(a, word, " names no service");
    if (word[length] == ':' &&
        (word[length + 1] == '\0' ||
         value_choice(word + length + 1, conditions, 5, expected, &condition)))
        return refuse(a, word, expected);
    struct dependency *dependency = new_item(a, sizeof *dependency);
    const char *name = new_text(a, word, length);
    if (!dependency || !name)
        return false;
    struct dependency **end = &a->service->depends_on;
    while (*end)
        end = &(*end)->next;
    *dependency = (struct dependency){.name = name, .condition = (enum condition)condition};
    *end = dependency;
    return true;
}

bool set_depends_on(struct assignment *a)
{
    for (int i = 0; i < a->words->count; i++)
        if (!add_dependency(a, a->words->word[i]))
            return false;
    return true;
}

static bool add_text(struct assignment *a, struct text_list **list, const char *word)
{
    struct text_list *item = new_item(a, sizeof *item);
    const char *text = new_text(a, word, strlen(word));
    if (!item || !text)
        return false;
    while (*list)
        list = &(*list)->next;
    item->text = text;
    *list = item;
    return true;
}

bool set_after(struct assignment *a)
{
    for (int i = 0; i < a->words->count; i++)
        if (!add_text(a, &a->service->after, a->words->word[i]))
            return false;
    return true;
}

bool set_main(struct assignment *a)
{
    return read_bool(a, &a->service->is_main);
}

bool set_essential(struct assignment *a)
{
    return read_bool(a, &a->service->is_essential);
}

bool set_start(struct assignment *a)
{
    return read_bool(a, &a->service->starts);
}

bool set_instances(struct assignment *a)
{
    int instances;
    if (!read_number(a, 1, 1000, &instances))
        return false;
    a->service->instances = (uint16_t)instances;
    return true;
}

bool set_rewrite(struct assignment *a)
{
    struct rewrite_conf *rewrite;
    struct signal_map map = a->service->rewrite->map;
    if (a->words->count == 0)
        return refuse(a, NULL, "the value is empty, expected FROM:TO, for example HUP:USR2");
    for (int i = 0; i < a->words->count; i++)
        if (!accept_word(a, a->words->word[i], value_rewrite(a->words->word[i], &map)))
            return false;
    if (!(rewrite = own_rewrite(a)))
        return false;
    rewrite->map = map;
    return true;
}

static bool read_umask(struct assignment *a, int *mask)
{
    const char *word = only_word(a);
    if (!word)
        return false;
    size_t digits = strspn(word, "01234567");
    int value = 0;
    if (digits == 0 || digits > 4 || word[digits] != '\0')
        return refuse(a, word, " is no umask, expected an octal number, for example 022");
    for (size_t i = 0; i < digits; i++)
        value = value * 8 + (word[i] - '0');
    if (value > 0777)
        return refuse(a, word, " is too large a umask, expected at most 0777");
    *mask = value;
    return true;
}

static bool read_stdin(struct assignment *a, bool *inherit)
{
    static const char *const kinds[] = {"null", "inherit"};
    int index;
    if (!read_choice(a, kinds, 2, " is no standard input, expected null or inherit", &index))
        return false;
    *inherit = index == 1;
    return true;
}

/* Names of a descriptor that a program already has: to open them anew may fail, to inherit not. */
static bool is_inherited_descriptor(const char *path)
{
    static const char *const names[] = {
        "inherit",         "/dev/stdout",     "/dev/stderr",  "/dev/fd/1",    "/dev/fd/2",
        "/proc/self/fd/1", "/proc/self/fd/2", "/proc/1/fd/1", "/proc/1/fd/2",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

static bool read_output(struct assignment *a, struct output *output)
{
    const char *word = only_word(a);
    *output = (struct output){.kind = OUTPUT_INHERIT};
    if (!word)
        return false;
    if (is_inherited_descriptor(word))
        return true;
    if (strcmp(word, "null") == 0) {
        output->kind = OUTPUT_NULL;
        return true;
    }
    if (*word != '/')
        return refuse(a, word, " is no output, expected inherit, null or an absolute path");
    output->kind = OUTPUT_FILE;
    return read_text(a, &output->path);
}

DEFINE_SET(set_directory, io, directory, const char *, read_absolute_path)
DEFINE_SET(set_umask, io, umask, int, read_umask)
DEFINE_SET(set_stdin, io, stdin_inherit, bool, read_stdin)
DEFINE_SET(set_tty, io, tty, bool, read_bool)
DEFINE_SET(set_stdout, io, out, struct output, read_output)
DEFINE_SET(set_stderr, io, err, struct output, read_output)
DEFINE_SET(set_clear_env, environment, clear, bool, read_bool)

/* Adds a step to the environment; texts that are NULL stay so. */
static bool add_env_item(struct assignment *a, struct env_item item)
{
    struct environment_conf *environment = own_environment(a);
    struct env_item *copy = new_item(a, sizeof *copy);
    if (!environment || !copy)
        return false;
    if (item.text && !(item.text = new_text(a, item.text, strlen(item.text))))
        return false;
    if (item.path && !(item.path = new_text(a, item.path, strlen(item.path))))
        return false;
    struct env_item **end = &environment->items;
    while (*end)
        end = &(*end)->next;
    *copy = item;
    *end = copy;
    return true;
}

bool set_environment(struct assignment *a)
{
    for (int i = 0; i < a->words->count; i++) {
        const char *word = a->words->word[i];
        if (*word == '=' || !strchr(word, '='))
            return refuse(a, word, " is no variable, expected NAME=VALUE");
        if (!add_env_item(a, (struct env_item){.kind = ENV_VARIABLE, .text = word}))
            return false;
    }
    return true;
}

bool set_env_file(struct assignment *a)
{
    for (int i = 0; i < a->words->count; i++) {
        const char *word = a->words->word[i];
        bool may_be_missing = *word == '-';
        const char *path = word + may_be_missing;
        if (*path != '/')
            return refuse(a, word,
                          " is no absolute path, expected one, or -PATH where it may be missing");
        if (!add_env_item(a, (struct env_item){
                                 .kind = ENV_FILE, .path = path, .may_be_missing = may_be_missing}))
            return false;
    }
    return true;
}

bool set_env_from_file(struct assignment *a)
{
    for (int i = 0; i < a->words->count; i++) {
        char *word = a->words->word[i];
        char *colon = strchr(word, ':');
        if (!colon || colon == word || colon[1] != '/' || memchr(word, '=', (size_t)(colon - word)))
            return refuse(a, word, " is no secret, expected NAME:PATH with an absolute path");
        *colon = '\0'; /* the words are ours */
        if (!add_env_item(a,
                          (struct env_item){.kind = ENV_SECRET, .text = word, .path = colon + 1}))
            return false;
    }
    return true;
}
