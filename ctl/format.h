/*
 * What people read of services: durations, ends in words, a table whose columns line up. Pure.
 */
#pragma once

#include "ctl/answer.h"

#include <stdio.h>

enum { FORMAT_DURATION_SIZE = 48, FORMAT_EXIT_SIZE = 256, FORMAT_NUMBER_SIZE = 24 };

/* "12s", "3m 12s", "2h 5m", "4d 3h"; "-" for a negative one. Returns `text`. */
const char *format_duration(long long seconds, char text[static FORMAT_DURATION_SIZE]);

/*
 * How its last run ended: "exit code 3", "killed by SIGSEGV, core dumped", "killed by SIGKILL, out
 * of memory", "cannot start: No such file or directory (exec)"; "" where there was none. Returns
 * `text`.
 */
const char *format_exit(const struct status *status, char text[static FORMAT_EXIT_SIZE]);

/* A status that was copied out of its line. */
struct status_row {
    struct status_row *next;
    char name[64];
    char state[16];
    char health[16];
    char pid[FORMAT_NUMBER_SIZE];
    char uptime[FORMAT_DURATION_SIZE];
    char restarts[FORMAT_NUMBER_SIZE];
    char exit[FORMAT_EXIT_SIZE];
};

void format_row(const struct status *status, struct status_row *row);

/* How wide each column is: as its widest text, its heading included. */
struct status_widths {
    int name;
    int state;
    int health;
    int pid;
    int uptime;
    int restarts;
};

struct status_widths format_widths(const struct status_row *rows);

/* The heading, or a row, without the end of the line. Colours the state where `in_colour`. */
void format_print_heading(FILE *out, const struct status_widths *widths);
void format_print_row(FILE *out, const struct status_row *row, const struct status_widths *widths,
                      bool in_colour);
