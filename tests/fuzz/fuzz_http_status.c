/*
 * libFuzzer: any bytes as the begin of an answer by HTTP. Whatever they are, the result is the same
 * however they come in, is never taken back, and is a code only where three digits stand for it.
 */
#include "supervisor/http_status.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int what)
{
    if (!what)
        abort();
}

/* A copy of its own: one byte too far is found. */
static int status_of(const uint8_t *data, size_t length)
{
    char *text = malloc(length > 0 ? length : 1);
    memcpy(text, data, length);
    int status = http_status(text, length);
    free(text);
    return status;
}

static void expect_code(const uint8_t *data, int status)
{
    char line[] = "HTTP/0.0 000";
    line[5] = (char)data[5];
    line[7] = (char)data[7];
    for (int i = 2; i >= 0; i--, status /= 10)
        line[9 + i] = (char)('0' + status % 10);
    expect(status == 0 && memcmp(data, line, sizeof line - 1) == 0);
    expect(data[12] == ' ' || data[12] == '\r' || data[12] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int status = HTTP_STATUS_MORE;
    for (size_t length = 0; length <= size && length <= HTTP_STATUS_SIZE + 3; length++) {
        int before = status;
        status = status_of(data, length);
        expect(before == HTTP_STATUS_MORE || status == before);
        expect(status != HTTP_STATUS_MORE || length < HTTP_STATUS_SIZE);
        expect(status < 0 || length >= HTTP_STATUS_SIZE);
    }
    if (status >= 0)
        expect_code(data, status);
    return 0;
}
