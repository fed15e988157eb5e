#include "conf/read.h"

#include "conf/check.h"
#include "conf/ini_reader.h"
#include "conf/keys.h"
#include "conf/suggest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_LENGTH = 48 };

static const char name_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

void conf_reader_init(struct conf_reader *reader, struct conf *conf, struct conf_errors *errors)
{
    *reader = (struct conf_reader){.conf = conf, .errors = errors};
}

/* The section at hand is complete. */
static void end_section(struct conf_reader *r)
{
    if (r->service && !r->is_discarded) {
        check_service(r->conf, r->service, r->section, r->line_of, r->errors);
        if (!conf_add(r->conf, r->service))
            errors_add(r->errors, r->service->place, "%s out of memory", r->section);
    }
    r->at = OUTSIDE;
    r->is_discarded = false;
    r->service = NULL;
    memset(r->line_of, 0, sizeof r->line_of);
}

static void begin_reeve(struct conf_reader *r, struct place place)
{
    r->at = IN_REEVE; /* a second one, too: what is wrong in it is said in the same run */
    const struct place *first = &r->conf->place;
    if (first->line != NO_FILE)
        errors_add(r->errors, place, "[reeve] is there a second time, the first is at %s:%d",
                   first->file, first->line);
    else
        r->conf->place = place;
}

const char *conf_find_name_fault(const char *name)
{
    if (*name == '\0')
        return "has no name, expected [service NAME]";
    if (strlen(name) > NAME_MAX_LENGTH)
        return "has a name of more than 48 bytes";
    if (name[strspn(name, name_characters)] != '\0')
        return "has a name with something else than letters, digits, '_', '-' and '.'";
    if (strcmp(name, "all") == 0)
        return "has a name that stands for all services, expected another one";
    return NULL;
}

/* A service that is refused is read all the same: what is wrong in it is said in the same run. */
static void begin_service(struct conf_reader *r, const char *name, struct place place)
{
    const char *fault = conf_find_name_fault(name);
    const struct service_conf *first = fault ? NULL : conf_find_service(r->conf, name);
    r->is_discarded = fault || first;
    if (fault)
        errors_add(r->errors, place, "[service %s] %s", name, fault);
    else if (first)
        errors_add(r->errors, place, "[service %s] is there a second time, the first is at %s:%d",
                   name, first->place.file, first->place.line);
    r->service = conf_new_service(r->conf, name, place);
    r->at = r->service ? IN_SERVICE : IN_REFUSED;
    if (!r->service)
        errors_add(r->errors, place, "[service %s] out of memory", name);
}

static const char *section_of(int i)
{
    static const char *const sections[] = {"reeve", "service", NULL};
    return sections[i];
}

static void add_unknown_section(struct conf_reader *r, const char *name, struct place place)
{
    char word[32];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(name, " \t"), name);
    const char *meant = suggest(word, section_of);
    if (meant)
        errors_add(r->errors, place, "unknown section '%s', did you mean '%s%s'?", name, meant,
                   name + strcspn(name, " \t"));
    else
        errors_add(r->errors, place, "unknown section '%s', expected [reeve] or [service NAME]",
                   name);
}

static void on_section(void *data, const char *name, struct place place)
{
    struct conf_reader *r = data;
    static const char service[] = "service";
    size_t length = sizeof service - 1;
    end_section(r);
    snprintf(r->section, sizeof r->section, "[%s]", name);
    if (strcmp(name, "reeve") == 0) {
        begin_reeve(r, place);
    } else if (strncmp(name, service, length) == 0 &&
               (name[length] == ' ' || name[length] == '\t' || name[length] == '\0')) {
        begin_service(r, name + length + strspn(name + length, " \t"), place);
    } else {
        r->at = IN_REFUSED;
        if (*name != '\0') /* else it was said already */
            add_unknown_section(r, name, place);
    }
}

static void add_unknown_key(struct conf_reader *r, const char *key, struct place place)
{
    const char *meant = key_suggest(key);
    if (meant)
        errors_add(r->errors, place, "%s unknown key '%s', did you mean '%s'?", r->section, key,
                   meant);
    else
        errors_add(r->errors, place, "%s unknown key '%s'", r->section, key);
}

static void on_key(void *data, const char *name, const char *value, struct place place)
{
    struct conf_reader *r = data;
    char prefix[256];
    const struct key *key = key_find(name);
    if (r->at == IN_REFUSED)
        return;
    if (r->at == OUTSIDE) {
        errors_add(r->errors, place,
                   "the key '%s' is in no section, expected [reeve] or "
                   "[service NAME] above it",
                   name);
        return;
    }
    if (!key) {
        add_unknown_key(r, name, place);
        return;
    }
    snprintf(prefix, sizeof prefix, "%s %s", r->section, name);
    if ((key->section == SECTION_SERVICE) != (r->at == IN_SERVICE)) {
        errors_add(r->errors, place, "%s: the key belongs into %s", prefix,
                   key->section == SECTION_SERVICE ? "[service NAME]" : "[reeve]");
        return;
    }
    int *line = &r->line_of[key - keys];
    if (*line > 0 && !key->adds_up) {
        errors_add(r->errors, place, "%s: the key is there a second time, the first is in line %d",
                   prefix, *line);
        return;
    }
    *line = place.line;
    if (r->service && strcmp(name, "depends-on") == 0)
        r->service->depends_on_line = place.line;
    if (r->service && strcmp(name, "after") == 0)
        r->service->after_line = place.line;
    key_assign(key, r->conf, r->service, value, prefix, place, r->errors);
}

static bool is_key(void *data, const char *name)
{
    (void)data;
    return key_find(name) != NULL;
}

void conf_reader_file(struct conf_reader *r, FILE *file, const char *name)
{
    static const struct ini_callbacks callbacks = {on_section, on_key, is_key};
    ini_read(file, name, &callbacks, r, r->errors);
    end_section(r);
}

void conf_reader_finish(struct conf_reader *r)
{
    check_all(r->conf, r->errors);
    errors_sort(r->errors);
}

/* --- paths ---------------------------------------------------------------------------------- */

static bool may_keep_us(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static void read_file(struct conf_reader *r, const char *path)
{
    if (!r->may_wait && may_keep_us(path)) {
        errors_add(r->errors, (struct place){path, 0},
                   "is no regular file, expected one that can be read again");
        return;
    }
    FILE *file = fopen(path, "re");
    if (!file) {
        errors_add(r->errors, (struct place){path, 0}, "cannot be read: %s", strerror(errno));
        return;
    }
    conf_reader_file(r, file, path);
    fclose(file);
}

static int is_ini_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".ini") == 0 && *entry->d_name != '.';
}

/* alphasort(3) asks the locale; an order that depends on it would be a surprise. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(struct conf_reader *r, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_ini_file, by_bytes);
    if (count < 0) {
        errors_add(r->errors, (struct place){path, 0}, "cannot be read: %s", strerror(errno));
        return;
    }
    if (count == 0)
        errors_add(r->errors, (struct place){path, 0}, "has no files *.ini in it");
    for (int i = 0; i < count; i++) {
        /* Kept with the configuration, whose places name it. */
        size_t size = strlen(path) + strlen(entries[i]->d_name) + 2;
        char *name = arena_bytes(&r->conf->arena, size);
        if (name) {
            snprintf(name, size, "%s/%s", path, entries[i]->d_name);
            read_file(r, name);
        } else {
            errors_add(r->errors, (struct place){path, 0}, "out of memory");
        }
        free(entries[i]);
    }
    free(entries);
}

void conf_read_paths(struct conf *conf, const char *const *paths, int count, bool may_wait,
                     struct conf_errors *errors)
{
    struct conf_reader reader;
    conf_reader_init(&reader, conf, errors);
    reader.may_wait = may_wait;
    for (int i = 0; i < count; i++) {
        struct stat status;
        if (stat(paths[i], &status) == 0 && S_ISDIR(status.st_mode))
            read_folder(&reader, paths[i]);
        else
            read_file(&reader, paths[i]);
    }
}

bool conf_path_has_files(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry = NULL;
    if (!folder)
        return access(path, F_OK) == 0;
    do
        entry = readdir(folder);
    while (entry && !is_ini_file(entry));
    closedir(folder);
    return entry != NULL;
}
