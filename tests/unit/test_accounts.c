#include "supervisor/accounts.h"

#include "tests/unit/unit.h"

#include <stdint.h>
#include <string.h>

static const char users[] = "root:x:0:0:root:/root:/bin/bash\n"
                            "# a comment: it is no line:0:0:of its own::\n"
                            "app:x:1000:100:An app,,,:/srv/app:/bin/sh\n"
                            "apps:x:1001:101::/srv/apps:/bin/zsh\n"
                            "bare:x:1002:102:::\n"
                            "1000:x:1003:103::/srv/number:/bin/sh\n"
                            "twin:x:1001:104::/srv/twin:/bin/sh\n";

static const char groups[] = "root:x:0:\n"
                             "wheel:x:10:app\n"
                             "empty::11:\n"
                             "short:x:12\n"
                             "many:x:13:apps,app,bare\n"
                             "last:x:14:bare,app\n"
                             "others:x:15:ap,appl,xapp,apps\n"
                             "1000:x:16:\n";

/* As a file. */
static FILE *open_text(const char *text)
{
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    ck_assert_ptr_nonnull(file);
    return file;
}

static bool find_user_in(const char *text, const char *user, struct account *account)
{
    FILE *file = open_text(text);
    bool is_found = accounts_find_user(file, user, account);
    fclose(file);
    return is_found;
}

static bool find_group_in(const char *text, const char *group, gid_t *gid)
{
    FILE *file = open_text(text);
    bool is_found = accounts_find_group(file, group, gid);
    fclose(file);
    return is_found;
}

/* "NAME UID:GID HOME SHELL", or "none". */
static const char *user_in(const char *text, const char *user)
{
    static char found[1024];
    struct account account;
    if (!find_user_in(text, user, &account))
        return "none";
    snprintf(found, sizeof found, "%s %u:%u %s %s", account.name, (unsigned)account.uid,
             (unsigned)account.gid, account.home, account.shell);
    return found;
}

/* The number of the group; -1: there is none. */
static long group_in(const char *text, const char *group)
{
    gid_t gid = 0;
    return find_group_in(text, group, &gid) ? (long)gid : -1;
}

/* "COUNT: GID GID ...", of at most `most` groups. */
static const char *groups_in(const char *text, const char *user, size_t most)
{
    static char found[256];
    gid_t list[8];
    FILE *file = open_text(text);
    size_t count = accounts_groups_of(file, user, list, most);
    fclose(file);
    size_t length = (size_t)snprintf(found, sizeof found, "%zu:", count);
    for (size_t i = 0; i < count && i < most; i++)
        length += (size_t)snprintf(found + length, sizeof found - length, " %u", (unsigned)list[i]);
    return found;
}

/* `before`, then so many times `c`, then `after`. */
static char *long_text(const char *before, char c, size_t count, const char *after)
{
    char *text = malloc(strlen(before) + count + strlen(after) + 1);
    char *end = stpcpy(text, before);
    memset(end, c, count);
    strcpy(end + count, after);
    return text;
}

START_TEST(a_number_is_decimal_and_below_the_one_that_the_kernel_keeps)
{
    static const char *const wrong[] = {"",
                                        "-1",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1a",
                                        "0x1",
                                        "4294967295",
                                        "4294967296",
                                        "18446744073709551616",
                                        "99999999999999999999999999999999"};
    unsigned number = 1;
    ck_assert(accounts_number("0", &number) && number == 0);
    ck_assert(accounts_number("0042", &number) && number == 42);
    ck_assert(accounts_number("4294967294", &number) && number == 4294967294U);
    for (size_t i = 0; i < unit_count(wrong); i++)
        ck_assert_msg(!accounts_number(wrong[i], &number), "'%s'", wrong[i]);
}
END_TEST

START_TEST(a_user_is_found_by_its_whole_name)
{
    ck_assert_str_eq(user_in(users, "root"), "root 0:0 /root /bin/bash");
    ck_assert_str_eq(user_in(users, "app"), "app 1000:100 /srv/app /bin/sh");
    ck_assert_str_eq(user_in(users, "apps"), "apps 1001:101 /srv/apps /bin/zsh");
    ck_assert_str_eq(user_in(users, "ap"), "none");
    ck_assert_str_eq(user_in(users, "appss"), "none");
    ck_assert_str_eq(user_in(users, "App"), "none");
    ck_assert_str_eq(user_in(users, ""), "none");
}
END_TEST

START_TEST(a_user_is_found_by_its_number_and_the_first_one_counts)
{
    ck_assert_str_eq(user_in(users, "1002"), "bare 1002:102 / /bin/sh");
    ck_assert_str_eq(user_in(users, "1001"), "apps 1001:101 /srv/apps /bin/zsh");
    ck_assert_str_eq(user_in(users, "4711"), "none");
    ck_assert_str_eq(user_in(users, "100"), "none"); /* a group */
}
END_TEST

START_TEST(a_name_of_digits_counts_before_a_number)
{
    ck_assert_str_eq(user_in(users, "1000"), "1000 1003:103 /srv/number /bin/sh");
    ck_assert_int_eq(group_in(groups, "1000"), 16);
}
END_TEST

START_TEST(a_comment_is_no_user)
{
    ck_assert_str_eq(user_in(users, "# a comment"), "none");
    ck_assert_str_eq(user_in("#app:x:1:1::/:/bin/sh\n", "app"), "none");
}
END_TEST

START_TEST(an_empty_home_is_the_root_and_an_empty_shell_sh)
{
    ck_assert_str_eq(user_in(users, "bare"), "bare 1002:102 / /bin/sh");
}
END_TEST

START_TEST(the_last_line_needs_no_newline)
{
    ck_assert_str_eq(user_in("app:x:1:2::/home:/bin/ash", "app"), "app 1:2 /home /bin/ash");
    ck_assert_int_eq(group_in("wheel:x:10", "wheel"), 10);
    ck_assert_str_eq(groups_in("wheel:x:10:app", "app", 8), "1: 10");
}
END_TEST

START_TEST(lines_that_are_no_user_are_passed_over)
{
    static const char *const bad[] = {
        "\n",
        "app\n",
        "app:x:1:1::/home\n", /* a field is missing */
        "app:x::1::/home:/bin/sh\n",
        "app:x:1:::/home:/bin/sh\n",
        "app:x:one:1::/home:/bin/sh\n",
        "app:x:-1:1::/home:/bin/sh\n",
        "app:x:1:4294967295::/home:/bin/sh\n",
        "app:x:4294967295:1::/home:/bin/sh\n",
        "app:x:4294967296:1::/home:/bin/sh\n", /* it is not 0 */
        "+app::::::\n",
        ":x:1:1::/home:/bin/sh\n",
    };
    char text[256];
    for (size_t i = 0; i < unit_count(bad); i++) {
        snprintf(text, sizeof text, "%sapp:x:7:8::/good:/bin/sh\n", bad[i]);
        ck_assert_str_eq(user_in(text, "app"), "app 7:8 /good /bin/sh");
        ck_assert_str_eq(user_in(text, "7"), "app 7:8 /good /bin/sh");
        ck_assert_str_eq(user_in(bad[i], "app"), "none");
    }
    ck_assert_str_eq(user_in(":x:1:1::/home:/bin/sh\n", ""), "none");
}
END_TEST

START_TEST(lines_that_are_no_group_are_passed_over)
{
    static const char *const bad[] = {
        "\n",           "app\n",      "app:x\n",    "app:x:\n",
        "app:x:one:\n", ":x:1:app\n", "app:x: 1\n", "app:x:4294967295:\n",
        "#app:x:1:\n",  "app:x:-1:\n"};
    char text[256];
    for (size_t i = 0; i < unit_count(bad); i++) {
        snprintf(text, sizeof text, "%sapp:x:7:app\n", bad[i]);
        ck_assert_int_eq(group_in(text, "app"), 7);
        ck_assert_str_eq(groups_in(text, "app", 8), "1: 7");
        ck_assert_int_eq(group_in(bad[i], "app"), -1);
    }
}
END_TEST

START_TEST(more_fields_than_there_are_belong_to_nobody)
{
    ck_assert_str_eq(user_in("app:x:1:2::/home:/bin/sh:more:yet\n", "app"),
                     "app 1:2 /home /bin/sh");
    ck_assert_str_eq(groups_in("wheel:x:10:a:app\n", "app", 8), "0:");
}
END_TEST

START_TEST(a_group_is_found_by_its_whole_name_or_is_a_number)
{
    ck_assert_int_eq(group_in(groups, "wheel"), 10);
    ck_assert_int_eq(group_in(groups, "empty"), 11);
    ck_assert_int_eq(group_in(groups, "short"), 12);
    ck_assert_int_eq(group_in(groups, "whee"), -1);
    ck_assert_int_eq(group_in(groups, "wheels"), -1);
    ck_assert_int_eq(group_in(groups, "13"), 13);
    ck_assert_int_eq(group_in(groups, "4711"), 4711);
    ck_assert_int_eq(group_in(groups, "4294967295"), -1);
    ck_assert_int_eq(group_in(groups, ""), -1);
}
END_TEST

START_TEST(a_member_is_a_whole_word_of_the_list)
{
    ck_assert_str_eq(groups_in(groups, "app", 8), "3: 10 13 14");
    ck_assert_str_eq(groups_in(groups, "apps", 8), "2: 13 15");
    ck_assert_str_eq(groups_in(groups, "bare", 8), "2: 13 14");
    ck_assert_str_eq(groups_in(groups, "root", 8), "0:");
    ck_assert_str_eq(groups_in("a:x:1:,app\nb:x:2:app,\nc:x:3:x,,app\nd:x:4:,\n", "app", 8),
                     "3: 1 2 3");
}
END_TEST

START_TEST(as_many_groups_as_fit_are_stored_and_all_are_counted)
{
    ck_assert_str_eq(groups_in(groups, "app", 2), "3: 10 13");
    ck_assert_str_eq(groups_in(groups, "app", 0), "3:");
    gid_t list[2] = {4711, 4712};
    FILE *file = open_text(groups);
    ck_assert_uint_eq(accounts_groups_of(file, "app", list, 1), 3);
    fclose(file);
    ck_assert_uint_eq(list[0], 10);
    ck_assert_uint_eq(list[1], 4712);
}
END_TEST

START_TEST(a_line_may_be_of_any_length)
{
    char *text = long_text("big:x:5:", 'm', 300000, ",app\nafter:x:6:app\n");
    ck_assert_str_eq(groups_in(text, "app", 8), "2: 5 6");
    free(text);
    text = long_text("app:x:1:2:", 'c', 300000, ":/home:/bin/sh\n");
    ck_assert_str_eq(user_in(text, "app"), "app 1:2 /home /bin/sh");
    free(text);
}
END_TEST

/* A name that was cut would be another one. */
START_TEST(what_is_too_long_is_no_user_and_is_never_cut)
{
    static const size_t most = ACCOUNT_PATH_SIZE - 1;
    char *fits = long_text("app:x:1:2::/", 'h', most - 1, ":/bin/sh\n");
    char *home = long_text("app:x:1:2::/", 'h', most, ":/bin/sh\n");
    char *shell = long_text("app:x:1:2::/home:/", 's', most, "\n");
    char *name = long_text("", 'a', ACCOUNT_NAME_SIZE, ":x:1:2::/home:/bin/sh\n");
    char *cut = long_text("", 'a', ACCOUNT_NAME_SIZE - 1, "");
    struct account account;
    ck_assert(find_user_in(fits, "app", &account));
    ck_assert_uint_eq(strlen(account.home), most);
    ck_assert_str_eq(user_in(home, "app"), "none");
    ck_assert_str_eq(user_in(shell, "app"), "none");
    ck_assert_str_eq(user_in(name, cut), "none");
    ck_assert_str_eq(user_in(name, "1"), "none");
    free(fits);
    free(home);
    free(shell);
    free(name);
    free(cut);
}
END_TEST

int main(void)
{
    return unit_run(
        "accounts", a_number_is_decimal_and_below_the_one_that_the_kernel_keeps,
        a_user_is_found_by_its_whole_name, a_user_is_found_by_its_number_and_the_first_one_counts,
        a_name_of_digits_counts_before_a_number, a_comment_is_no_user,
        an_empty_home_is_the_root_and_an_empty_shell_sh, the_last_line_needs_no_newline,
        lines_that_are_no_user_are_passed_over, lines_that_are_no_group_are_passed_over,
        more_fields_than_there_are_belong_to_nobody,
        a_group_is_found_by_its_whole_name_or_is_a_number, a_member_is_a_whole_word_of_the_list,
        as_many_groups_as_fit_are_stored_and_all_are_counted, a_line_may_be_of_any_length,
        what_is_too_long_is_no_user_and_is_never_cut);
}
