#include "init/options.h"

#include "conf/check.h"
#include "conf/keys.h"
#include "init/classic_options.h"
#include "init/sources.h"

#include <string.h>
#include <unistd.h>

enum { MOST_ROWS = 20 }; /* of the table below */

/* What parsing has come to. */
struct parser {
    struct options *options;
    struct sources sources;
    struct settings *settings;
    const char *value; /* of the option at hand */
    const char *next;  /* the word behind it */
    int level_steps;   /* -v less -q */
    enum options_result result;
    struct classic_options line;
    char letters[2 * MOST_ROWS + 1];
    struct classic_name names[MOST_ROWS + 1];
};

/* Returns false where parsing ends here: p->result says why. */
typedef bool handler(struct parser *p);

static bool on_config(struct parser *p)
{
    sources_add_path(&p->sources, p->value);
    return true;
}

static bool on_set(struct parser *p)
{
    char key[64];
    char origin[80];
    size_t length = strcspn(p->value, "=");
    if (p->value[length] != '=')
        return sources_fail(&p->sources, "-o: '%.200s' has no '=', expected KEY=VALUE", p->value);
    snprintf(key, sizeof key, "%.*s", (int)(length < 60 ? length : 60), p->value);
    snprintf(origin, sizeof origin, "-o %s", key);
    return sources_set_key(&p->sources, key, p->value + length + 1, origin);
}

static bool on_pause(struct parser *p)
{
    p->settings->pause = true;
    return true;
}

static bool on_rewrite(struct parser *p)
{
    return sources_set_key(&p->sources, "rewrite", p->value, "--rewrite");
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
        return sources_fail(&p->sources, "-e: '%s'%s", p->value, wrong);
    exit_codes_add(&p->settings->become_zero, code);
    return true;
}

static bool on_parent_death_signal(struct parser *p)
{
    const char *wrong = value_signal(p->value, &p->settings->parent_death_signal);
    return !wrong || sources_fail(&p->sources, "-p: '%s'%s", p->value, wrong);
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
    return sources_set_key(&p->sources, "log-level", p->value, "--log-level");
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
    return sources_set_key(&p->sources, "log-format", p->value, "--log-format");
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
        return sources_fail_unknown_key(&p->sources, "--help", name);
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

_Static_assert((int)ROWS <= (int)MOST_ROWS, "the parser has no room for all rows");

/* The table for one pass over the words. */
static void begin_pass(struct parser *p)
{
    char *end = p->letters;
    for (int i = 0; i < ROWS; i++) {
        p->names[i] = (struct classic_name){rows[i].name, rows[i].letter};
        *end++ = (char)rows[i].letter;
        if (rows[i].value)
            *end++ = ':';
    }
    *end = '\0';
    p->line = (struct classic_options){
        .words = p->settings->argv + (p->settings->argc > 0),
        .letters = p->letters,
        .names = p->names,
    };
}

static const struct row *find_row(int letter)
{
    for (int i = 0; i < ROWS; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

/* Says what is wrong with an option. */
static bool fail_option(struct parser *p)
{
    const struct classic_options *line = &p->line;
    const struct row *row = find_row(line->letter);
    switch (line->fault) {
    case FAULT_LETTER_NEEDS_VALUE:
    case FAULT_NAME_NEEDS_VALUE:
        return sources_fail(&p->sources, "--%s needs an argument, expected %s", row->name,
                            row->value);
    case FAULT_NAME_TAKES_NONE:
        return sources_fail(&p->sources, "--%s takes no argument, found '--%s'", row->name,
                            line->text);
    case FAULT_LETTER_UNKNOWN:
        return sources_fail(&p->sources, "unknown option '-%c', see reeve --help", line->letter);
    case FAULT_NAME_UNKNOWN:
    case FAULT_NAME_AMBIGUOUS:
        break;
    }
    return sources_fail(&p->sources, "unknown option '--%s', see reeve --help", line->text);
}

/* Goes through the options and handles the early ones or all others. */
static bool handle_options(struct parser *p, bool early)
{
    const int errors = p->options->errors->count;
    begin_pass(p);
    for (;;) {
        int letter = classic_options_next(&p->line);
        if (letter < 0)
            return p->options->errors->count == errors;
        if (letter == '?')
            return fail_option(p);
        p->value = p->line.value;
        p->next = *p->line.words;
        const struct row *row = find_row(letter);
        if (row && row->is_early == early && !row->handle(p) && p->options->errors->count == errors)
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

static bool handle_late_options(void *data)
{
    struct parser *p = data;
    return handle_options(p, false);
}

static bool parse(struct parser *p)
{
    return handle_options(p, true) &&
           sources_gather(&p->sources, p->line.words, handle_late_options, p);
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
    struct parser p = {
        .options = options,
        .settings = options->settings,
    };
    if (sources_init(&p.sources, options, argc, argv) && parse(&p))
        p.result = options->settings->check ? OPTIONS_CHECK : OPTIONS_RUN;
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
