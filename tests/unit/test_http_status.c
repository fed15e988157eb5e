#include "supervisor/http_status.h"

#include "tests/unit/unit.h"

#include <string.h>

static int status_of(const char *text)
{
    return http_status(text, strlen(text));
}

START_TEST(the_code_is_read_whatever_the_version_and_the_reason)
{
    ck_assert_int_eq(status_of("HTTP/1.1 200 OK\r\n"), 200);
    ck_assert_int_eq(status_of("HTTP/1.0 503 Service Unavailable\r\nA: b\r\n\r\n"), 503);
    ck_assert_int_eq(status_of("HTTP/2.0 404 "), 404);
    ck_assert_int_eq(status_of("HTTP/1.1 999 \r\n"), 999);
    ck_assert_int_eq(status_of("HTTP/1.1 000 \r\n"), 0);
    ck_assert_int_eq(status_of("HTTP/1.1 301 \xff\x80"), 301);
}
END_TEST

START_TEST(the_reason_and_its_blank_may_be_missing)
{
    ck_assert_int_eq(status_of("HTTP/1.1 204\r\n"), 204);
    ck_assert_int_eq(status_of("HTTP/1.1 204\n"), 204);
    ck_assert_int_eq(status_of("HTTP/1.1 204 \n"), 204);
}
END_TEST

START_TEST(less_than_all_of_it_is_not_enough)
{
    static const char line[] = "HTTP/1.1 200 OK";
    for (size_t length = 0; length < HTTP_STATUS_SIZE; length++)
        ck_assert_int_eq(http_status(line, length), HTTP_STATUS_MORE);
    for (size_t length = HTTP_STATUS_SIZE; length < sizeof line; length++)
        ck_assert_int_eq(http_status(line, length), 200);
}
END_TEST

START_TEST(a_byte_that_is_wrong_is_known_at_once)
{
    static const char line[] = "HTTP/1.1 200 ";
    for (size_t i = 0; i < HTTP_STATUS_SIZE; i++) {
        char text[sizeof line];
        strcpy(text, line);
        text[i] = 'x';
        ck_assert_int_eq(http_status(text, i), HTTP_STATUS_MORE);
        ck_assert_int_eq(http_status(text, i + 1), HTTP_STATUS_NO_HTTP);
        ck_assert_int_eq(http_status(text, sizeof text - 1), HTTP_STATUS_NO_HTTP);
    }
}
END_TEST

START_TEST(what_looks_like_it_is_none)
{
    static const char *const texts[] = {
        "http/1.1 200 OK",   "HTTP/1 200 OK",      "HTTP/11 200 OK", "HTTP/1.1  200 OK",
        "HTTP/1.1 2000 OK",  "HTTP/1.1 20 OK",     "HTTP/1.1 -20 O", "HTTP/1.1\t200 OK",
        "HTTP/1.1 200\tOK",  " HTTP/1.1 200 OK",   "\r\nHTTP/1.1 2", "ICY 200 OK",
        "SSH-2.0-OpenSSH_9", "<html>200 OK</html", "+OK redis here", "HTTP/1.1 2:0 OK",
        "HTTP/1.1 2/0 OK",   "HTTP/:.1 200 OK"};
    for (size_t i = 0; i < unit_count(texts); i++)
        ck_assert_msg(status_of(texts[i]) == HTTP_STATUS_NO_HTTP, "%s", texts[i]);
}
END_TEST

START_TEST(a_nul_is_a_byte_like_any_other)
{
    ck_assert_int_eq(http_status("\0HTTP/1.1 200 OK", 16), HTTP_STATUS_NO_HTTP);
    ck_assert_int_eq(http_status("HTTP/1.1 200\0", 13), HTTP_STATUS_NO_HTTP);
    ck_assert_int_eq(http_status("HTTP/1.1 200 \0", 14), 200);
}
END_TEST

int main(void)
{
    return unit_run("http_status", the_code_is_read_whatever_the_version_and_the_reason,
                    the_reason_and_its_blank_may_be_missing, less_than_all_of_it_is_not_enough,
                    a_byte_that_is_wrong_is_known_at_once, what_looks_like_it_is_none,
                    a_nul_is_a_byte_like_any_other);
}
