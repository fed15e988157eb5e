/*
 * libFuzzer: any bytes as /etc/passwd and as /etc/group. Whoever is found has a name and numbers
 * that can be found again, and never the number that the kernel keeps.
 */
#include "supervisor/accounts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool what)
{
    if (!what)
        abort();
}

static void look_for_user(FILE *file, const char *user)
{
    struct account account;
    struct account again;
    unsigned number;
    rewind(file);
    if (!accounts_find_user(file, user, &account))
        return;
    expect(*account.name != '\0' && *account.home != '\0' && *account.shell != '\0');
    expect(account.uid != UINT32_MAX && account.gid != UINT32_MAX);
    expect(strcmp(account.name, user) == 0 ||
           (accounts_number(user, &number) && number == account.uid));
    rewind(file);
    expect(accounts_find_user(file, account.name, &again) && strcmp(account.name, again.name) == 0);
}

static void look_for_group(FILE *file, const char *group)
{
    gid_t gid;
    rewind(file);
    if (accounts_find_group(file, group, &gid))
        expect(gid != UINT32_MAX);
}

static void look_for_members(FILE *file, const char *user)
{
    gid_t few[2];
    gid_t groups[64];
    rewind(file);
    size_t count = accounts_groups_of(file, user, groups, 64);
    rewind(file);
    expect(accounts_groups_of(file, user, few, 2) == count);
    for (size_t i = 0; i < count && i < 2; i++)
        expect(few[i] == groups[i] && groups[i] != UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"app", "root", "0", "1000", "4294967295", "a"};
    FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
    if (!file)
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        look_for_user(file, names[i]);
        look_for_group(file, names[i]);
        look_for_members(file, names[i]);
    }
    fclose(file);
    return 0;
}
