#include "init/classic_options.h"

#include "tests/unit/unit.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Every command line of up to three of these words is read by glibc and by us. */
static char *const words[] = {
    "-a",     "-b",     "-bx",    "-abx",  "-ab",   "-x",   "-:",       "--", "-",   "word",
    "--also", "--as=1", "--both", "--bot", "--b=v", "--no", "--also=v", "--", "-a-",
};

enum { WORDS = sizeof words / sizeof *words, MOST = 3 };

static const char letters[] = "ab:s";
static const struct classic_name names[] = {{"also", 'a'}, {"both", 'b'}, {"asis", 's'}, {0}};
static const struct option long_options[] = {
    {"also", no_argument, NULL, 'a'},
    {"both", required_argument, NULL, 'b'},
    {"asis", no_argument, NULL, 's'},
    {0},
};

/* What comes of a command line: options with their values, then "|" and the other words. */
static void read_by_glibc(char **argv, int argc, const char *how, char *out)
{
    int letter;
    char shorts[16];
    sprintf(shorts, "%s%s", *how == '+' ? "+" : "", letters);
    optind = 0;
    while ((letter = how[1] ? getopt(argc, argv, shorts)
                            : getopt_long(argc, argv, shorts, long_options, NULL)) >= 0)
        out += sprintf(out, "%c%s ", letter, letter == 'b' ? optarg : "");
    out += sprintf(out, "|");
    for (char **word = argv + optind; *word; word++)
        out += sprintf(out, "%s ", *word);
}

static void read_by_us(char **argv, const char *how, char *out)
{
    struct classic_options options = {
        .program = argv[0],
        .words = argv + 1,
        .letters = letters,
        .names = how[1] ? NULL : names,
        .permutes = *how != '+',
    };
    int letter;
    while ((letter = classic_options_next(&options)) >= 0) {
        if (letter == '?')
            classic_options_complain(&options);
        out += sprintf(out, "%c%s ", letter, letter == 'b' ? options.value : "");
    }
    out += sprintf(out, "|");
    for (char **word = options.words; *word; word++)
        out += sprintf(out, "%s ", *word);
}

/* Both print to standard error, which is a file meanwhile. */
static void take_messages(int fd, char text[static 4096])
{
    ssize_t length = pread(fd, text, 4095, 0);
    text[length < 0 ? 0 : length] = '\0';
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
}

static void compare_all(const char *how)
{
    int fd = memfd_create("messages", MFD_CLOEXEC);
    int before = dup(STDERR_FILENO);
    ck_assert_int_ge(fd, 0);
    dup2(fd, STDERR_FILENO);
    int count = 1;
    for (int length = 0; length <= MOST; length++, count *= WORDS) {
        for (int number = 0; number < count; number++) {
            static char program[] = "some/program";
            char *theirs[MOST + 2] = {program};
            char *ours[MOST + 2] = {program};
            char got_theirs[256];
            char got_ours[256];
            char said_theirs[4096];
            char said_ours[4096];
            char line[256] = "";
            int rest = number;
            for (int i = 1; i <= length; i++, rest /= WORDS) {
                ours[i] = theirs[i] = words[rest % WORDS];
                strcat(strcat(line, " "), ours[i]);
            }
            read_by_glibc(theirs, length + 1, how, got_theirs);
            take_messages(fd, said_theirs);
            read_by_us(ours, how, got_ours);
            take_messages(fd, said_ours);
            if (strcmp(got_theirs, got_ours) == 0 && strcmp(said_theirs, said_ours) == 0)
                continue;
            dup2(before, STDERR_FILENO);
            ck_abort_msg("%s: glibc: %s\n%sours: %s\n%s", line, got_theirs, said_theirs, got_ours,
                         said_ours);
        }
    }
    dup2(before, STDERR_FILENO);
}

START_TEST(options_behind_other_words_are_read_as_glibc_does)
{
    compare_all("*");
}
END_TEST

START_TEST(options_end_at_another_word_as_in_glibc)
{
    compare_all("+");
}
END_TEST

START_TEST(letters_alone_are_read_as_glibc_does)
{
    compare_all("*1");
}
END_TEST

START_TEST(posixly_correct_ends_options_at_another_word)
{
    setenv("POSIXLY_CORRECT", "1", 1);
    compare_all("*");
}
END_TEST

int main(void)
{
    return unit_run("classic_options", options_behind_other_words_are_read_as_glibc_does,
                    options_end_at_another_word_as_in_glibc, letters_alone_are_read_as_glibc_does,
                    posixly_correct_ends_options_at_another_word);
}
