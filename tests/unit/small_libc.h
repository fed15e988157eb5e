/*
 * The functions of libc/ beside those of the libc that the tests run with: tests/CMakeLists.txt
 * compiles them under these names.
 */
#pragma once

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

int small_snprintf(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int small_sprintf(char *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
int small_fprintf(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
long small_strtol(const char *text, char **end, int base);
unsigned long long small_strtoull(const char *text, char **end, int base);
int small_atoi(const char *text);
void small_qsort(void *bytes, size_t count, size_t size,
                 int (*compare)(const void *a, const void *b));
struct tm *small_gmtime_r(const time_t *time, struct tm *tm);
int small_getopt_long(int argc, char *const *argv, const char *letters,
                      const struct option *options, int *index);
void *small_malloc(size_t size);
void *small_calloc(size_t count, size_t size);
void *small_realloc(void *memory, size_t size);
void small_free(void *memory);
pid_t small_fork(void);
ssize_t small_getline(char **line, size_t *size, FILE *file);
extern char *small_optarg;
extern int small_optind;
extern int small_optopt;
