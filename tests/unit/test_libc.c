/* libc/ does what the C library does, which is asked for the same at each step. */
#include "tests/unit/small_libc.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --- printf ----------------------------------------------------------------------------------- */

#define EXPECT_SAME(size, ...)                                    \
    do {                                                          \
        char ours[128] = "";                                      \
        char theirs[128] = "";                                    \
        int our_length = small_snprintf(ours, size, __VA_ARGS__); \
        int their_length = snprintf(theirs, size, __VA_ARGS__);   \
        ck_assert_str_eq(ours, theirs);                           \
        ck_assert_int_eq(our_length, their_length);               \
    } while (0)

START_TEST(numbers_are_printed)
{
    static const int numbers[] = {0, 1, -1, 9, 10, 4711, INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        EXPECT_SAME(100, "%d %u %x", numbers[i], (unsigned)numbers[i], (unsigned)numbers[i]);
        EXPECT_SAME(100, "%6d|%-6d|%06d|", numbers[i], numbers[i], numbers[i]);
        EXPECT_SAME(100, "%*d|%02x", i % 2 ? 5 : 0, numbers[i], (unsigned)numbers[i]);
    }
}
END_TEST

START_TEST(long_numbers_are_printed)
{
    EXPECT_SAME(100, "%ld %ld %lld", LONG_MAX, LONG_MIN, LLONG_MIN);
    EXPECT_SAME(100, "%lu %llu %zu", ULONG_MAX, ULLONG_MAX, SIZE_MAX);
    EXPECT_SAME(100, "%jd %zd %lx", INTMAX_MIN, (ssize_t)-1, ULONG_MAX);
}
END_TEST

START_TEST(texts_are_printed)
{
    const char unended[3] = {'a', 'b', 'c'};
    EXPECT_SAME(100, "%s|%8s|%-8s|%.2s|%.*s", "web", "web", "web", "web", 1, "web");
    EXPECT_SAME(100, "%.3s|%.0s|%-5.2s|%c%c|100%%", unended, "web", "web", 'a', 'b');
}
END_TEST

START_TEST(what_does_not_fit_is_cut_and_counted)
{
    for (volatile size_t size = 0; size <= 32; size++) /* volatile: gcc warns of what is cut */
        EXPECT_SAME(size, "service %s, pid %5d, %x.", "web", 4711, 0xabcdU);
}
END_TEST

START_TEST(a_file_and_a_text_without_a_size_get_all_of_it)
{
    char text[64];
    char written[64] = "";
    FILE *file = fmemopen(written, sizeof written, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(small_fprintf(file, "%-4s|%03d\n", "a", 7), 9);
    fclose(file);
    ck_assert_str_eq(written, "a   |007\n");
    ck_assert_int_eq(small_sprintf(text, "%d", 12), 2);
    ck_assert_str_eq(text, "12");
}
END_TEST

/* --- numbers ---------------------------------------------------------------------------------- */

START_TEST(texts_are_read_as_numbers)
{
    static const char *const texts[] = {
        "",
        "x",
        "-",
        "+5",
        " \t\n12 3",
        "-17x",
        "- 1",
        "007",
        "2147483647",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999",
        "-18446744073709551614",
        "-99999999999999999999999",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *our_end;
        char *their_end;
        errno = 0;
        long ours = small_strtol(texts[i], &our_end, 10);
        int our_error = errno;
        errno = 0;
        ck_assert_int_eq(ours, strtol(texts[i], &their_end, 10));
        ck_assert_int_eq(our_error, errno);
        ck_assert_ptr_eq(our_end, their_end);
        ck_assert_uint_eq(small_strtoull(texts[i], NULL, 10), strtoull(texts[i], NULL, 10));
    }
    ck_assert_int_eq(small_atoi(" -42 "), -42);
}
END_TEST

/* --- order ------------------------------------------------------------------------------------ */

struct odd_size {
    char text[5];
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct odd_size *)a)->text, ((const struct odd_size *)b)->text);
}

START_TEST(any_number_of_items_is_sorted)
{
    enum { MOST = 100 };
    struct odd_size ours[MOST] = {0};
    struct odd_size theirs[MOST];
    for (size_t count = 0; count <= MOST; count++) {
        for (size_t i = 0; i < count; i++)
            snprintf(ours[i].text, sizeof ours[i].text, "%u", (unsigned)(i * 7919 % 31));
        memcpy(theirs, ours, sizeof ours);
        small_qsort(ours, count, sizeof *ours, compare);
        qsort(theirs, count, sizeof *theirs, compare);
        for (size_t i = 0; i < count; i++)
            ck_assert_str_eq(ours[i].text, theirs[i].text);
    }
}
END_TEST

/* --- time ------------------------------------------------------------------------------------- */

static void expect_same_date(time_t time)
{
    char ours[64];
    char theirs[64];
    struct tm tm;
    strftime(ours, sizeof ours, "%Y-%m-%dT%H:%M:%S", small_gmtime_r(&time, &tm));
    strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S", gmtime_r(&time, &tm));
    ck_assert_str_eq(ours, theirs);
}

START_TEST(every_time_has_its_date)
{
    const time_t day = (time_t)24 * 3600;
    /* 1970 to 2120, each day at another time of it. */
    for (time_t i = 0; i < (time_t)150 * 366; i++)
        expect_same_date(i * day + i * 7919 % day);
    for (time_t year = 0; year < 1000; year++) /* around the ends of February and of the year */
        for (time_t i = -2; i < 2; i++) {
            time_t start = year * 31556952; /* a mean year */
            expect_same_date(start + 2 * day + i * day);
            expect_same_date(start + 59 * day + i * day);
        }
}
END_TEST

/* --- lines ------------------------------------------------------------------------------------ */

/* Of `text`, as both read them. */
static void expect_same_lines(char *text, size_t length)
{
    FILE *ours = fmemopen(text, length, "r");
    FILE *theirs = fmemopen(text, length, "r");
    char *our_line = NULL;
    char *their_line = NULL;
    size_t our_size = 0;
    size_t their_size = 0;
    ssize_t their_length;
    do {
        their_length = getline(&their_line, &their_size, theirs);
        ck_assert_int_eq(small_getline(&our_line, &our_size, ours), their_length);
        if (their_length >= 0)
            ck_assert_mem_eq(our_line, their_line, (size_t)their_length + 1);
    } while (their_length >= 0);
    small_free(our_line);
    free(their_line);
    fclose(ours);
    fclose(theirs);
}

START_TEST(every_line_is_read_whole)
{
    static char text[5000] = "\n\nroot:x:0:0:root:/root:/bin/sh\na\0b\n";
    for (size_t i = 40; i < sizeof text; i++)
        text[i] = i == 4000 ? '\n' : 'x';
    for (size_t length = 1; length < sizeof text; length += length < 50 ? 1 : 495)
        expect_same_lines(text, length);
}
END_TEST

/* --- options ---------------------------------------------------------------------------------- */

static const char letters[] = "+:vqo:c:";
static const struct option options[] = {
    {"verbose", no_argument, NULL, 'v'},
    {"quiet", no_argument, NULL, 'q'},
    {"set", required_argument, NULL, 'o'},
    {"config", required_argument, NULL, 'c'},
    {"log-level", required_argument, NULL, 128},
    {"log-format", required_argument, NULL, 129},
    {"log", no_argument, NULL, 130},
    {0},
};

/* All that getopt_long() says of the words, until it is at their end. */
static void expect_same_options(int argc, char **argv)
{
    opterr = 0;
    optind = small_optind = 0;
    for (int result = 0; result >= 0;) {
        optopt = small_optopt = 0;
        result = getopt_long(argc, argv, letters, options, NULL);
        ck_assert_int_eq(small_getopt_long(argc, argv, letters, options, NULL), result);
        ck_assert_int_eq(small_optind, optind);
        if (result == '?' || result == ':')
            ck_assert_int_eq(small_optopt, optopt);
        else if (result >= 0)
            ck_assert_ptr_eq(small_optarg, optarg);
    }
}

START_TEST(every_command_line_is_read)
{
    static char words[][16] = {
        "-v",     "-vq",         "-o",      "-oa=b",     "-vo",  "-x",       "-vx",    "-:",
        "--",     "--verbose",   "--verb",  "--quiet=1", "--se", "--set=a",  "--set=", "--log",
        "--log-", "--log-level", "--log-f", "--nope",    "-",    "program",  "",       "-o-v",
        "--=a",   "--config",    "-c",      "-qvqv",     "-v-",  "--s=--set"};
    enum { WORDS = sizeof words / sizeof *words };
    for (int a = 0; a < WORDS; a++)
        for (int b = 0; b < WORDS; b++)
            for (int c = 0; c < WORDS; c++) {
                char *argv[] = {"reeve", words[a], words[b], words[c], NULL};
                expect_same_options(4, argv);
            }
}
END_TEST

int main(void)
{
    return unit_run("libc", numbers_are_printed, long_numbers_are_printed, texts_are_printed,
                    what_does_not_fit_is_cut_and_counted,
                    a_file_and_a_text_without_a_size_get_all_of_it, texts_are_read_as_numbers,
                    any_number_of_items_is_sorted, every_time_has_its_date,
                    every_line_is_read_whole, every_command_line_is_read);
}
