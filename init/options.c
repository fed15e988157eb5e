#include "init/options.h"

#include "conf/check.h"
#include "conf/keys.h"
#include "conf/read.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What parsing has come to. */
struct parser {
    struct options *options;
    struct settings *settings;
    struct service_conf *command; /* the one command, as a service */
    const char *value;            /* of the option at hand */
    const char *next;             /* the word behind it */
    int level_steps;              /* -v less -q */
    enum options_result result;
    const char **paths; /* of -c */
    int path_count;
};

/* Returns false where parsing ends here: p->result says why. */
typedef bool handler(struct parser *p);

static const struct place command_line = {"command line", NO_FILE};

static bool fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct parser *p, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    errors_add(p->options->errors, command_line, "%s", text);
    p->result = OPTIONS_ERROR;
    return false;
}

static bool fail_unknown_key(struct parser *p, const char *origin, const char *name)
{
    const char *meant = key_suggest(name);
    return meant ? fail(p, "%s: unknown key '%s', did you mean '%s'?", origin, name, meant)
                 : fail(p, "%s: unknown key '%s', see reeve.ini(5)", origin, name);
}

/* Sets a key for an option or variable that users know as `origin`. */
static bool set_key(struct parser *p, const char *name, const char *text, const char *origin)
{
    const struct key *key = key_find(name);
    if (!key)
        return fail_unknown_key(p, origin, name);
    if (strcmp(name, "command") == 0)
        return fail(p, "%s: the command is what stands behind the options", origin);
    if (key_assign(key, &p->settings->conf, p->command, text, origin, command_line,
                   p->options->errors))
        return true;
    p->result = OPTIONS_ERROR;
    return false;
}

static bool on_config(struct parser *p)
{
    p->paths[p->path_count++] = p->value;
    return true;
}

static bool on_set(struct parser *p)
{
    char key[64];
    char origin[80];
    size_t length = strcspn(p->value, "=");
    if (p->value[length] != '=')
        return fail(p, "-o: '%.200s' has no '=', expected KEY=VALUE", p->value);
    snprintf(key, sizeof key, "%.*s", (int)(length < 60 ? length : 60), p->value);
    snprintf(origin, sizeof origin, "-o %s", key);
    return set_key(p, key, p->value + length + 1, origin);
}

static bool on_pause(struct parser *p)
{
    p->settings->pause = true;
    return true;
}

static bool on_rewrite(struct parser *p)
{
    return set_key(p, "rewrite", p->value, "--rewrite");
}

static bool on_group(struct parser *p)
{
    p->settings->forward_to_group = true;
    return true;
}

static bool on_remap_exit(struct parser *p)
{
    int code = 0;
    const char *wrong = value_exit_code(p->value, &code);
    if (wrong)
        return fail(p, "-e: '%s'%s", p->value, wrong);
    exit_codes_add(&p->settings->become_zero, code);
    return true;
}

static bool on_parent_death_signal(struct parser *p)
{
    const char *wrong = value_signal(p->value, &p->settings->parent_death_signal);
    return !wrong || fail(p, "-p: '%s'%s", p->value, wrong);
}

static bool on_subreaper(struct parser *p)
{
    (void)p; /* reeve becomes one by itself */
    return true;
}

static bool on_check(struct parser *p)
{
    p->settings->check = true;
    p->options->errors->is_check = true;
    return true;
}

static bool on_log_level(struct parser *p)
{
    return set_key(p, "log-level", p->value, "--log-level");
}

static bool on_verbose(struct parser *p)
{
    p->level_steps++;
    return true;
}

static bool on_quiet(struct parser *p)
{
    p->level_steps--;
    return true;
}

static bool on_log_format(struct parser *p)
{
    return set_key(p, "log-format", p->value, "--log-format");
}

static bool on_version(struct parser *p)
{
    p->result = OPTIONS_VERSION;
    return false;
}

static bool on_help(struct parser *p)
{
    const char *name = p->next;
    p->result = OPTIONS_HELP;
    if (!name || *name == '-')
        return false;
    if (!key_find(name))
        return fail_unknown_key(p, "--help", name);
    p->options->key = name;
    p->result = OPTIONS_HELP_KEY;
    return false;
}

/*
 * One row an option; letters beyond 127 stand for an option that has none. An early one is handled
 * before files are read, any other behind the files and the environment, over which it wins.
 */
static const struct row {
    int letter;
    const char *name;
    const char *value; /* what its argument is called; NULL: it takes none */
    handler *handle;
    bool is_early;
    const char *help;
} rows[] = {
    {'c', "config", "FILE|DIR", on_config, true, "read services from it; may be repeated"},
    {'o', "set", "KEY=VALUE", on_set, false, "set a configuration key, see --help KEY"},
    {'P', "pause", NULL, on_pause, true, "run nothing, reap until TERM or INT"},
    {'r', "rewrite", "FROM:TO", on_rewrite, false, "pass signal FROM on as TO; 0 swallows it"},
    {'g', "group", NULL, on_group, true, "forward signals to its process group"},
    {'e', "remap-exit", "N", on_remap_exit, true, "exit code N of the command counts as 0"},
    {'p', "parent-death-signal", "SIG", on_parent_death_signal, true,
     "be told when our parent dies"},
    {'s', "subreaper", NULL, on_subreaper, true, "nothing: without PID 1 it is always done"},
    {128, "check", NULL, on_check, true, "check the configuration, start nothing"},
    {129, "log-level", "LEVEL", on_log_level, false, "error, warn, info or debug"},
    {'v', "verbose", NULL, on_verbose, true, "say more, a level each time"},
    {'q', "quiet", NULL, on_quiet, true, "say less, a level each time"},
    {130, "log-format", "FORMAT", on_log_format, false, "text or json"},
    {'V', "version", NULL, on_version, true, "print the version"},
    {'h', "help", NULL, on_help, true, "print this, or what a configuration KEY means"},
};

enum { ROWS = sizeof rows / sizeof *rows };

/* Environment variables, for engines that cannot pass options; one row each. */
static const struct {
    const char *name;
    const char *key;
} variables[] = {
    {"REEVE_LOG_LEVEL", "log-level"},
    {"REEVE_LOG_FORMAT", "log-format"},
    {"REEVE_SHUTDOWN_TIMEOUT", "shutdown-timeout"},
};

static bool apply_environment(struct parser *p)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].name);
        if (value && *value && !set_key(p, variables[i].key, value, variables[i].name))
            return false;
    }
    return true;
}

/* The table as getopt_long(3) wants it. "+": options end at the first other word; ":": it returns
 * ':' for a missing argument. */
static void make_getopt(char letters[static 2 * ROWS + 3], struct option options[static ROWS + 1])
{
    char *end = stpcpy(letters, "+:");
    for (int i = 0; i < ROWS; i++) {
        options[i] = (struct option){.name = rows[i].name,
                                     .has_arg = rows[i].value ? required_argument : no_argument,
                                     .val = rows[i].letter};
        if (rows[i].letter < 128) {
            *end++ = (char)rows[i].letter;
            if (rows[i].value)
                *end++ = ':';
        }
    }
    *end = '\0';
    options[ROWS] = (struct option){0};
}

static const struct row *find_row(int letter)
{
    for (int i = 0; i < ROWS; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

/* getopt_long() returned ':' or '?' for `word`: says what is wrong with it. */
static bool fail_option(struct parser *p, int result, const char *word)
{
    const struct row *row = find_row(optopt);
    if (row && result == ':')
        return fail(p, "--%s needs an argument, expected %s", row->name, row->value);
    if (row)
        return fail(p, "--%s takes no argument, found '%s'", row->name, word);
    if (optopt != 0)
        return fail(p, "unknown option '-%c', see reeve --help", optopt);
    return fail(p, "unknown option '%s', see reeve --help", word);
}

/* Goes through the options and handles the early ones or all others. */
static bool handle_options(struct parser *p, int argc, char **argv, bool early)
{
    char letters[2 * ROWS + 3];
    struct option options[ROWS + 1];
    make_getopt(letters, options);
    opterr = 0;
    optind = 0; /* begin at the beginning, here and in musl */
    for (;;) {
        int letter = getopt_long(argc, argv, letters, options, NULL);
        if (letter < 0)
            return p->result != OPTIONS_ERROR;
        if (letter == ':' || letter == '?')
            return fail_option(p, letter, argv[optind - 1]);
        p->value = optarg;
        p->next = argv[optind];
        const struct row *row = find_row(letter);
        if (row && row->is_early == early && !row->handle(p) && p->result != OPTIONS_ERROR)
            return false; /* else on to what else is wrong */
    }
}

/* -v and -q are steps from what the level is otherwise. */
static void apply_level_steps(struct parser *p)
{
    int level = (int)p->settings->conf.log_level + p->level_steps;
    if (level < LEVEL_ERROR)
        level = LEVEL_ERROR;
    if (level > LEVEL_DEBUG)
        level = LEVEL_DEBUG;
    p->settings->conf.log_level = (enum log_level)level;
    p->settings->is_verbose = p->level_steps > 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Where services may be read from when nobody says it. */
static void add_standard_paths(struct parser *p)
{
    static const char *const standard[] = {"/etc/reeve.ini", "/etc/reeve.d"};
    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
        if (conf_path_has_files(standard[i]))
            p->paths[p->path_count++] = standard[i];
}

/* REEVE_CONFIG is for engines that cannot pass options. A service that calls a reeve of its own
 * must not start everything again. */
static void add_paths_of_environment(struct parser *p, bool has_command)
{
    const char *config = getenv("REEVE_CONFIG");
    if (config && *config && p->path_count == 0 && (p->options->is_pid1 || !has_command))
        p->paths[p->path_count++] = config;
}

static bool read_files(struct parser *p, char **command)
{
    struct settings *settings = p->settings;
    if (settings->pause) {
        if (*command)
            return fail(p, "--pause runs no command, found '%s'", *command);
        return p->path_count == 0 || fail(p, "--pause runs no services, found -c %s", p->paths[0]);
    }
    add_paths_of_environment(p, *command != NULL);
    if (p->path_count == 0 && !*command)
        add_standard_paths(p);
    if (p->path_count == 0)
        return *command ||
               fail(p, "no command and no configuration, expected reeve [OPTION...] [--] "
                       "COMMAND [ARG...] or reeve -c FILE|DIR");
    settings->has_files = true;
    settings->conf.log_level = LEVEL_INFO;
    conf_read_paths(&settings->conf, p->paths, p->path_count, !p->options->is_again,
                    p->options->errors);
    return true;
}

/* From here on -o may set keys of it. */
static bool begin_command(struct parser *p)
{
    p->command = conf_new_command(&p->settings->conf, command_line);
    return p->command || fail(p, "out of memory");
}

/* Nothing that was asked for is dropped without a word. */
static bool expect_no_key_of_command(struct parser *p)
{
    const struct key *key = key_first_written(p->settings->conf.service_written);
    return !key || fail(p,
                        "the key '%s' is for a command, but there is none: write it into "
                        "[service NAME]",
                        key->name);
}

static struct service_conf *find_main(const struct conf *conf)
{
    struct service_conf *service = conf->services;
    while (service && !service->is_main)
        service = service->next;
    return service;
}

/* The command becomes the main service, in place of one that a file calls main. */
static bool add_command(struct parser *p, char **command)
{
    struct conf *conf = &p->settings->conf;
    if (!*command)
        return expect_no_key_of_command(p);
    const struct service_conf *replaced = find_main(conf);
    if (replaced) {
        conf->replaced_main = replaced->name;
        conf_remove(conf, replaced);
    }
    p->command->name = base_name(*command);
    p->command->argv = command;
    p->command->is_main = true;
    const char *fault = p->settings->has_files ? conf_find_name_fault(p->command->name) : NULL;
    if (fault)
        return fail(p, "the command '%.60s' as a service %s", p->command->name, fault);
    if (conf_find_service(conf, p->command->name))
        return fail(p, "the command would be the service '%s', which a file has already",
                    p->command->name);
    if (!p->command->starts)
        return fail(p, "-o start: a command is always started");
    check_service(conf, p->command, "-o", NULL, p->options->errors);
    if (!conf_add(conf, p->command))
        return fail(p, "out of memory");
    conf->main = p->command;
    return true;
}

static bool parse(struct parser *p, int argc, char **argv)
{
    bool has_options = handle_options(p, argc, argv, true);
    char **command = argv + optind;
    bool is_complete = has_options && read_files(p, command) && begin_command(p) &&
                       apply_environment(p) && handle_options(p, argc, argv, false) &&
                       add_command(p, command);
    check_all(&p->settings->conf, p->options->errors);
    return is_complete;
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
    static char room[1024]; /* for the one command no heap is needed before it runs */
    static char group_room[512];
    struct settings *settings = options->settings;
    *settings = (struct settings){.argc = argc, .argv = argv};
    conf_init(&settings->conf);
    if (!options->is_again) {
        arena_init_in(&settings->conf.arena, room, sizeof room);
        arena_init_in(&settings->conf.groups, group_room, sizeof group_room);
    }
    struct parser p = {
        .options = options,
        .settings = settings,
        .paths = arena_alloc(&settings->conf.arena, ((size_t)argc + 2) * sizeof *p.paths),
    };
    if (!p.paths)
        fail(&p, "out of memory");
    else if (parse(&p, argc, argv))
        p.result = settings->check ? OPTIONS_CHECK : OPTIONS_RUN;
    if (options->errors->count > 0)
        p.result = OPTIONS_ERROR;
    errors_sort(options->errors);
    apply_level_steps(&p);
    return p.result;
}

void options_print_help(FILE *out)
{
    fputs("Usage: reeve [OPTION...] [--] COMMAND [ARG...]\n"
          "       reeve [OPTION...] -c FILE|DIR... [-- COMMAND [ARG...]]\n"
          "Run COMMAND, or services, as the init of a container.\n\n",
          out);
    for (int i = 0; i < ROWS; i++) {
        char names[64];
        char letter[5] = "";
        if (rows[i].letter < 128)
            snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
        snprintf(names, sizeof names, "%s--%s%s%s", letter, rows[i].name, rows[i].value ? " " : "",
                 rows[i].value ? rows[i].value : "");
        fprintf(out, "  %-32s%s\n", names, rows[i].help);
    }
}

void options_print_key(FILE *out, const char *name)
{
    const struct key *key = key_find(name);
    fprintf(out, "%s\n    %s\n", key->name, key->help);
    if (*key->standard)
        fprintf(out, "    default: %s\n", key->standard);
    fprintf(out, "    in: %s%s\n", key->section == SECTION_REEVE ? "[reeve]" : "[service NAME]",
            key->adds_up ? "; may be given several times" : "");
}
