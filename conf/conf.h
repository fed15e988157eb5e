/*
 * What reeve was told to do, by files or by the command line: settings of reeve itself, and the
 * services. Pure data in one arena; who reads it never changes it.
 *
 * What few services write is kept in groups. A group that a service does not write is one default
 * that all of them share, and one that it writes as the service before it did is shared, too.
 */
#pragma once

#include "conf/errors.h"
#include "conf/value.h"

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };
enum log_format { FORMAT_TEXT, FORMAT_JSON };

enum service_type { TYPE_SIMPLE, TYPE_ONESHOT, TYPE_FORKING };
enum restart_policy { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS, RESTART_UNLESS_STOPPED };
enum kill_mode { KILL_GROUP, KILL_PROCESS, KILL_MIXED };
enum unhealthy_action { UNHEALTHY_RESTART, UNHEALTHY_IGNORE, UNHEALTHY_STOP };
enum condition {
    CONDITION_DEFAULT,
    CONDITION_STARTED,
    CONDITION_READY,
    CONDITION_HEALTHY,
    CONDITION_COMPLETED
};
enum output_kind { OUTPUT_INHERIT, OUTPUT_NULL, OUTPUT_FILE };
enum ionice_class { IONICE_UNSET, IONICE_REALTIME, IONICE_BEST_EFFORT, IONICE_IDLE };

enum probe_kind {
    PROBE_NONE,   /* health: no check; ready: ready when started */
    PROBE_NOTIFY, /* sd_notify(3) READY=1 */
    PROBE_FD,     /* a line on descriptor `number` */
    PROBE_AFTER,  /* after `ms` */
    PROBE_TCP,    /* `host`, `port` */
    PROBE_UNIX,   /* `path` */
    PROBE_EXEC,   /* `argv` */
    PROBE_HTTP,   /* `host`, `port`, `path` */
};

struct probe {
    enum probe_kind kind;
    int number;
    int64_t ms;
    const char *host;
    const char *port;
    const char *path;
    char *const *argv;
};

struct output {
    enum output_kind kind;
    const char *path;
};

/* A list of texts; NULL where there is none. */
struct text_list {
    struct text_list *next;
    const char *text;
};

struct dependency {
    struct dependency *next;
    const char *name;
    enum condition condition;
};

/* A path of chown or mkdir. */
struct owned_path {
    struct owned_path *next;
    const char *path;
    bool is_recursive;
};

enum env_kind {
    ENV_VARIABLE, /* text: NAME=VALUE */
    ENV_FILE,     /* path of a file of NAME=VALUE lines */
    ENV_SECRET,   /* text: NAME, path of a file that is its value */
};

/* A step towards the environment of a service; a later one wins. */
struct env_item {
    struct env_item *next;
    enum env_kind kind;
    bool may_be_missing;
    const char *text;
    const char *path;
};

struct restart_conf {
    enum restart_policy policy;
    int tries;       /* restarts under on-failure; 0: any number */
    int crash_limit; /* 0: none */
    int64_t delay_ms;
    int64_t delay_max_ms;
    int64_t reset_ms;
    int factor_percent; /* 200: twice as long each time */
    int jitter_percent;
    struct exit_codes success;
};

struct stop_conf {
    int signal;
    enum kill_mode kill_mode;
    int64_t timeout_ms;
    bool timeout_is_written;
    char *const *command;
    char *const *reload_command;
    int reload_signal; /* 0: none */
};

struct ready_conf {
    struct probe probe;
    const char *pidfile; /* of a forking service */
    int64_t timeout_ms;  /* 0: none */
};

struct health_conf {
    struct probe probe;
    int64_t interval_ms;
    int64_t timeout_ms;
    int64_t start_period_ms;
    int64_t start_interval_ms;
    int64_t watchdog_ms; /* 0: none */
    int retries;
    enum unhealthy_action on_unhealthy;
};

struct identity_conf {
    const char *user; /* names or numbers; NULL: as reeve */
    const char *group;
    struct text_list *groups;
    struct owned_path *chown;
    struct owned_path *mkdir;
    uint64_t capabilities; /* bit n is capability n, where keeps_capabilities is set */
    bool keeps_capabilities;
    bool no_new_privileges;
};

/* The resources in the order of their keys. */
enum limit {
    LIMIT_NOFILE,
    LIMIT_CORE,
    LIMIT_NPROC,
    LIMIT_MEMLOCK,
    LIMIT_STACK,
    LIMIT_AS,
    LIMIT_FSIZE,
    LIMITS
};

struct limit_conf {
    bool is_set;
    uint64_t soft; /* UINT64_MAX: unlimited */
    uint64_t hard;
};

struct resource_conf {
    struct limit_conf limits[LIMITS];
    bool sets_nice;
    bool sets_oom_score_adj;
    int nice;
    int oom_score_adj;
    enum ionice_class ionice_class;
    int ionice_level;
};

struct io_conf {
    bool stdin_inherit;
    bool tty;
    struct output out;
    struct output err;
    const char *directory; /* NULL: where reeve was started */
    int umask;             /* -1: inherited */
};

struct rewrite_conf {
    struct signal_map map;
};

struct environment_conf {
    bool clear;
    struct env_item *items;
};

struct service_conf {
    struct service_conf *next;
    struct service_conf *next_alike; /* of those whose names look like this one's */
    const char *name;
    struct place place; /* of its section */
    char *const *argv;  /* the command, ended by NULL; NULL where there is none */
    struct dependency *depends_on;
    struct text_list *after;
    const struct restart_conf *restart;
    const struct stop_conf *stop;
    const struct ready_conf *ready;
    const struct health_conf *health;
    const struct identity_conf *identity;
    const struct resource_conf *resource;
    const struct io_conf *io;
    const struct environment_conf *environment;
    const struct rewrite_conf *rewrite;
    int depends_on_line; /* in the file of its section; 0: none */
    int after_line;
    uint16_t instances; /* 0: not written, one of its own name */
    uint8_t type;       /* enum service_type */
    bool is_uncertain;  /* a key of it was refused, or depends on what is not known here */
    bool is_main;
    bool is_essential;
    bool starts;
};

enum { CONF_NAMES = 64 }; /* a power of two */

struct conf {
    struct arena arena;
    struct arena groups;         /* groups of the service that is being read */
    uint64_t written[2];         /* bit n: the key in row n of the table was written, in [reeve], */
    uint64_t service_written[2]; /* and in the service that is being read */
    struct place place;          /* of [reeve] */
    struct place timeout_place;  /* of shutdown-timeout */
    signal_set stop_signals;
    int64_t shutdown_timeout_ms; /* for the whole shutdown; 0: none */
    int64_t stop_delay_ms;
    int64_t sweep_timeout_ms; /* for what is left after the services */
    const char *control;      /* path of the socket; NULL: none */
    const char *state_dir;
    enum log_level log_level;
    enum log_format log_format;
    struct service_conf *services; /* in the order of the files */
    struct service_conf *last;
    struct service_conf *by_name[CONF_NAMES];
    int count;
    struct service_conf *main; /* one of them; NULL: none */
    const char *replaced_main; /* the name of the file's main service, for which a command stands */
};

/* What a service has that writes nothing. */
extern const struct service_conf service_defaults;

/* What a oneshot has instead, and a command. */
extern const struct restart_conf conf_restart_never;

void conf_init(struct conf *conf);
void conf_free(struct conf *conf);

/*
 * A service with everything at its default; NULL where there is no memory. `name` is copied. It is
 * not among the services before conf_add().
 */
struct service_conf *conf_new_service(struct conf *conf, const char *name, struct place place);

/* The same for a command: not restarted, and with our standard input. */
struct service_conf *conf_new_command(struct conf *conf, struct place place);

/*
 * Adds a service whose keys are all read, last of all. Its groups are kept from here on. Returns
 * false where there is no memory.
 */
bool conf_add(struct conf *conf, struct service_conf *service);
void conf_remove(struct conf *conf, const struct service_conf *service);

/* It stands on the command line and not in a file. */
bool service_conf_is_command(const struct service_conf *service);

struct service_conf *conf_find_service(struct conf *conf, const char *name);
