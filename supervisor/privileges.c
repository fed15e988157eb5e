#include "supervisor/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAPABILITIES = 64 }; /* bits that there are for them */

static bool fail(struct spawn_error *error, enum spawn_stage stage)
{
    *error = (struct spawn_error){.stage = stage, .error = errno};
    return false;
}

static bool has(uint64_t set, int capability)
{
    return (set >> capability & 1) != 0;
}

/* What is in no bounding set cannot come back by a program with capabilities of its own. */
static bool limit_bounding_set(uint64_t kept)
{
    for (int capability = 0; capability < CAPABILITIES; capability++) {
        int is_in = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (is_in < 0) /* the kernel knows no more of them */
            return true;
        if (is_in > 0 && !has(kept, capability) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
            return false;
    }
    return true;
}

/*
 * Root's are never left over. Its own group is among them: else a set-group-ID program would take
 * it out of that, and with it out of what is denied to this group alone (CVE-2022-36109).
 */
static bool set_groups(const struct identity *identity)
{
    gid_t groups[1 + IDENTITY_GROUPS] = {identity->gid};
    size_t count = 1;
    for (size_t i = 0; i < identity->group_count; i++)
        if (identity->groups[i] != identity->gid)
            groups[count++] = identity->groups[i];
    return syscall(SYS_setgroups, count, groups) == 0;
}

static bool set_ids(const struct identity *identity)
{
    return set_groups(identity) &&
           syscall(SYS_setresgid, identity->gid, identity->gid, identity->gid) == 0 &&
           syscall(SYS_setresuid, identity->uid, identity->uid, identity->uid) == 0;
}

/* Permitted, effective and inheritable. */
static bool set_capabilities(uint64_t kept)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    for (int half = 0; half < 2; half++) {
        uint32_t bits = (uint32_t)(kept >> (32 * half));
        data[half] = (struct __user_cap_data_struct){
            .effective = bits, .permitted = bits, .inheritable = bits};
    }
    return syscall(SYS_capset, &header, data) == 0;
}

/*
 * No capability outlives the exec of a program that is not root's without it. The kernel empties it
 * where root becomes somebody else, but not where another user does.
 */
static void lose_ambient_set(void)
{
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

/* What of them outlives the exec of a program that is not root's. */
static bool set_ambient_set(uint64_t kept)
{
    lose_ambient_set();
    for (int capability = 0; capability < CAPABILITIES; capability++)
        if (has(kept, capability) &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
            return false;
    return true;
}

bool privileges_set(const struct identity_conf *conf, const struct identity *identity,
                    struct spawn_error *error)
{
    bool keeps = conf->keeps_capabilities;
    bool changes_user = identity->uid != geteuid();
    uint64_t kept = conf->capabilities;
    if (keeps && (!limit_bounding_set(kept) || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0))
        return fail(error, SPAWN_CAPABILITIES);
    /* Who is who it is to be may lack the right, and needs none. */
    if (identity->is_named && !set_ids(identity) && identity->changes)
        return fail(error, SPAWN_IDENTITY);
    if (!keeps && changes_user)
        lose_ambient_set();
    if (keeps && (!set_capabilities(kept) || !set_ambient_set(kept)))
        return fail(error, SPAWN_CAPABILITIES);
    if (conf->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(error, SPAWN_CAPABILITIES);
    return true;
}
