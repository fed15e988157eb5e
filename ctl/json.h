/*
 * One flat JSON object a line (RFC 8259): written field by field, and read. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A line that is written. A field that does not fit is left out. */
struct json {
    char *text;
    size_t size;
    size_t length;
};

/* Begins an object in `text`, of at least 3 bytes. */
void json_begin(struct json *json, char *text, size_t size);

/* A value that is NULL becomes null; one that is longer than half of the room is cut. */
void json_string(struct json *json, const char *name, const char *value);
void json_number(struct json *json, const char *name, long long value);
void json_null(struct json *json, const char *name);
void json_bool(struct json *json, const char *name, bool value);

/* The time of day, as ISO 8601 with milliseconds in UTC. */
void json_now(struct json *json, const char *name);

/* Ends the object, and the line; returns the length of all of it. There is always room for it. */
size_t json_end(struct json *json);

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING };

struct json_field {
    const char *name;
    const char *text; /* JSON_STRING */
    long long number; /* JSON_NUMBER, a whole one; JSON_BOOL */
    enum json_kind kind;
};

/*
 * Reads an object without arrays and objects in it, in place: names and texts point into `line`,
 * which ends with a NUL. Returns how many fields there are; -1 where it is no such object, or has
 * more than `most`.
 */
int json_read(char *line, struct json_field *fields, int most);

/* NULL where there is no field of this name and kind. */
const struct json_field *json_find(const struct json_field *fields, int count, const char *name,
                                   enum json_kind kind);
