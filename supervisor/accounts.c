#include "supervisor/accounts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool accounts_number(const char *text, unsigned *number)
{
    uint64_t value = 0;
    const char *digit = text;
    for (; *digit >= '0' && *digit <= '9' && value < UINT32_MAX; digit++)
        value = value * 10 + (uint64_t)(*digit - '0');
    *number = (unsigned)value;
    return digit != text && *digit == '\0' && value < UINT32_MAX;
}

/* The next of the fields that colons separate; NULL behind the last one. */
static char *take_field(char **line)
{
    char *field = *line;
    if (!field)
        return NULL;
    char *colon = strchr(field, ':');
    *line = colon ? colon + 1 : NULL;
    if (colon)
        *colon = '\0';
    return field;
}

enum { FIELDS = 7 };

/* Returns how many fields there are: of a comment, none. */
static int take_fields(char *line, char *fields[static FIELDS])
{
    int count = 0;
    if (*line == '#')
        return 0;
    line[strcspn(line, "\n")] = '\0';
    while (count < FIELDS && (fields[count] = take_field(&line)))
        count++;
    return count;
}

/* NAME:PASSWORD:UID:GID:COMMENT:HOME:SHELL. What is too long is no account. */
static bool read_user(char *line, struct account *account)
{
    char *fields[FIELDS];
    unsigned uid;
    unsigned gid;
    if (take_fields(line, fields) < FIELDS || *fields[0] == '\0' ||
        strlen(fields[0]) >= sizeof account->name || strlen(fields[5]) >= sizeof account->home ||
        strlen(fields[6]) >= sizeof account->shell || !accounts_number(fields[2], &uid) ||
        !accounts_number(fields[3], &gid))
        return false;
    account->uid = uid;
    account->gid = gid;
    strcpy(account->name, fields[0]);
    strcpy(account->home, *fields[5] != '\0' ? fields[5] : "/");
    strcpy(account->shell, *fields[6] != '\0' ? fields[6] : "/bin/sh");
    return true;
}

/* NAME:PASSWORD:GID:MEMBER,... */
static bool read_group(char *line, char **name, gid_t *gid, char **members)
{
    char *fields[FIELDS];
    unsigned number;
    int count = take_fields(line, fields);
    if (count < 3 || *fields[0] == '\0' || !accounts_number(fields[2], &number))
        return false;
    *name = fields[0];
    *gid = number;
    *members = count > 3 ? fields[3] : NULL;
    return true;
}

/* A name counts before a number: the first user of that name, else the first of that number. */
bool accounts_find_user(FILE *file, const char *user, struct account *account)
{
    unsigned number;
    bool is_number = accounts_number(user, &number);
    bool is_found = false;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) >= 0) {
        struct account one;
        if (!read_user(line, &one))
            continue;
        bool has_name = strcmp(one.name, user) == 0;
        if (has_name || (is_number && one.uid == number && !is_found)) {
            *account = one;
            is_found = true;
        }
        if (has_name)
            break;
    }
    free(line);
    return is_found;
}

bool accounts_find_group(FILE *file, const char *group, gid_t *gid)
{
    bool is_found = false;
    char *line = NULL;
    size_t size = 0;
    char *name;
    char *members;
    while (!is_found && getline(&line, &size, file) >= 0)
        is_found = read_group(line, &name, gid, &members) && strcmp(name, group) == 0;
    free(line);
    if (!is_found)
        is_found = accounts_number(group, gid);
    return is_found;
}

static bool has_member(const char *members, const char *user)
{
    size_t length = strlen(user);
    for (; members; members = strchr(members, ',')) {
        members += *members == ',';
        if (strncmp(members, user, length) == 0 &&
            (members[length] == ',' || members[length] == '\0'))
            return true;
    }
    return false;
}

size_t accounts_groups_of(FILE *file, const char *user, gid_t *groups, size_t most)
{
    size_t count = 0;
    char *line = NULL;
    size_t size = 0;
    char *name;
    char *members;
    gid_t gid;
    while (getline(&line, &size, file) >= 0) {
        if (!read_group(line, &name, &gid, &members) || !has_member(members, user))
            continue;
        if (count < most)
            groups[count] = gid;
        count++;
    }
    free(line);
    return count;
}
