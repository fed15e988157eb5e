#include "ctl/json.h"

#include "ctl/escape.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* --- writing ---------------------------------------------------------------------------------- */

enum { END_SIZE = 3 }; /* "}\n" and a NUL always fit behind what was put in */

void json_begin(struct json *json, char *text, size_t size)
{
    *json = (struct json){.text = text, .size = size, .length = 1};
    text[0] = '{';
    text[1] = '\0';
}

static size_t room(const struct json *json)
{
    return json->size - END_SIZE - json->length;
}

/* A whole field, or nothing of it. Returns whether there was room. */
static bool put(struct json *json, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool put(struct json *json, const char *format, ...)
{
    char *end = json->text + json->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(end, room(json) + 1, format, arguments);
    va_end(arguments);
    bool fits = length >= 0 && (size_t)length <= room(json);
    if (fits)
        json->length += (size_t)length;
    *(json->text + json->length) = '\0';
    return fits;
}

static const char *comma(const struct json *json)
{
    return json->length > 1 ? "," : "";
}

void json_string(struct json *json, const char *name, const char *value)
{
    if (!value) {
        json_null(json, name);
        return;
    }
    size_t before = json->length;
    if (!put(json, "%s\"%s\":\"", comma(json), name))
        return;
    json->length += escape_json(json->text + json->length, room(json) / 2 + 1, value);
    if (!put(json, "\"")) {
        json->length = before;
        json->text[before] = '\0';
    }
}

void json_number(struct json *json, const char *name, long long value)
{
    put(json, "%s\"%s\":%lld", comma(json), name, value);
}

void json_null(struct json *json, const char *name)
{
    put(json, "%s\"%s\":null", comma(json), name);
}

void json_bool(struct json *json, const char *name, bool value)
{
    put(json, "%s\"%s\":%s", comma(json), name, value ? "true" : "false");
}

void json_now(struct json *json, const char *name)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    put(json, "%s\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"", comma(json), name,
        utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
        now.tv_nsec / 1000000);
}

size_t json_end(struct json *json)
{
    memcpy(json->text + json->length, "}\n", END_SIZE);
    return json->length += END_SIZE - 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static char *skip_blanks(char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Four hexadecimal digits; -1 where there are none. */
static int32_t hex4(const char *at)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
        if (!digit)
            return -1;
        int32_t number = (int32_t)(digit - digits);
        value = value * 16 + (number < 16 ? number : number - 6);
    }
    return value;
}

static char *put_utf8(char *to, int32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

enum { HIGH = 0xd800, LOW = 0xdc00, PAST_LOW = 0xe000 };

/* The character of \uXXXX, of two of them where they are a pair; -1 where it is none, or NUL. */
static int32_t read_unicode(char **from)
{
    int32_t c = hex4(*from);
    if (c <= 0 || (c >= LOW && c < PAST_LOW))
        return -1;
    *from += 4;
    if (c < HIGH || c >= LOW)
        return c;
    int32_t low = (*from)[0] == '\\' && (*from)[1] == 'u' ? hex4(*from + 2) : -1;
    if (low < LOW || low >= PAST_LOW)
        return -1;
    *from += 6;
    return 0x10000 + ((c - HIGH) << 10) + (low - LOW);
}

/* What stands behind a backslash becomes what it means, which is never longer. NULL: nothing. */
static char *read_escape(char **from, char *to)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    char letter = *(*from)++;
    if (letter == 'u') {
        int32_t c = read_unicode(from);
        return c < 0 ? NULL : put_utf8(to, c);
    }
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found)
        return NULL;
    *to++ = meant[found - letters];
    return to;
}

/* The string at its opening quote; returns what is behind the closing one, NULL where it is none.
 */
static char *read_string(char *at, const char **text)
{
    if (*at != '"')
        return NULL;
    char *to = ++at;
    *text = to;
    while (*at != '"') {
        if ((unsigned char)*at < 0x20)
            return NULL;
        if (*at == '\\') {
            at++;
            if (!(to = read_escape(&at, to)))
                return NULL;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    return at + 1;
}

/* Whole numbers are all that we write. */
static char *read_number(char *at, long long *number)
{
    bool is_negative = *at == '-';
    unsigned long long value = 0;
    char *digit = at + is_negative;
    char *first = digit;
    for (; *digit >= '0' && *digit <= '9' && digit - first < 18; digit++)
        value = value * 10 + (unsigned)(*digit - '0');
    if (digit == first || (*digit >= '0' && *digit <= '9'))
        return NULL;
    *number = is_negative ? -(long long)value : (long long)value;
    return digit;
}

static char *read_word(char *at, const char *word)
{
    size_t length = strlen(word);
    return strncmp(at, word, length) == 0 ? at + length : NULL;
}

static char *read_value(char *at, struct json_field *field)
{
    char *end;
    if (*at == '"') {
        field->kind = JSON_STRING;
        return read_string(at, &field->text);
    }
    if ((end = read_word(at, "null"))) {
        field->kind = JSON_NULL;
        return end;
    }
    field->kind = JSON_BOOL;
    field->number = *at == 't';
    if ((end = read_word(at, "true")) || (end = read_word(at, "false")))
        return end;
    field->kind = JSON_NUMBER;
    return read_number(at, &field->number);
}

/* "NAME":VALUE and the blanks around; returns what is behind, NULL where it is none. */
static char *read_field(char *at, struct json_field *field)
{
    *field = (struct json_field){.kind = JSON_NULL};
    at = read_string(skip_blanks(at), &field->name);
    if (!at || *(at = skip_blanks(at)) != ':')
        return NULL;
    at = read_value(skip_blanks(at + 1), field);
    return at ? skip_blanks(at) : NULL;
}

int json_read(char *line, struct json_field *fields, int most)
{
    int count = 0;
    char *at = skip_blanks(line);
    if (*at != '{')
        return -1;
    at = skip_blanks(at + 1);
    if (*at == '}')
        return *skip_blanks(at + 1) == '\0' ? 0 : -1;
    do {
        if (count == most || !(at = read_field(at, &fields[count++])))
            return -1;
    } while (*at++ == ',');
    return at[-1] == '}' && *skip_blanks(at) == '\0' ? count : -1;
}

const struct json_field *json_find(const struct json_field *fields, int count, const char *name,
                                   enum json_kind kind)
{
    for (int i = 0; i < count; i++)
        if (fields[i].kind == kind && strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}
