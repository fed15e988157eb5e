#include "conf/ini_reader.h"

#include "conf/words.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

/*
 * A value is handed to inih in pieces, the first as "key=PIECE", the others as " PIECE", its form
 * of a continuation line. A guard byte at both ends of each keeps inih from stripping blanks and
 * from taking a leading ; or # for a comment; any other ; is handed on as a byte of its own for the
 * same reason. All of these are control characters, which no file may have.
 */
enum {
    SEMICOLON = '\x01',
    GUARD_LINE = '\x02',  /* begins a piece that begins a line of the user's */
    GUARD_PIECE = '\x03', /* begins one that goes on with it */
    GUARD_END = '\x04',
    PIECE_MAX = 180,
};

struct buffer {
    char *bytes; /* room for INI_LINE_MAX and a NUL */
    size_t length;
};

struct reader {
    FILE *file;
    const char *name;
    const struct ini_callbacks *callbacks;
    void *data;
    struct conf_errors *errors;

    int line_number;
    struct buffer line;  /* the line at hand, without its end */
    const char *pending; /* what of it has not been handed to inih yet */
    bool is_first_piece;

    char key[INI_NAME_MAX + 1]; /* the key at hand, "" where there is none */
    int key_line;
    struct quote_state quotes; /* at the end of what its value has so far */
    bool key_is_broken;        /* an error was said: what belongs to it is passed over */
    struct buffer value;
};

static void complain(struct reader *r, int line, const char *what)
{
    errors_add(r->errors, (struct place){r->name, line}, "%s", what);
}

/* --- from inih: the value is put together again ---------------------------------------------- */

static void append(struct reader *r, const char *bytes, size_t length)
{
    if (r->value.length + length > INI_LINE_MAX) {
        if (!r->key_is_broken)
            complain(r, r->key_line, "the value is longer than 65536 bytes");
        r->key_is_broken = true;
        return;
    }
    memcpy(r->value.bytes + r->value.length, bytes, length);
    r->value.length += length;
}

static int on_piece(void *user, const char *section, const char *name, const char *piece)
{
    struct reader *r = user;
    (void)section;
    (void)name; /* both may be cut; we know them better */
    size_t length = strlen(piece);
    if (length < 2)
        return 1;
    if (*piece == GUARD_LINE && r->line_number > r->key_line)
        append(r, "\n", 1);
    append(r, piece + 1, length - 2);
    return 1;
}

/* The value of the key at hand is complete. */
static void end_key(struct reader *r)
{
    if (*r->key == '\0')
        return;
    if (r->quotes.quote != QUOTE_NONE && !r->key_is_broken) {
        complain(r, r->key_line,
                 "a quote is not closed; a line that belongs to it begins with a "
                 "blank");
    } else if (!r->key_is_broken) {
        r->value.bytes[r->value.length] = '\0';
        for (char *c = r->value.bytes; (c = strchr(c, SEMICOLON)); c++)
            *c = ';';
        r->callbacks->on_key(r->data, r->key, r->value.bytes, (struct place){r->name, r->key_line});
    }
    *r->key = '\0';
    r->value.length = 0;
}

/* --- from the file: one line ------------------------------------------------------------------ */

enum line { LINE_READ, LINE_REFUSED, LINE_NONE };

/* What is wrong with the bytes of a line, or NULL. */
static const char *find_fault(const struct buffer *line)
{
    for (size_t i = 0; i < line->length; i++) {
        unsigned char c = (unsigned char)line->bytes[i];
        if (c == '\0')
            return "the line has a NUL byte";
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return "the line has a control character, expected text";
    }
    return NULL;
}

/* Reads a line without its end, LF or CR LF; a last one may have none. */
static enum line read_line(struct reader *r)
{
    bool too_long = false;
    int c;
    r->line.length = 0;
    while ((c = getc_unlocked(r->file)) != EOF && c != '\n') {
        if (r->line.length < INI_LINE_MAX)
            r->line.bytes[r->line.length++] = (char)c;
        else
            too_long = too_long || c != '\r';
    }
    if (c == EOF && r->line.length == 0)
        return LINE_NONE;
    r->line_number++;
    if (c == '\n' && r->line.length > 0 && r->line.bytes[r->line.length - 1] == '\r')
        r->line.length--;
    r->line.bytes[r->line.length] = '\0';
    if (r->line_number == 1 && strncmp(r->line.bytes, "\xef\xbb\xbf", 3) == 0) {
        r->line.length -= 3; /* a byte order mark */
        memmove(r->line.bytes, r->line.bytes + 3, r->line.length + 1);
    }
    const char *fault = too_long ? "the line is longer than 65536 bytes" : find_fault(&r->line);
    if (fault)
        complain(r, r->line_number, fault);
    return fault ? LINE_REFUSED : LINE_READ;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *p)
{
    while (is_blank(*p))
        p++;
    return p;
}

/*
 * Cuts the comment off a piece of a value, `text`, and blanks before it, and moves the quotes on to
 * its end. A ; begins a comment behind a blank and outside of quotes.
 */
static void end_value_line(struct reader *r, char *text, bool begins_line)
{
    struct quote_state *quotes = &r->quotes;
    char *end = text + strlen(text);
    for (char *p = text; *p; p++) {
        bool is_free = quotes->quote == QUOTE_NONE && !quotes->escaped;
        if (*p == ';' && is_free && (p == text ? begins_line : is_blank(p[-1]))) {
            end = p;
            break;
        }
        quote_next(quotes, *p);
        if (*p == ';')
            *p = SEMICOLON;
    }
    if (quotes->quote == QUOTE_NONE)
        while (end > text && is_blank(end[-1]) && !(end - text > 1 && end[-2] == '\\'))
            end--;
    *end = '\0';
}

/* --- from the file: what a line is ------------------------------------------------------- */

/*
 * Each of these returns the text to hand to inih as a piece of a value, or NULL where the line is
 * none.
 */

static char *take_continuation(struct reader *r)
{
    char *text = r->line.bytes + (skip_blanks(r->line.bytes) - r->line.bytes);
    quote_next(&r->quotes, '\n'); /* as which the end of the line above comes into the value */
    end_value_line(r, text, true);
    return text;
}

/* What is wrong with "[NAME]", or NULL; `end` is its ']'. */
static const char *find_section_fault(const char *name, const char *end)
{
    if (!end)
        return "the section has no ']', expected for example [service web]";
    const char *rest = skip_blanks(end + 1);
    if (*rest != '\0' && *rest != ';' && *rest != '#')
        return "something follows the ']' of the section";
    return end - name > INI_NAME_MAX ? "the name of the section is longer than 100 bytes" : NULL;
}

static void take_section(struct reader *r)
{
    char *name = r->line.bytes + 1;
    char *end = strchr(name, ']');
    const char *fault = find_section_fault(name, end);
    if (fault) {
        complain(r, r->line_number, fault);
        end = name; /* no name: what is in it does not belong to the section above */
    }
    *end = '\0';
    r->callbacks->on_section(r->data, name, (struct place){r->name, r->line_number});
}

/* "key" of "key = ...", where `text` is such; its length, 0 where it is none. */
static size_t key_length(const char *text)
{
    size_t length = strcspn(text, "= \t");
    return *skip_blanks(text + length) == '=' ? length : 0;
}

static bool is_indented_key(const struct reader *r)
{
    char key[INI_NAME_MAX + 1];
    const char *text = skip_blanks(r->line.bytes);
    size_t length = key_length(text);
    if (length == 0 || length > INI_NAME_MAX)
        return false;
    memcpy(key, text, length);
    key[length] = '\0';
    return r->callbacks->is_key(r->data, key);
}

static char *take_key(struct reader *r)
{
    size_t length = key_length(r->line.bytes);
    if (length == 0 || length > INI_NAME_MAX) {
        errors_add(r->errors, (struct place){r->name, r->line_number},
                   "'%.60s' is neither a section nor a key, expected [SECTION] or KEY = VALUE",
                   r->line.bytes);
        r->key_is_broken = true;
        return NULL;
    }
    memcpy(r->key, r->line.bytes, length);
    r->key[length] = '\0';
    r->key_line = r->line_number;
    r->key_is_broken = false;
    r->quotes = (struct quote_state){.quote = QUOTE_NONE};
    char *equals = strchr(r->line.bytes + length, '=');
    char *value = equals + 1;
    while (is_blank(*value))
        value++;
    end_value_line(r, value, value > equals + 1);
    return value;
}

/* A line that begins with a blank. */
static char *take_indented(struct reader *r)
{
    const char *text = skip_blanks(r->line.bytes);
    bool in_quotes = r->quotes.quote != QUOTE_NONE && *r->key != '\0';
    if (!in_quotes && (*text == '\0' || *text == ';'))
        return NULL;
    if (!in_quotes && *text == '#') {
        complain(r, r->line_number,
                 "a comment that begins with '#' begins its line: remove the "
                 "blanks before it, or quote it");
        return NULL;
    }
    if (!in_quotes && is_indented_key(r)) {
        complain(r, r->line_number, "a key begins its line: remove the blanks before it");
        end_key(r);
        return NULL;
    }
    if (*r->key == '\0') {
        if (!r->key_is_broken)
            complain(r, r->line_number,
                     "the line begins with a blank, but there is no value above "
                     "that it could continue");
        return NULL;
    }
    return take_continuation(r);
}

/* Decides what the line is, and carries out what is none of a value. */
static char *take_line(struct reader *r)
{
    char first = *r->line.bytes;
    bool in_quotes = r->quotes.quote != QUOTE_NONE && *r->key != '\0';
    if (is_blank(first) || (first == '\0' && in_quotes))
        return take_indented(r);
    if (first == '\0' || ((first == '#' || first == ';') && !in_quotes))
        return NULL;
    end_key(r);
    if (first == '[') {
        take_section(r);
        return NULL;
    }
    return take_key(r);
}

/* --- to inih ----------------------------------------------------------------------------- */

/* A line that cannot be what it should be: it may belong to the value above, or to nobody. */
static void pass_over(struct reader *r)
{
    if (r->quotes.quote == QUOTE_NONE && !is_blank(*r->line.bytes))
        end_key(r);
    r->key_is_broken = true;
}

/* Reads on to the next line that is a piece of a value. */
static bool next_value_line(struct reader *r)
{
    for (;;) {
        switch (read_line(r)) {
        case LINE_NONE:
            return false;
        case LINE_REFUSED:
            pass_over(r);
            break;
        case LINE_READ:
            r->pending = take_line(r);
            r->is_first_piece = true;
            if (r->pending)
                return true;
            break;
        }
    }
}

/* inih's fgets(3). */
static char *hand_out(char *line, int size, void *stream)
{
    struct reader *r = stream;
    if (!r->pending && !next_value_line(r))
        return NULL;
    size_t length = strnlen(r->pending, PIECE_MAX);
    bool is_key_line = r->is_first_piece && r->line_number == r->key_line;
    snprintf(line, (size_t)size, "%s%c%.*s%c\n", is_key_line ? "k=" : " ",
             r->is_first_piece ? GUARD_LINE : GUARD_PIECE, (int)length, r->pending, GUARD_END);
    r->pending = r->pending[length] ? r->pending + length : NULL;
    r->is_first_piece = false;
    return line;
}

void ini_read(FILE *file, const char *name, const struct ini_callbacks *callbacks, void *data,
              struct conf_errors *errors)
{
    struct reader r = {
        .file = file,
        .name = name,
        .callbacks = callbacks,
        .data = data,
        .errors = errors,
        .line.bytes = malloc(INI_LINE_MAX + 1),
        .value.bytes = malloc(INI_LINE_MAX + 1),
    };
    if (!r.line.bytes || !r.value.bytes) {
        complain(&r, 0, "out of memory");
    } else {
        /* Every line that inih gets is one of ours, so that it has nothing to complain about; an
         * error of ours looks like nothing to it. */
        if (ini_parse_stream(hand_out, &r, on_piece, &r) != 0)
            complain(&r, r.line_number, "the line cannot be parsed");
        end_key(&r);
        if (ferror(file))
            complain(&r, 0, strerror(errno));
    }
    free(r.line.bytes);
    free(r.value.bytes);
}
