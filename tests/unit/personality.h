/*
 * Reads a command line as another init does, for its tests. What is printed meanwhile goes nowhere.
 */
#pragma once

#include "init/personality.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings settings;
static struct conf_errors errors;
static struct options options;

static inline enum options_result parse_words(const char *const *words)
{
    static char room[32][64]; /* the settings point into them */
    static char *argv[33];
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc] = strcpy(room[argc], words[argc]);
    argv[argc] = NULL;
    options = (struct options){.settings = &settings, .errors = &errors, .is_pid1 = true};
    errors_free(&errors);
    int out = dup(STDOUT_FILENO);
    int err = dup(STDERR_FILENO);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    enum options_result result = personality_find(argv[0])(&options, argc, argv);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    close(nowhere);
    return result;
}

#define parse(...) parse_words((const char *[]){__VA_ARGS__, NULL})

#define expect_answer(exit_code, ...)                           \
    do {                                                        \
        ck_assert_int_eq(parse(__VA_ARGS__), OPTIONS_ANSWERED); \
        ck_assert_int_eq(options.code, exit_code);              \
    } while (0)

/* The words of the command, with a blank behind each. */
static inline const char *command(void)
{
    static char text[256];
    *text = '\0';
    for (char *const *word = settings.conf.main->argv; *word; word++)
        strcat(strcat(text, *word), " ");
    return text;
}
