/*
 * The status line of an answer to an HTTP request, by RFC 9112, 4: version, status code, reason.
 * Pure.
 */
#pragma once

#include <stddef.h>

enum {
    HTTP_STATUS_MORE = -1,   /* it may be one, there is more to read */
    HTTP_STATUS_NO_HTTP = -2 /* however it goes on, it is none */
};

/* As many bytes of an answer tell its status; nothing behind them is looked at. */
enum { HTTP_STATUS_SIZE = sizeof "HTTP/1.1 200" };

/*
 * Returns the status code, 0 to 999, of an answer whose first `length` bytes are `text`, or one of
 * the above. The reason, and the blank before it, may be missing, as with many servers they are.
 */
int http_status(const char *text, size_t length);
