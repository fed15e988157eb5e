#include "ctl/place.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_folder(const char *path, const char *expected)
{
    char folder[PLACE_SIZE];
    ck_assert_str_eq(place_folder(path, folder), expected);
}

START_TEST(the_folder_is_the_path_without_its_last_part)
{
    expect_folder(PLACE_STANDARD, "/run/reeve");
    expect_folder("/a/b/c", "/a/b");
    expect_folder("/control", "/");
}
END_TEST

START_TEST(everybody_has_a_place_of_his_own_in_tmp)
{
    char path[PLACE_SIZE];
    ck_assert_str_eq(place_in_tmp(0, path), "/tmp/reeve-0/control");
    ck_assert_str_eq(place_in_tmp(4294967294, path), "/tmp/reeve-4294967294/control");
}
END_TEST

/* Nobody's, so that nothing else has a folder of that name. */
static uid_t some_uid(void)
{
    return 3000000000U + (uid_t)getpid();
}

START_TEST(a_folder_is_safe_that_is_his_and_closed_to_others)
{
    char path[PLACE_SIZE];
    char folder[PLACE_SIZE];
    uid_t uid = some_uid();
    place_folder(place_in_tmp(uid, path), folder);
    ck_assert(!place_is_safe(uid)); /* it is not there */
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    bool is_safe_of_another = place_is_safe(uid);
    bool is_his = chown(folder, uid, (gid_t)-1) == 0; /* where we are root */
    bool is_safe = place_is_safe(uid);
    static const mode_t open_to_others[] = {0710, 0720, 0740, 0701, 0702, 0704, 0777};
    int safe_though_open = 0;
    for (size_t i = 0; i < unit_count(open_to_others); i++) {
        chmod(folder, open_to_others[i]);
        safe_though_open += place_is_safe(uid);
    }
    rmdir(folder);
    ck_assert(!is_safe_of_another);
    ck_assert(is_safe == is_his);
    ck_assert_int_eq(safe_though_open, 0);
}
END_TEST

START_TEST(what_is_no_folder_is_not_safe)
{
    char path[PLACE_SIZE];
    char folder[PLACE_SIZE];
    char target[PLACE_SIZE];
    uid_t uid = some_uid();
    place_folder(place_in_tmp(uid, path), folder);
    snprintf(target, sizeof target, "/tmp/reeve-target-%d", (int)getpid());
    ck_assert_int_eq(mkdir(target, 0700), 0);
    bool is_linked = chown(target, uid, (gid_t)-1) == 0 && symlink(target, folder) == 0 &&
                     lchown(folder, uid, (gid_t)-1) == 0;
    bool is_safe = place_is_safe(uid);
    unlink(folder);
    rmdir(target);
    ck_assert(is_linked || geteuid() != 0);
    ck_assert(!is_safe);
}
END_TEST

int main(void)
{
    return unit_run("place", the_folder_is_the_path_without_its_last_part,
                    everybody_has_a_place_of_his_own_in_tmp,
                    a_folder_is_safe_that_is_his_and_closed_to_others,
                    what_is_no_folder_is_not_safe);
}
