#include "init/message.h"

#include "ctl/escape.h"

#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    enum log_level level;
    enum log_format format;
    int fd;
    int output; /* for what goes to standard output */
    unsigned long lost;
    message_prefix *prefix;
} out = {.level = LEVEL_WARN, .fd = STDERR_FILENO, .output = STDOUT_FILENO};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void message_setup(enum log_level level, enum log_format format)
{
    out.level = level;
    out.format = format;
}

void message_set_prefix(message_prefix *prefix)
{
    out.prefix = prefix;
}

void message_set_files(int fd, int output)
{
    out.fd = fd;
    out.output = output;
}

bool message_begin(struct message *m, enum log_level level, const char *service, const char *event)
{
    if (level > out.level)
        return false;
    m->level = level;
    m->service = service;
    m->length = 0;
    if (out.format == FORMAT_JSON) {
        json_begin(&m->json, m->line, sizeof m->line);
        json_now(&m->json, "ts");
        json_string(&m->json, "level", level_names[level]);
        json_string(&m->json, "service", service);
        json_string(&m->json, "event", event);
    }
    return true;
}

/* Appends what fits; there is always room for the end of the line. */
static void put(struct message *m, const char *text)
{
    m->length += escape_text(m->line + m->length, sizeof m->line - 1 - m->length, text);
}

static void put_sentence(struct message *m, const char *format, va_list arguments)
{
    char sentence[2048];
    vsnprintf(sentence, sizeof sentence, format, arguments);
    put(m, sentence);
}

static void put_whole_sentence(struct message *m, const char *format, va_list arguments)
{
    char prefix[MESSAGE_PREFIX_SIZE];
    if (out.prefix)
        out.prefix(m->level, prefix);
    else
        strcpy(prefix, m->level == LEVEL_WARN ? "reeve: warning: " : "reeve: ");
    put(m, prefix);
    if (m->service) {
        m->length += escape_text(m->line + m->length, 256, m->service);
        put(m, ": ");
    }
    put_sentence(m, format, arguments);
}

void message_text(struct message *m, const char *format, ...)
{
    if (out.format == FORMAT_JSON)
        return;
    va_list arguments;
    va_start(arguments, format);
    put_whole_sentence(m, format, arguments);
    va_end(arguments);
}

void message_bare_text(struct message *m, const char *format, ...)
{
    if (out.format == FORMAT_JSON)
        return;
    va_list arguments;
    va_start(arguments, format);
    put_sentence(m, format, arguments);
    va_end(arguments);
}

void message_number(struct message *m, const char *name, long long value)
{
    if (out.format == FORMAT_JSON)
        json_number(&m->json, name, value);
}

void message_null(struct message *m, const char *name)
{
    if (out.format == FORMAT_JSON)
        json_null(&m->json, name);
}

void message_true(struct message *m, const char *name)
{
    if (out.format == FORMAT_JSON)
        json_bool(&m->json, name, true);
}

void message_string(struct message *m, const char *name, const char *value)
{
    if (out.format == FORMAT_JSON)
        json_string(&m->json, name, value);
}

static bool can_write(int fd)
{
    struct pollfd descriptor = {.fd = fd, .events = POLLOUT};
    return poll(&descriptor, 1, 0) == 1 && (descriptor.revents & POLLOUT);
}

/*
 * Writes without ever waiting: RWF_NOWAIT says so to the kernel. What does not know that flag, as
 * pipes before Linux 6.4 and terminals, or would only have to wait for its disk, is polled and
 * written plainly. Then a child that shares a pipe may fill it between the two; and a terminal is
 * ready when it has room for one byte, so the file is one that does not block where it is our
 * controlling terminal, and a line that was cut counts as lost.
 */
static bool write_at_once(int fd, char *line, size_t length)
{
    struct iovec part = {.iov_base = line, .iov_len = length};
    ssize_t written = syscall(SYS_pwritev2, fd, &part, 1, -1L, -1L, RWF_NOWAIT);
    if (written < 0 && !can_write(fd))
        return false;
    if (written < 0)
        written = write(fd, line, length);
    return written < 0 ? errno != EAGAIN : (size_t)written == length;
}

static bool finish(struct message *m)
{
    if (out.format == FORMAT_JSON)
        m->length = json_end(&m->json);
    else
        m->line[m->length++] = '\n';
    return write_at_once(out.fd, m->line, m->length);
}

void message_say_lost(void)
{
    struct message m;
    if (out.lost == 0 || !message_begin(&m, LEVEL_ERROR, NULL, "lost"))
        return;
    message_text(&m, "%lu message%s lost while standard error was full", out.lost,
                 out.lost == 1 ? " was" : "s were");
    message_number(&m, "count", (long long)out.lost);
    if (finish(&m))
        out.lost = 0;
}

void message_send(struct message *m)
{
    message_say_lost();
    if (out.lost > 0 || !finish(m))
        out.lost++;
}

void message_say(enum log_level level, const char *service, const char *format, ...)
{
    struct message m;
    char sentence[2048];
    va_list arguments;
    if (!message_begin(&m, level, service, "message"))
        return;
    va_start(arguments, format);
    if (out.format == FORMAT_JSON) {
        vsnprintf(sentence, sizeof sentence, format, arguments);
        message_string(&m, "text", sentence);
    } else {
        put_whole_sentence(&m, format, arguments);
    }
    va_end(arguments);
    message_send(&m);
}

void message_plain(bool to_output, const char *format, ...)
{
    char line[PIPE_BUF];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    strcat(line, "\n");
    if (!write_at_once(to_output ? out.output : out.fd, line, strlen(line)))
        out.lost++;
}
