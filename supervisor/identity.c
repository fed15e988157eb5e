#include "supervisor/identity.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char passwd[] = "/etc/passwd";
static const char group[] = "/etc/group";

static bool fail(struct identity_fault *fault, int item, const char *name, const char *file,
                 int error)
{
    static const char *const keys[] = {
        [ITEM_USER] = "user", [ITEM_GROUP] = "group", [ITEM_GROUPS] = "groups"};
    const char *key = keys[item < ITEM_GROUPS ? item : ITEM_GROUPS];
    *fault = (struct identity_fault){
        .item = item, .key = key, .name = name, .file = file, .error = error};
    return false;
}

/* A number needs no file, but one that has an entry gets what stands there. */
static bool resolve_user(const char *user, struct identity *identity, struct identity_fault *fault)
{
    unsigned number;
    bool is_number = accounts_number(user, &number);
    FILE *file = fopen(passwd, "re");
    int error = file ? 0 : errno;
    bool is_found = file && accounts_find_user(file, user, &identity->account);
    if (file)
        fclose(file);
    if (!is_found && !is_number)
        return fail(fault, ITEM_USER, user, passwd, error);
    if (!is_found) /* as container engines have it: the group stays, the home is the root */
        identity->account =
            (struct account){.uid = number, .gid = getegid(), .home = "/", .shell = "/bin/sh"};
    identity->names_user = true;
    identity->uid = identity->account.uid;
    identity->gid = identity->account.gid;
    return true;
}

static bool resolve_group(int item, const char *name, gid_t *gid, struct identity_fault *fault)
{
    unsigned number;
    FILE *file = fopen(group, "re");
    int error = file ? 0 : errno;
    bool is_found = file && accounts_find_group(file, name, gid);
    if (file)
        fclose(file);
    if (!is_found && accounts_number(name, &number)) {
        *gid = number;
        return true;
    }
    return is_found || fail(fault, item, name, group, error);
}

static bool resolve_groups(const struct text_list *names, struct identity *identity,
                           struct identity_fault *fault)
{
    for (; names; names = names->next) {
        size_t count = identity->group_count;
        int item = ITEM_GROUPS + (int)count;
        if (count == IDENTITY_GROUPS)
            return fail(fault, item, names->text, NULL, E2BIG);
        if (!resolve_group(item, names->text, &identity->groups[count], fault))
            return false;
        identity->group_count++;
    }
    return true;
}

/* A container without groups has none for anybody. */
static bool resolve_groups_of(const char *user, struct identity *identity,
                              struct identity_fault *fault)
{
    FILE *file = fopen(group, "re");
    if (!file)
        return errno == ENOENT || fail(fault, ITEM_USER, user, group, errno);
    identity->group_count = accounts_groups_of(file, user, identity->groups, IDENTITY_GROUPS);
    fclose(file);
    return identity->group_count <= IDENTITY_GROUPS || fail(fault, ITEM_USER, user, NULL, E2BIG);
}

bool identity_resolve(const struct identity_conf *conf, struct identity *identity,
                      struct identity_fault *fault)
{
    identity->uid = geteuid();
    identity->gid = getegid();
    identity->group_count = 0;
    identity->names_user = false;
    if (conf->user && !resolve_user(conf->user, identity, fault))
        return false;
    if (conf->group && !resolve_group(ITEM_GROUP, conf->group, &identity->gid, fault))
        return false;
    identity->is_named = conf->user || conf->group || conf->groups;
    identity->changes = identity->uid != geteuid() || identity->gid != getegid() || conf->groups;
    if (conf->groups)
        return resolve_groups(conf->groups, identity, fault);
    if (conf->user && !conf->group && *identity->account.name != '\0')
        return resolve_groups_of(identity->account.name, identity, fault);
    return true;
}

/* All of these bits, of capabilities below 32. */
static bool have_capabilities(uint32_t needed)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & needed) == needed;
}

bool identity_is_permitted(const struct identity *identity)
{
    return !identity->changes || have_capabilities(1U << CAP_SETUID | 1U << CAP_SETGID);
}

bool identity_can_be_signalled(const struct identity *identity)
{
    return identity->uid == geteuid() || identity->uid == getuid() ||
           have_capabilities(1U << CAP_KILL);
}

static void add_fault(const struct service_conf *service, const struct identity_fault *fault,
                      struct conf_errors *errors)
{
    if (!fault->file)
        errors_add(errors, service->place, "[service %s] %s: more than %d groups", service->name,
                   fault->key, IDENTITY_GROUPS);
    else
        errors_add(errors, service->place, "[service %s] %s: '%s': %s%s%s", service->name,
                   fault->key, fault->name, fault->error ? "" : "not in ", fault->file,
                   fault->error ? " cannot be read" : "");
}

void identity_check(const struct conf *conf, struct conf_errors *errors)
{
    for (const struct service_conf *service = conf->services; service; service = service->next) {
        struct identity identity;
        struct identity_fault fault;
        if (service->identity == service_defaults.identity)
            continue;
        if (!identity_resolve(service->identity, &identity, &fault))
            add_fault(service, &fault, errors);
        else if (!identity_is_permitted(&identity))
            errors_add(errors, service->place,
                       "[service %s] user: cannot become %u:%u, reeve runs as %u:%u and may not "
                       "change that",
                       service->name, (unsigned)identity.uid, (unsigned)identity.gid,
                       (unsigned)geteuid(), (unsigned)getegid());
        else if (!identity_can_be_signalled(&identity))
            errors_warn(errors, service->place,
                        "[service %s] user: reeve runs without the capability KILL, and can "
                        "neither stop a process of %u nor pass on signals",
                        service->name, (unsigned)identity.uid);
    }
}
