#include "conf/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\n";

void quote_next(struct quote_state *state, char c)
{
    bool behind_dollar = state->dollar;
    state->dollar = false;
    if (state->escaped || state->in_braces) {
        state->escaped = false;
        state->in_braces = state->in_braces && c != '}';
        return;
    }
    if (state->quote != QUOTE_SINGLE && (c == '$' || (behind_dollar && c == '{'))) {
        state->dollar = c == '$' && !behind_dollar;
        state->in_braces = c == '{';
        return;
    }
    switch (state->quote) {
    case QUOTE_SINGLE:
        if (c == '\'')
            state->quote = QUOTE_NONE;
        break;
    case QUOTE_DOUBLE:
        if (c == '"')
            state->quote = QUOTE_NONE;
        else
            state->escaped = c == '\\';
        break;
    case QUOTE_NONE:
        if (c == '\'')
            state->quote = QUOTE_SINGLE;
        else if (c == '"')
            state->quote = QUOTE_DOUBLE;
        else
            state->escaped = c == '\\';
        break;
    }
}

/* The words so far: one after another in `text`, each ended by a NUL. */
struct splitter {
    const char *p;
    struct words_source *source;
    char *error;
    char *text;
    size_t length;
    size_t size;
    int count;
    bool in_word;
    bool no_memory;
};

static bool fail(struct splitter *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct splitter *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(s->error, WORDS_ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

static void put(struct splitter *s, char c)
{
    if (s->length == s->size) {
        size_t size = s->size ? s->size * 2 : 128;
        char *text = realloc(s->text, size);
        if (!text) {
            s->no_memory = true;
            return;
        }
        s->text = text;
        s->size = size;
    }
    s->text[s->length++] = c;
}

static void end_word(struct splitter *s)
{
    if (s->in_word) {
        put(s, '\0');
        s->count++;
    }
    s->in_word = false;
}

static void put_in_word(struct splitter *s, char c)
{
    s->in_word = true;
    put(s, c);
}

/* What a variable stands for; outside of quotes it may be several words, or none. */
static void put_value(struct splitter *s, const char *value, size_t length, bool quoted)
{
    for (size_t i = 0; i < length; i++) {
        if (!quoted && strchr(blanks, value[i]))
            end_word(s);
        else
            put_in_word(s, value[i]);
    }
}

static bool is_name(const char *text, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return length > 0 && strspn(text, letters) > 0 && strspn(text, more) >= length;
}

/* ${…}, `s->p` behind the brace. */
static bool expand(struct splitter *s, bool quoted)
{
    char name[128];
    const char *end = strchr(s->p, '}');
    size_t length = strcspn(s->p, ":}");
    if (!end)
        return fail(s, "'%.60s' has no '}'", s->p - 2);
    if (length >= sizeof name || !is_name(s->p, length))
        return fail(s, "'%.60s' names no variable, expected for example ${HOME}", s->p - 2);
    memcpy(name, s->p, length);
    name[length] = '\0';
    const char *rest = s->p + length;
    char kind = *rest == ':' ? rest[1] : '\0';
    if (*rest == ':' && kind != '-' && kind != '?')
        return fail(s,
                    "'%.60s' is not supported, expected ${NAME}, ${NAME:-text} or "
                    "${NAME:?message}",
                    s->p - 2);
    s->p = end + 1;
    const char *value = s->source->lookup(name);
    bool usable =
        value && (kind == '\0' || *value != '\0'); /* as in a shell, ':' means "or empty" */
    if (usable) {
        put_value(s, value, strlen(value), quoted);
    } else if (kind == '-') {
        put_value(s, rest + 2, (size_t)(end - rest - 2), quoted);
    } else {
        char reason[WORDS_ERROR_SIZE];
        if (kind == '?')
            snprintf(reason, sizeof reason, "${%s}: %.*s", name, (int)(end - rest - 2), rest + 2);
        else
            snprintf(reason, sizeof reason, "${%s} is not set and has no default", name);
        if (s->source->unset++ == 0 || !s->source->lenient)
            fail(s, "%s", reason);
        return s->source->lenient;
    }
    return true;
}

/* `s->p` behind a dollar. */
static bool dollar(struct splitter *s, bool quoted)
{
    if (*s->p == '{') {
        s->p++;
        return expand(s, quoted);
    }
    if (*s->p == '$')
        s->p++;
    put_in_word(s, '$');
    return true;
}

/* A backslash inside "…" is one, but before what it can take the meaning from. */
static void backslash_in_quotes(struct splitter *s)
{
    if (*s->p == '\0' || !strchr("$`\"\\\n", *s->p))
        put_in_word(s, '\\');
    else if (*s->p == '\n')
        s->p++;
    else
        put_in_word(s, *s->p++);
}

static bool single_quoted(struct splitter *s)
{
    const char *end = strchr(s->p, '\'');
    if (!end)
        return fail(s, "the quote before '%.40s' is not closed", s->p);
    s->in_word = true;
    put_value(s, s->p, (size_t)(end - s->p), true);
    s->p = end + 1;
    return true;
}

static bool double_quoted(struct splitter *s)
{
    const char *begin = s->p;
    s->in_word = true;
    for (;;) {
        char c = *s->p;
        if (c == '\0')
            return fail(s, "the quote before '%.40s' is not closed", begin);
        s->p++;
        if (c == '"')
            return true;
        if (c == '\\')
            backslash_in_quotes(s);
        else if (c != '$')
            put_in_word(s, c);
        else if (!dollar(s, true))
            return false;
    }
}

static bool one_character(struct splitter *s)
{
    char c = *s->p++;
    switch (c) {
    case ' ':
    case '\t':
    case '\n':
        end_word(s);
        return true;
    case '\'':
        return single_quoted(s);
    case '"':
        return double_quoted(s);
    case '$':
        return dollar(s, false);
    case '\\':
        if (*s->p == '\0')
            return fail(s, "nothing follows the last '\\'");
        if (*s->p == '\n')
            s->p++; /* the line goes on */
        else
            put_in_word(s, *s->p++);
        return true;
    default:
        put_in_word(s, c);
        return true;
    }
}

static bool finish(struct splitter *s, struct arena *arena, struct words *words)
{
    char *text = s->no_memory ? NULL : arena_text(arena, s->text ? s->text : "", s->length);
    char **word = arena_alloc(arena, ((size_t)s->count + 1) * sizeof *word);
    if (!text || !word)
        return fail(s, "out of memory");
    words->word = word;
    words->count = s->count;
    for (int i = 0; i < s->count; i++) {
        word[i] = text;
        text += strlen(text) + 1;
    }
    return true;
}

bool words_split(struct arena *arena, const char *text, struct words_source *source,
                 struct words *words, char error[static WORDS_ERROR_SIZE])
{
    struct splitter s = {.p = text, .source = source, .error = error};
    bool done = true;
    while (done && *s.p)
        done = one_character(&s);
    end_word(&s);
    done = done && finish(&s, arena, words);
    free(s.text);
    return done;
}
