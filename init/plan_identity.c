#include "init/plan_identity.h"

#include "conf/capability.h"
#include "supervisor/identity.h"

static void print_ids(FILE *out, const struct identity_conf *conf)
{
    struct identity identity;
    struct identity_fault fault;
    if (!identity_resolve(conf, &identity, &fault)) {
        fprintf(out, "    runs as somebody who is not here: %s '%s' is not in %s\n", fault.key,
                fault.name, fault.file ? fault.file : "the list that fits");
        return;
    }
    fprintf(out, "    runs as %s%s%u:%u%s", identity.names_user ? identity.account.name : "",
            identity.names_user && *identity.account.name ? ", " : "", (unsigned)identity.uid,
            (unsigned)identity.gid, identity.group_count > 0 ? ", groups" : "");
    for (size_t i = 0; i < identity.group_count; i++)
        fprintf(out, " %u", (unsigned)identity.groups[i]);
    fprintf(out, "%s\n", identity_is_permitted(&identity) ? "" : ", which is not permitted here");
}

static void print_paths(FILE *out, const char *what, const struct owned_path *path)
{
    for (; path; path = path->next)
        fprintf(out, "    %s %s%s\n", what, path->path, path->is_recursive ? ", recursively" : "");
}

static void print_capabilities(FILE *out, const struct identity_conf *conf)
{
    if (!conf->keeps_capabilities)
        return;
    fputs("    capabilities", out);
    for (int i = 0; i < 64; i++)
        if (conf->capabilities >> i & 1)
            fprintf(out, " %s", capability_name(i) ? capability_name(i) : "?");
    fputs(conf->capabilities ? "\n" : " none\n", out);
}

static void print_limit(FILE *out, const char *name, const struct limit_conf *limit)
{
    const uint64_t values[] = {limit->soft, limit->hard};
    if (!limit->is_set)
        return;
    fprintf(out, "    %s", name);
    for (int i = 0; i < 2; i++) {
        fputs(i == 0 ? " " : ":", out);
        if (values[i] == UINT64_MAX)
            fputs("unlimited", out);
        else
            fprintf(out, "%llu", (unsigned long long)values[i]);
    }
    fputc('\n', out);
}

static void print_resources(FILE *out, const struct resource_conf *conf)
{
    static const char *const names[LIMITS] = {
        [LIMIT_NOFILE] = "limit-nofile", [LIMIT_CORE] = "limit-core",
        [LIMIT_NPROC] = "limit-nproc",   [LIMIT_MEMLOCK] = "limit-memlock",
        [LIMIT_STACK] = "limit-stack",   [LIMIT_AS] = "limit-as",
        [LIMIT_FSIZE] = "limit-fsize",
    };
    static const char *const classes[] = {
        [IONICE_REALTIME] = "realtime", [IONICE_BEST_EFFORT] = "best-effort"};
    if (conf->sets_oom_score_adj)
        fprintf(out, "    oom-score-adj %d\n", conf->oom_score_adj);
    if (conf->sets_nice)
        fprintf(out, "    nice %d\n", conf->nice);
    if (conf->ionice_class == IONICE_IDLE)
        fputs("    ionice idle\n", out);
    else if (conf->ionice_class != IONICE_UNSET)
        fprintf(out, "    ionice %s:%d\n", classes[conf->ionice_class], conf->ionice_level);
    for (int i = 0; i < LIMITS; i++)
        print_limit(out, names[i], &conf->limits[i]);
}

void plan_print_identity(FILE *out, const struct service_conf *service)
{
    const struct identity_conf *conf = service->identity;
    print_ids(out, conf);
    print_paths(out, "makes", conf->mkdir);
    print_paths(out, "is given", conf->chown);
    print_capabilities(out, conf);
    if (conf->no_new_privileges)
        fputs("    no new privileges\n", out);
    print_resources(out, service->resource);
    if (service->io->umask >= 0)
        fprintf(out, "    umask %d%d%d\n", service->io->umask >> 6, service->io->umask >> 3 & 7,
                service->io->umask & 7);
    for (const struct env_item *item = service->environment->items; item; item = item->next)
        if (item->kind == ENV_SECRET)
            fprintf(out, "    secret %s from %s\n", item->text, item->path);
}
