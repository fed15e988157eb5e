/*
 * libFuzzer: any bytes as a line from reeve, and as texts that reeve tells. What is written is
 * always an object, and what was read once is written and read the same.
 */
#include "ctl/answer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 16 };

static size_t total; /* so that nothing of it is optimized away */

static void touch(const char *text)
{
    if (text)
        total += strlen(text);
}

static void read_any(char *line)
{
    struct answer answer;
    answer_read(line, &answer);
    if (answer.kind == ANSWER_GARBAGE)
        return;
    for (int i = 0; i < answer.count; i++) {
        touch(answer.fields[i].name);
        touch(answer.fields[i].text);
    }
    if (answer.kind == ANSWER_STATUS)
        touch(answer.status.name);
    if (answer.kind == ANSWER_VERDICT)
        touch(answer.verdict.error);
}

/* The texts, one behind the other, each ended by a NUL, as fields of an object. */
static size_t write_texts(char *line, size_t size, const char *const *texts, int count)
{
    struct json json;
    json_begin(&json, line, size);
    for (int i = 0; i < count; i++) {
        json_string(&json, "text", texts[i]);
        json_number(&json, "number", (long long)strlen(texts[i]) - i);
        json_bool(&json, "bool", i % 2);
        json_string(&json, "null", NULL);
    }
    return json_end(&json);
}

static int read_texts(char *line, size_t size, size_t length, struct json_field *fields)
{
    if (length >= size || line[length] != '\0' || strchr(line, '\n') != line + length - 1)
        abort();
    int count = json_read(line, fields, 4 * MOST);
    if (count < 0)
        abort();
    return count;
}

static bool is_ascii(const char *text)
{
    while (*text > 0)
        text++;
    return *text == '\0';
}

/* There is room for all of it. */
static void round_trip(const char *const *texts, int count, size_t size)
{
    struct json_field first[4 * MOST];
    struct json_field second[4 * MOST];
    const char *read[MOST];
    size_t room = 1000 + 100 * MOST + 20 * size;
    room <<= count; /* a text may take half of what is left */
    char *line = malloc(room);
    char *again = malloc(room);
    if (read_texts(line, room, write_texts(line, room, texts, count), first) != 4 * count)
        abort();
    for (int i = 0; i < count; i++) {
        read[i] = first[4L * i].text;
        if (is_ascii(texts[i]) && strcmp(texts[i], read[i]) != 0)
            abort();
    }
    read_texts(again, room, write_texts(again, room, read, count), second);
    for (int i = 0; i < count; i++)
        if (strcmp(read[i], second[4L * i].text) != 0 ||
            first[4L * i + 2].number != second[4L * i + 2].number)
            abort();
    free(line);
    free(again);
}

/* And there is not. */
static void write_into_little(const char *const *texts, int count, size_t size)
{
    struct json_field fields[4 * MOST];
    size_t room = 4 + size % ANSWER_SIZE;
    char *line = malloc(room);
    read_texts(line, room, write_texts(line, room, texts, count), fields);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *texts[MOST];
    int count = 0;
    char *copy = strndup((const char *)data, size);
    read_any(copy);
    free(copy);
    copy = malloc(size + 1);
    memcpy(copy, data, size);
    copy[size] = '\0';
    for (size_t at = 0; at <= size && count < 6; at += strlen(texts[count++]) + 1)
        texts[count] = copy + at;
    round_trip(texts, count, size);
    write_into_little(texts, count, size);
    free(copy);
    return 0;
}
