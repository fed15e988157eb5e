/* What is taken from a pidfile, and what is not. */
#include "supervisor/pidfile.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/reeve-pidfile-XXXXXX";
static char path[64];
static char other[64];
static struct pidfile pidfile;
static const char *wrong;

static void write_to(const char *file, const char *text)
{
    FILE *out = fopen(file, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
}

static void make_folder(void)
{
    strcpy(folder, "/tmp/reeve-pidfile-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/pid", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    pidfile_init(&pidfile, path);
}

static pid_t read_it(void)
{
    wrong = NULL;
    pid_t pid = pidfile_read(&pidfile, &wrong);
    unlink(path);
    unlink(other);
    rmdir(folder);
    return pid;
}

static const struct {
    const char *text;
    pid_t pid;
} texts[] = {
    {"12\n", 12},
    {"12", 12},
    {" 12 \r\n", 12},
    {"12\n/var/lib/data\n1700000000\n", 12},
    {"2147483647\n", 2147483647},
    {"", 0},
    {"\n12\n", 0},
    {"0\n", 0},
    {"-1\n", 0},
    {"+12\n", 0},
    {"12 13\n", 0},
    {"12x\n", 0},
    {"0x12\n", 0},
    {"2147483648\n", 0},
    {"99999999999999999999999999\n", 0},
    {"root:x:0:0:root:/root:/bin/bash\n", 0},
    {"                                        12\n", 0},
};

START_TEST(a_pid_is_a_number_alone_in_the_first_line)
{
    make_folder();
    write_to(path, texts[_i].text);
    ck_assert_int_eq(read_it(), texts[_i].pid);
    if (texts[_i].pid == 0)
        ck_assert_str_eq(wrong, "has no pid in its first line");
}
END_TEST

START_TEST(one_that_is_not_there_has_none)
{
    make_folder();
    ck_assert_int_eq(read_it(), 0);
    ck_assert_str_eq(wrong, "No such file or directory");
}
END_TEST

START_TEST(what_was_there_before_does_not_count)
{
    make_folder();
    write_to(path, "12\n");
    pidfile_init(&pidfile, path);
    ck_assert_int_eq(read_it(), 0);
    ck_assert_str_eq(wrong, "is the one of before");
}
END_TEST

/* The clock of files may go on by some milliseconds at a time. */
static void write_anew(const char *text)
{
    struct stat before;
    struct stat now;
    ck_assert_int_eq(stat(path, &before), 0);
    do {
        write_to(path, text);
        ck_assert_int_eq(stat(path, &now), 0);
    } while (now.st_ctim.tv_sec == before.st_ctim.tv_sec &&
             now.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
}

START_TEST(the_same_number_counts_when_it_is_written_anew)
{
    make_folder();
    write_to(path, "12\n");
    pidfile_init(&pidfile, path);
    write_anew("12\n");
    ck_assert_int_eq(read_it(), 12);
}
END_TEST

START_TEST(a_file_that_takes_the_place_of_the_one_of_before_counts)
{
    make_folder();
    write_to(path, "12\n");
    pidfile_init(&pidfile, path);
    write_to(other, "13\n");
    ck_assert_int_eq(rename(other, path), 0);
    ck_assert_int_eq(read_it(), 13);
}
END_TEST

START_TEST(a_symbolic_link_is_not_followed)
{
    make_folder();
    write_to(other, "12\n");
    ck_assert_int_eq(symlink(other, path), 0);
    ck_assert_int_eq(read_it(), 0);
    ck_assert_str_eq(wrong, "is a symbolic link");
}
END_TEST

START_TEST(a_folder_may_be_reached_through_one)
{
    make_folder();
    char deep[96];
    ck_assert_int_eq(symlink(".", other), 0);
    snprintf(deep, sizeof deep, "%s/pid", other);
    pidfile_init(&pidfile, deep);
    write_to(path, "12\n");
    ck_assert_int_eq(read_it(), 12);
}
END_TEST

START_TEST(a_fifo_is_not_waited_for)
{
    make_folder();
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(read_it(), 0);
    ck_assert_str_eq(wrong, "is no regular file");
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "pidfile", NULL,
        unit_tests(one_that_is_not_there_has_none, what_was_there_before_does_not_count,
                   the_same_number_counts_when_it_is_written_anew,
                   a_file_that_takes_the_place_of_the_one_of_before_counts,
                   a_symbolic_link_is_not_followed, a_folder_may_be_reached_through_one,
                   a_fifo_is_not_waited_for),
        unit_loops({a_pid_is_a_number_alone_in_the_first_line, 0, unit_count(texts)}));
}
