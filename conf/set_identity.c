/* The keys of a service that say as whom it runs, what it owns, and within which limits. */
#include "conf/setters.h"

#include "conf/capability.h"

#include <stdio.h>
#include <string.h>

DEFINE_OWN(identity)
DEFINE_OWN(resource)

/* A user or a group, by name or number. `user = 1000:1000` names both. */
static bool read_name(struct assignment *a, const char **name)
{
    const char *word = only_word(a);
    if (!word)
        return false;
    if (*word == '\0' || strpbrk(word, ":/"))
        return refuse(a, word, " is no name or number");
    return read_text(a, name);
}

bool set_user(struct assignment *a)
{
    const char *word = only_word(a);
    if (!word)
        return false;
    size_t length = strcspn(word, ":");
    const char *group = word[length] == ':' ? word + length + 1 : NULL;
    if (length == 0 || (group && *group == '\0') || strchr(word, '/') ||
        (group && strchr(group, ':')))
        return refuse(a, word, " is no user, expected USER or USER:GROUP, names or numbers");
    struct identity_conf *identity = own_identity(a);
    const char *user = new_text(a, word, length);
    const char *group_copy = group ? new_text(a, group, strlen(group)) : NULL;
    if (!identity || !user || (group && !group_copy))
        return false;
    identity->user = user;
    if (group)
        identity->group = group_copy;
    return true;
}

DEFINE_SET(set_group, identity, group, const char *, read_name)

bool set_groups(struct assignment *a)
{
    struct identity_conf *identity = own_identity(a);
    if (!identity)
        return false;
    struct text_list **end = &identity->groups;
    for (int i = 0; i < a->words->count; i++) {
        const char *word = a->words->word[i];
        if (*word == '\0' || strpbrk(word, ":/"))
            return refuse(a, word, " is no group, expected a name or number");
        struct text_list *item = new_item(a, sizeof *item);
        const char *text = new_text(a, word, strlen(word));
        if (!item || !text)
            return false;
        item->text = text;
        *end = item;
        end = &item->next;
    }
    return true;
}

/* PATH[:recursive] words. */
static bool read_owned_paths(struct assignment *a, struct owned_path **first)
{
    static const char suffix[] = ":recursive";
    struct owned_path **end = first;
    *first = NULL;
    for (int i = 0; i < a->words->count; i++) {
        const char *word = a->words->word[i];
        size_t length = strlen(word);
        size_t tail = sizeof suffix - 1;
        bool is_recursive = length > tail && strcmp(word + length - tail, suffix) == 0;
        if (*word != '/')
            return refuse(a, word, " is no absolute path, expected PATH or PATH:recursive");
        struct owned_path *path = new_item(a, sizeof *path);
        const char *text = new_text(a, word, length - (is_recursive ? tail : 0));
        if (!path || !text)
            return false;
        *path = (struct owned_path){.path = text, .is_recursive = is_recursive};
        *end = path;
        end = &path->next;
    }
    return true;
}

static bool read_capabilities(struct assignment *a, uint64_t *capabilities)
{
    uint64_t set = 0;
    bool none = a->words->count == 1 && strcmp(a->words->word[0], "none") == 0;
    if (a->words->count == 0)
        return refuse(a, NULL, "the value is empty, expected capabilities or none");
    for (int i = 0; !none && i < a->words->count; i++) {
        int capability = capability_parse(a->words->word[i]);
        if (capability < 0)
            return refuse(a, a->words->word[i],
                          " is no capability, expected for example NET_BIND_SERVICE");
        set |= (uint64_t)1 << capability;
    }
    *capabilities = set;
    return true;
}

bool set_capabilities(struct assignment *a)
{
    uint64_t set = 0;
    struct identity_conf *identity;
    if (!read_capabilities(a, &set) || !(identity = own_identity(a)))
        return false;
    identity->capabilities = set;
    identity->keeps_capabilities = true;
    return true;
}

DEFINE_SET(set_chown, identity, chown, struct owned_path *, read_owned_paths)
DEFINE_SET(set_mkdir, identity, mkdir, struct owned_path *, read_owned_paths)
DEFINE_SET(set_no_new_privileges, identity, no_new_privileges, bool, read_bool)

static const char *limit_value(const char *text, uint64_t *value)
{
    if (strcmp(text, "unlimited") == 0) {
        *value = UINT64_MAX;
        return NULL;
    }
    return value_size(text, value);
}

/* SOFT[:HARD]. */
static bool read_limit(struct assignment *a, struct limit_conf *limit)
{
    static const char wrong[] = " is no limit, expected SOFT or SOFT:HARD, sizes or unlimited";
    char soft[32];
    const char *word = only_word(a);
    if (!word)
        return false;
    size_t length = strcspn(word, ":");
    if (length >= sizeof soft)
        return refuse(a, word, wrong);
    memcpy(soft, word, length);
    soft[length] = '\0';
    *limit = (struct limit_conf){.is_set = true};
    if (limit_value(soft, &limit->soft))
        return refuse(a, word, wrong);
    limit->hard = limit->soft;
    if (word[length] == ':' && limit_value(word + length + 1, &limit->hard))
        return refuse(a, word, wrong);
    if (limit->soft > limit->hard)
        return refuse(a, word, " has a soft limit above the hard one");
    return true;
}

DEFINE_SET(set_limit_nofile, resource, limits[LIMIT_NOFILE], struct limit_conf, read_limit)
DEFINE_SET(set_limit_core, resource, limits[LIMIT_CORE], struct limit_conf, read_limit)
DEFINE_SET(set_limit_nproc, resource, limits[LIMIT_NPROC], struct limit_conf, read_limit)
DEFINE_SET(set_limit_memlock, resource, limits[LIMIT_MEMLOCK], struct limit_conf, read_limit)
DEFINE_SET(set_limit_stack, resource, limits[LIMIT_STACK], struct limit_conf, read_limit)
DEFINE_SET(set_limit_as, resource, limits[LIMIT_AS], struct limit_conf, read_limit)
DEFINE_SET(set_limit_fsize, resource, limits[LIMIT_FSIZE], struct limit_conf, read_limit)

bool set_nice(struct assignment *a)
{
    int nice;
    struct resource_conf *resource;
    if (!read_number(a, -20, 19, &nice) || !(resource = own_resource(a)))
        return false;
    resource->nice = nice;
    resource->sets_nice = true;
    return true;
}

bool set_oom_score_adj(struct assignment *a)
{
    int score;
    struct resource_conf *resource;
    if (!read_number(a, -1000, 1000, &score) || !(resource = own_resource(a)))
        return false;
    resource->oom_score_adj = score;
    resource->sets_oom_score_adj = true;
    return true;
}

/* CLASS[:LEVEL], as ionice(1) names them. */
bool set_ionice(struct assignment *a)
{
    static const char *const classes[] = {"", "realtime", "best-effort", "idle"};
    static const char wrong[] =
        " is no I/O priority, expected realtime:LEVEL, best-effort:LEVEL (0 to 7) or idle";
    char name[16];
    int class_index;
    int level = 4; /* what the kernel takes for "none" */
    struct resource_conf *resource;
    const char *word = only_word(a);
    if (!word)
        return false;
    size_t length = strcspn(word, ":");
    if (length == 0 || length >= sizeof name)
        return refuse(a, word, wrong);
    memcpy(name, word, length);
    name[length] = '\0';
    if (value_choice(name, classes, 4, wrong, &class_index) ||
        (word[length] == ':' &&
         (class_index == IONICE_IDLE || value_number(word + length + 1, 0, 7, &level))))
        return refuse(a, word, wrong);
    if (!(resource = own_resource(a)))
        return false;
    resource->ionice_class = (enum ionice_class)class_index;
    resource->ionice_level = level;
    return true;
}
