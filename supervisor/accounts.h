/*
 * Users and groups by /etc/passwd and /etc/group of the container, passwd(5) and group(5), without
 * NSS: a static binary has none, and a container rarely more than these two files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

enum { ACCOUNT_NAME_SIZE = 64, ACCOUNT_PATH_SIZE = 256 };

struct account {
    char name[ACCOUNT_NAME_SIZE];
    uid_t uid;
    gid_t gid;
    char home[ACCOUNT_PATH_SIZE];
    char shell[ACCOUNT_PATH_SIZE];
};

/* A number as user and group files have it, less than 2^32 - 1, which the kernel keeps. */
bool accounts_number(const char *text, unsigned *number);

/* Finds a user by name, or else by number. Lines that are none are passed over. */
bool accounts_find_user(FILE *file, const char *user, struct account *account);

/* Finds a group by name, or else by number. */
bool accounts_find_group(FILE *file, const char *group, gid_t *gid);

/*
 * The groups that have `user` among their members: as many of them as fit into `groups`. Returns
 * how many there are.
 */
size_t accounts_groups_of(FILE *file, const char *user, gid_t *groups, size_t most);
