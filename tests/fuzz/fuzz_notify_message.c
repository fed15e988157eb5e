/*
 * libFuzzer: any bytes as a datagram. Whatever comes out lies within it and within its limits, a
 * line that says nothing changes nothing, and saying it all twice changes nothing, either.
 */
#include "supervisor/notify_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_limits(const struct notify_message *message, const char *text, size_t size)
{
    require(message->main_pid >= 0);
    require(message->extend_us >= -1 && message->extend_us <= NOTIFY_DURATION_MAX_US);
    require(message->watchdog_us >= -1 && message->watchdog_us <= NOTIFY_DURATION_MAX_US);
    require(!message->is_barrier || !(message->is_ready || message->status || message->main_pid));
    if (!message->status) {
        require(message->status_length == 0);
        return;
    }
    require(message->status > text && message->status + message->status_length <= text + size);
    for (size_t i = 0; i < message->status_length; i++)
        require(!strchr("\r\n", message->status[i])); /* nor NUL, which strchr() finds, too */
}

static void check_same(const struct notify_message *a, const struct notify_message *b)
{
    require(a->is_ready == b->is_ready && a->is_reloading == b->is_reloading);
    require(a->is_stopping == b->is_stopping && a->is_barrier == b->is_barrier);
    require(a->is_watchdog == b->is_watchdog);
    require(a->wants_watchdog_trigger == b->wants_watchdog_trigger);
    require(a->main_pid == b->main_pid && a->status_length == b->status_length);
    require(a->extend_us == b->extend_us && a->watchdog_us == b->watchdog_us);
    require(!a->status == !b->status);
    require(!a->status || memcmp(a->status, b->status, a->status_length) == 0);
}

/* The text, `middle`, and the text once more, or not. */
static void check_longer(const struct notify_message *message, const char *text, size_t size,
                         const char *middle, bool is_twice)
{
    struct notify_message longer;
    size_t length = strlen(middle);
    size_t whole = size + length + (is_twice ? size : 0);
    char *copy = malloc(whole + 1);
    memcpy(copy, text, size);
    strcpy(copy + size, middle);
    if (is_twice)
        memcpy(copy + size + length, text, size);
    notify_message_parse(&longer, copy, whole);
    if (whole <= NOTIFY_MESSAGE_MAX)
        check_same(&longer, message);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct notify_message message;
    char *text = malloc(size + !size); /* of its own, so that a byte behind it is seen to be read */
    memcpy(text, data, size);
    notify_message_parse(&message, text, size);
    check_limits(&message, text, size);
    check_longer(&message, text, size, "\nX_A=READY=1\nMAINPID=0\n", false);
    check_longer(&message, text, size, "\n", true);
    free(text);
    return 0;
}
