/*
 * What a key does with its words: one setter for each row of the table in keys.c.
 */
#pragma once

#include "conf/conf.h"
#include "conf/words.h"

/* One "KEY = WORDS" under way. */
struct assignment {
    struct conf *conf;
    struct service_conf *service; /* for a key of a service */
    const struct words *words;
    const char *bad;   /* on failure: the word that is wrong, or NULL, */
    const char *wrong; /* and what is wrong with it, as in conf/value.h */
    char detail[128];  /* room for a `wrong` that has to be put together */
};

/* Returns false with a->wrong set; nothing was changed then. */
typedef bool setter(struct assignment *a);

/* For setters: always false. */
bool refuse(struct assignment *a, const char *bad, const char *wrong);

/* `wrong` is NULL where the word was well: then true. */
bool accept_word(struct assignment *a, const char *word, const char *wrong);

/* The only word of the value; NULL where there is none or more than one, which is said then. */
const char *only_word(struct assignment *a);

/*
 * Defines own_NAME(a): the service's own copy of a group of settings, made where it still shares
 * the default; NULL where there is no memory, which is said then.
 */
#define DEFINE_OWN(name)                                                                  \
    static struct name##_conf *own_##name(struct assignment *a)                           \
    {                                                                                     \
        if (a->service->name == service_defaults.name) {                                  \
            struct name##_conf *copy = new_group(a, service_defaults.name, sizeof *copy); \
            if (!copy)                                                                    \
                return NULL;                                                              \
            a->service->name = copy;                                                      \
        }                                                                                 \
        return (struct name##_conf *)(uintptr_t)a->service->name;                         \
    }

/*
 * Defines a setter that reads one value by `read`, a bool (struct assignment *, type *), into a
 * field of the service's own copy of a group.
 */
#define DEFINE_SET(setter, name, field, type, read)     \
    bool setter(struct assignment *a)                   \
    {                                                   \
        type value = {0};                               \
        struct name##_conf *own;                        \
        if (!read(a, &value) || !(own = own_##name(a))) \
            return false;                               \
        own->field = value;                             \
        return true;                                    \
    }

/* Read the only word, or all words, of a value. They return as a setter does. */
bool read_duration(struct assignment *a, int64_t *ms);
bool read_some_duration(struct assignment *a, int64_t *ms); /* not 0 */
bool read_bool(struct assignment *a, bool *value);
bool read_signal(struct assignment *a, int *sig);
bool read_number(struct assignment *a, int least, int most, int *number);
bool read_choice(struct assignment *a, const char *const *choices, int count, const char *expected,
                 int *index);
bool read_text(struct assignment *a, const char **text);          /* kept */
bool read_absolute_path(struct assignment *a, const char **path); /* kept */
bool read_argv(struct assignment *a, char *const **argv);         /* kept; at least one word */

/* A copy that lasts until the service is complete; NULL where there is no memory, which is said. */
void *new_group(struct assignment *a, const void *standard, size_t size);

/* Memory of the configuration's; NULL where there is none, which is said then. */
void *new_item(struct assignment *a, size_t size);
const char *new_text(struct assignment *a, const char *text, size_t length);

/* The words from `first` on, kept as an argument vector; NULL where there is no memory. */
char *const *keep_argv(struct assignment *a, int first);

#define SETTER(name) bool name(struct assignment *a)

/* set_reeve.c */
SETTER(set_stop_signals);
SETTER(set_shutdown_timeout);
SETTER(set_stop_delay);
SETTER(set_sweep_timeout);
SETTER(set_log_level);
SETTER(set_log_format);
SETTER(set_control);
SETTER(set_state_dir);

/* set_run.c */
SETTER(set_command);
SETTER(set_type);
SETTER(set_depends_on);
SETTER(set_after);
SETTER(set_main);
SETTER(set_essential);
SETTER(set_start);
SETTER(set_instances);
SETTER(set_rewrite);
SETTER(set_directory);
SETTER(set_umask);
SETTER(set_environment);
SETTER(set_env_file);
SETTER(set_env_from_file);
SETTER(set_clear_env);
SETTER(set_stdin);
SETTER(set_tty);
SETTER(set_stdout);
SETTER(set_stderr);

/* set_life.c */
SETTER(set_restart);
SETTER(set_crash_limit);
SETTER(set_restart_delay);
SETTER(set_restart_delay_max);
SETTER(set_restart_factor);
SETTER(set_restart_reset);
SETTER(set_restart_jitter);
SETTER(set_success_exit_codes);
SETTER(set_stop_signal);
SETTER(set_stop_timeout);
SETTER(set_kill_mode);
SETTER(set_stop_command);
SETTER(set_reload_command);
SETTER(set_reload_signal);

/* set_probe.c */
SETTER(set_pidfile);
SETTER(set_ready);
SETTER(set_start_timeout);
SETTER(set_health);
SETTER(set_health_interval);
SETTER(set_health_timeout);
SETTER(set_health_retries);
SETTER(set_health_start_period);
SETTER(set_health_start_interval);
SETTER(set_on_unhealthy);
SETTER(set_watchdog);

/* set_identity.c */
SETTER(set_user);
SETTER(set_group);
SETTER(set_groups);
SETTER(set_chown);
SETTER(set_mkdir);
SETTER(set_capabilities);
SETTER(set_no_new_privileges);
SETTER(set_limit_nofile);
SETTER(set_limit_core);
SETTER(set_limit_nproc);
SETTER(set_limit_memlock);
SETTER(set_limit_stack);
SETTER(set_limit_as);
SETTER(set_limit_fsize);
SETTER(set_nice);
SETTER(set_oom_score_adj);
SETTER(set_ionice);
