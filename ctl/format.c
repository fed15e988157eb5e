#include "ctl/format.h"

#include "ctl/escape.h"

#include <string.h>

#define GAP "  " /* between two columns */

/* --- texts ------------------------------------------------------------------------------------ */

const char *format_duration(long long seconds, char text[static FORMAT_DURATION_SIZE])
{
    const long long minutes = seconds / 60;
    const long long hours = minutes / 60;
    const long long days = hours / 24;
    if (seconds < 0)
        snprintf(text, FORMAT_DURATION_SIZE, "-");
    else if (minutes == 0)
        snprintf(text, FORMAT_DURATION_SIZE, "%llds", seconds);
    else if (hours == 0)
        snprintf(text, FORMAT_DURATION_SIZE, "%lldm %llds", minutes, seconds % 60);
    else if (days == 0)
        snprintf(text, FORMAT_DURATION_SIZE, "%lldh %lldm", hours, minutes % 60);
    else
        snprintf(text, FORMAT_DURATION_SIZE, "%lldd %lldh", days, hours % 24);
    return text;
}

/* Behind a signal: both can be true, and the one that ended it says more than its dump. */
static const char *manner(const struct status *status)
{
    if (status->out_of_memory)
        return ", out of memory";
    return status->core_dumped ? ", core dumped" : "";
}

const char *format_exit(const struct status *status, char text[static FORMAT_EXIT_SIZE])
{
    char raw[FORMAT_EXIT_SIZE];
    if (status->error)
        snprintf(raw, sizeof raw, "cannot start: %s", status->error);
    else if (status->signal)
        snprintf(raw, sizeof raw, "killed by SIG%s%s", status->signal, manner(status));
    else if (status->exit_code >= 0)
        snprintf(raw, sizeof raw, "exit code %lld", status->exit_code);
    else
        raw[0] = '\0';
    escape_text(text, FORMAT_EXIT_SIZE, raw);
    return text;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void put_number(char text[static FORMAT_NUMBER_SIZE], long long number)
{
    if (number < 0)
        snprintf(text, FORMAT_NUMBER_SIZE, "-");
    else
        snprintf(text, FORMAT_NUMBER_SIZE, "%lld", number);
}

void format_row(const struct status *status, struct status_row *row)
{
    const char *health = strcmp(status->health, "none") == 0 ? "-" : status->health;
    escape_text(row->name, sizeof row->name, status->name);
    escape_text(row->state, sizeof row->state, status->state);
    escape_text(row->health, sizeof row->health, health);
    put_number(row->pid, status->pid);
    format_duration(status->uptime_s, row->uptime);
    put_number(row->restarts, status->restarts);
    format_exit(status, row->exit);
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct status_row heading = {
    .name = "NAME",
    .state = "STATE",
    .health = "HEALTH",
    .pid = "PID",
    .uptime = "UPTIME",
    .restarts = "RESTARTS",
    .exit = "LAST EXIT",
};

/* Characters, not bytes: those of UTF-8 that continue one do not count. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void widen(int *width, const char *text)
{
    if (*width < width_of(text))
        *width = width_of(text);
}

static void widen_all(struct status_widths *widths, const struct status_row *row)
{
    widen(&widths->name, row->name);
    widen(&widths->state, row->state);
    widen(&widths->health, row->health);
    widen(&widths->pid, row->pid);
    widen(&widths->uptime, row->uptime);
    widen(&widths->restarts, row->restarts);
}

struct status_widths format_widths(const struct status_row *rows)
{
    struct status_widths widths = {0};
    widen_all(&widths, &heading);
    for (const struct status_row *row = rows; row; row = row->next)
        widen_all(&widths, row);
    return widths;
}

/* As select graphic rendition (SGR) of ECMA-48 numbers them. */
static const char *colour_of(const char *state)
{
    static const struct {
        char state[12];
        char colour[4];
    } rows[] = {
        {"up", "32"},       {"done", "32"},    {"starting", "33"}, {"waiting", "33"},
        {"stopping", "33"}, {"backoff", "33"}, {"failed", "31"},   {"down", "2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].state, state) == 0)
            return rows[i].colour;
    return NULL;
}

static void print_padding(FILE *out, int width, const char *text)
{
    fprintf(out, "%*s", width - width_of(text), "");
}

static void print_left(FILE *out, int width, const char *text)
{
    fputs(text, out);
    print_padding(out, width, text);
    fputs(GAP, out);
}

static void print_right(FILE *out, int width, const char *text)
{
    print_padding(out, width, text);
    fputs(text, out);
}

static void print_state(FILE *out, int width, const char *state, const char *colour)
{
    if (!colour) {
        print_left(out, width, state);
        return;
    }
    fprintf(out, "\x1b[%sm%s\x1b[0m", colour, state);
    print_padding(out, width, state);
    fputs(GAP, out);
}

void format_print_row(FILE *out, const struct status_row *row, const struct status_widths *widths,
                      bool in_colour)
{
    print_left(out, widths->name, row->name);
    print_state(out, widths->state, row->state, in_colour ? colour_of(row->state) : NULL);
    print_left(out, widths->health, row->health);
    print_right(out, widths->pid, row->pid);
    fputs(GAP, out);
    print_left(out, widths->uptime, row->uptime);
    print_right(out, widths->restarts, row->restarts);
    if (row->exit[0] != '\0')
        fprintf(out, GAP "%s", row->exit);
}

void format_print_heading(FILE *out, const struct status_widths *widths)
{
    format_print_row(out, &heading, widths, false);
}
