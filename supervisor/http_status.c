#include "supervisor/http_status.h"

#include <stdbool.h>

/* What stands where: 0 for any digit, N for the end of the code, each other byte for itself. */
static const char shape[] = "HTTP/0.0 000N";

_Static_assert(sizeof shape - 1 == HTTP_STATUS_SIZE, "the same bytes");

enum { CODE = sizeof "HTTP/0.0 " - 1 };

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool fits(char byte, char place)
{
    switch (place) {
    case '0':
        return is_digit(byte);
    case 'N':
        return byte == ' ' || byte == '\r' || byte == '\n';
    default:
        return byte == place;
    }
}

int http_status(const char *text, size_t length)
{
    for (size_t i = 0; i < length && i < HTTP_STATUS_SIZE; i++)
        if (!fits(text[i], shape[i]))
            return HTTP_STATUS_NO_HTTP;
    if (length < HTTP_STATUS_SIZE)
        return HTTP_STATUS_MORE;
    return (text[CODE] - '0') * 100 + (text[CODE + 1] - '0') * 10 + (text[CODE + 2] - '0');
}
