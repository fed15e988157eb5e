#include "supervisor/notify_message.h"

#include <limits.h>
#include <string.h>

/* A part of the datagram. */
struct text {
    const char *start;
    size_t length;
};

static bool is_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Takes the next line off the rest; it may be empty. False where nothing is left. */
static bool take_line(struct text *rest, struct text *line)
{
    if (rest->length == 0)
        return false;
    *line = (struct text){.start = rest->start};
    while (line->length < rest->length && !is_end(rest->start[line->length]))
        line->length++;
    size_t taken = line->length < rest->length ? line->length + 1 : line->length;
    rest->start += taken;
    rest->length -= taken;
    return true;
}

static bool is_text(struct text line, const char *expected)
{
    return line.length == strlen(expected) && memcmp(line.start, expected, line.length) == 0;
}

/* What follows NAME= in a line that begins with it. */
static bool take_value(struct text line, const char *name, struct text *value)
{
    size_t length = strlen(name);
    if (line.length < length || memcmp(line.start, name, length) != 0)
        return false;
    *value = (struct text){.start = line.start + length, .length = line.length - length};
    return true;
}

/* A number of any length, but never more than `most`; false where it is none. */
static bool take_number(struct text line, const char *name, int64_t most, int64_t *number)
{
    struct text digits;
    if (!take_value(line, name, &digits) || digits.length == 0)
        return false;
    int64_t sum = 0;
    for (size_t i = 0; i < digits.length; i++) {
        int digit = digits.start[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        sum = sum > (most - digit) / 10 ? most : sum * 10 + digit;
    }
    *number = sum;
    return true;
}

static void read_flag(struct notify_message *message, struct text line)
{
    message->is_ready |= is_text(line, "READY=1");
    message->is_reloading |= is_text(line, "RELOADING=1");
    message->is_stopping |= is_text(line, "STOPPING=1");
    message->is_watchdog |= is_text(line, "WATCHDOG=1");
    message->wants_watchdog_trigger |= is_text(line, "WATCHDOG=trigger");
    message->is_barrier |= is_text(line, "BARRIER=1");
}

static void read_value(struct notify_message *message, struct text line)
{
    struct text status;
    int64_t number;
    if (take_value(line, "STATUS=", &status)) {
        message->status = status.start;
        message->status_length = status.length;
    }
    if (take_number(line, "MAINPID=", INT64_C(1) + INT_MAX, &number) && number > 0 &&
        number <= INT_MAX)
        message->main_pid = (pid_t)number;
    if (take_number(line, "EXTEND_TIMEOUT_USEC=", NOTIFY_DURATION_MAX_US, &number))
        message->extend_us = number;
    if (take_number(line, "WATCHDOG_USEC=", NOTIFY_DURATION_MAX_US, &number))
        message->watchdog_us = number;
}

void notify_message_parse(struct notify_message *message, const char *data, size_t size)
{
    static const struct notify_message nothing = {.extend_us = -1, .watchdog_us = -1};
    struct text rest = {.start = data, .length = size > NOTIFY_MESSAGE_MAX ? 0 : size};
    struct text line;
    rest.length = strnlen(data, rest.length);
    *message = nothing;
    while (take_line(&rest, &line)) {
        read_flag(message, line);
        read_value(message, line);
    }
    if (message->is_barrier) {
        *message = nothing;
        message->is_barrier = true;
    }
}
