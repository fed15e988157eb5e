#include "init/options.h"

#include "conf/keys.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What parsing has come to. */
struct parser {
    struct settings *settings;
    const char *value; /* of the option at hand */
    int level_steps;   /* -v less -q */
    enum options_result result;
    char *error;
};

/* Returns false where parsing ends here: p->result says why. */
typedef bool handler(struct parser *p);

static bool fail(struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct parser *p, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(p->error, OPTIONS_ERROR_SIZE, format, arguments);
    va_end(arguments);
    p->result = OPTIONS_ERROR;
    return false;
}

/* Sets a key for an option or variable that users know as `origin`. */
static bool set_key(struct parser *p, const char *key, const char *value, const char *origin)
{
    char error[KEY_ERROR_SIZE];
    return keys_set(&p->settings->conf, key, value, origin, error) || fail(p, "%s", error);
}

static bool on_config(struct parser *p)
{
    return fail(p, "-c %s: configuration files are not supported yet", p->value);
}

static bool on_set(struct parser *p)
{
    char error[KEY_ERROR_SIZE];
    return keys_assign(&p->settings->conf, p->value, error) || fail(p, "%s", error);
}

static bool on_pause(struct parser *p)
{
    p->settings->pause = true;
    return true;
}

static bool on_rewrite(struct parser *p)
{
    return set_key(p, "rewrite", p->value, "-r");
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
    p->settings->becomes_zero[code] = true;
    return true;
}

static bool on_parent_death_signal(struct parser *p)
{
    int sig = signal_parse(p->value);
    if (sig == 0)
        return fail(p, "-p: '%s' is no signal, expected for example TERM, SIGTERM or 15",
                    p->value);
    p->settings->parent_death_signal = sig;
    return true;
}

static bool on_subreaper(struct parser *p)
{
    (void)p; /* reeve becomes one by itself */
    return true;
}

static bool on_check(struct parser *p)
{
    return fail(p, "--check: configuration files are not supported yet");
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
    p->result = OPTIONS_HELP;
    return false;
}

/* One row an option; letters beyond 127 stand for an option that has none. */
static const struct {
    int letter;
    const char *name;
    const char *value; /* what its argument is called; NULL: it takes none */
    handler *handle;
    const char *help;
} rows[] = {
    {'c', "config", "FILE|DIR", on_config, "read services from it; may be repeated"},
    {'o', "set", "KEY=VALUE", on_set, "set a configuration key"},
    {'P', "pause", NULL, on_pause, "run nothing, reap until TERM or INT"},
    {'r', "rewrite", "FROM:TO", on_rewrite, "pass signal FROM on as TO; 0 swallows it"},
    {'g', "group", NULL, on_group, "forward signals to its process group"},
    {'e', "remap-exit", "N", on_remap_exit, "exit code N of the command counts as 0"},
    {'p', "parent-death-signal", "SIG", on_parent_death_signal, "be told when our parent dies"},
    {'s', "subreaper", NULL, on_subreaper, "nothing: without PID 1 it is always done"},
    {128, "check", NULL, on_check, "check the configuration, start nothing"},
    {129, "log-level", "LEVEL", on_log_level, "error, warn, info or debug"},
    {'v', "verbose", NULL, on_verbose, "say more, a level each time"},
    {'q', "quiet", NULL, on_quiet, "say less, a level each time"},
    {130, "log-format", "FORMAT", on_log_format, "text or json"},
    {'V', "version", NULL, on_version, "print the version"},
    {'h', "help", NULL, on_help, "print this"},
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

static bool parse_environment(struct parser *p)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].name);
        if (value && !set_key(p, variables[i].key, value, variables[i].name))
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

static bool handle_option(struct parser *p, int letter)
{
    for (int i = 0; i < ROWS; i++)
        if (rows[i].letter == letter)
            return rows[i].handle(p);
    return true;
}

/* getopt_long() returned ':' or '?' for `word`: says what is wrong with it. */
static bool fail_option(struct parser *p, int result, const char *word)
{
    for (int i = 0; i < ROWS; i++) {
        if (optopt == 0 || rows[i].letter != optopt)
            continue;
        if (result == ':')
            return fail(p, "--%s needs an argument, expected %s", rows[i].name, rows[i].value);
        return fail(p, "--%s takes no argument, found '%s'", rows[i].name, word);
    }
    if (optopt != 0)
        return fail(p, "unknown option '-%c', see reeve --help", optopt);
    return fail(p, "unknown option '%s', see reeve --help", word);
}

static bool parse_options(struct parser *p, int argc, char **argv)
{
    char letters[2 * ROWS + 3];
    struct option options[ROWS + 1];
    make_getopt(letters, options);
    opterr = 0;
    for (;;) {
        int letter = getopt_long(argc, argv, letters, options, NULL);
        if (letter < 0)
            return true;
        if (letter == ':' || letter == '?')
            return fail_option(p, letter, argv[optind - 1]);
        p->value = optarg;
        if (!handle_option(p, letter))
            return false;
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
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool parse_command(struct parser *p, char **command, bool is_pid1)
{
    struct settings *settings = p->settings;
    const char *config = getenv("REEVE_CONFIG");
    if (config && (is_pid1 || !*command))
        return fail(p, "REEVE_CONFIG: '%s': configuration files are not supported yet", config);
    if (settings->pause)
        return !*command || fail(p, "--pause runs no command, found '%s'", *command);
    if (!*command)
        return fail(p, "no command, expected reeve [OPTION...] [--] COMMAND [ARG...]");
    settings->conf.main.argv = command;
    settings->conf.main.name = base_name(*command);
    return true;
}

enum options_result options_parse(struct settings *settings, int argc, char **argv, bool is_pid1,
                                  char error[static OPTIONS_ERROR_SIZE])
{
    *settings = (struct settings){.pause = false};
    conf_init(&settings->conf);
    struct parser p = {.settings = settings, .result = OPTIONS_RUN, .error = error};
    if (parse_environment(&p) && parse_options(&p, argc, argv) &&
        parse_command(&p, argv + optind, is_pid1))
        p.result = OPTIONS_RUN;
    apply_level_steps(&p);
    return p.result;
}

void options_print_help(FILE *out)
{
    fputs("Usage: reeve [OPTION...] [--] COMMAND [ARG...]\n"
          "Run COMMAND as the init of a container: forward signals, reap, pass its code on.\n\n",
          out);
    for (int i = 0; i < ROWS; i++) {
        char names[64];
        char letter[5] = "";
        if (rows[i].letter < 128)
            snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
        snprintf(names, sizeof names, "%s--%s%s%s", letter, rows[i].name,
                 rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
        fprintf(out, "  %-32s%s\n", names, rows[i].help);
    }
}
