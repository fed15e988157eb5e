/*
 * The printf(3) family for what is in use here: %s, %c, %d, %i, %u, %x and %%, with the flags '-'
 * and '0', a width, a precision of %s, and the sizes l, ll, z and j. musl's own brings floating
 * point along, which is 10 kB. tests/structure sees to it that nobody writes anything else.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(long) == sizeof(int64_t), "every size is that of a long");

struct output {
    FILE *file; /* or, where it is NULL: */
    char *to;
    size_t room;   /* the NUL's not counted */
    size_t length; /* of all, what does not fit included */
};

struct conversion {
    bool is_left;
    bool has_zeros;
    bool is_long;
    size_t width;
    size_t precision;
    char letter;
};

static void put(struct output *out, const char *bytes, size_t count)
{
    size_t room = out->length < out->room ? out->room - out->length : 0;
    if (out->file)
        fwrite(bytes, 1, count, out->file);
    else if (room > 0)
        memcpy(out->to + out->length, bytes, count < room ? count : room);
    out->length += count;
}

static void fill(struct output *out, char with, size_t length, size_t width)
{
    for (; length < width; length++)
        put(out, &with, 1);
}

static void put_text(struct output *out, const struct conversion *how, const char *text,
                     size_t length)
{
    if (!how->is_left)
        fill(out, ' ', length, how->width);
    put(out, text, length);
    if (how->is_left)
        fill(out, ' ', length, how->width);
}

static void put_number(struct output *out, const struct conversion *how, uint64_t number,
                       bool is_negative)
{
    unsigned base = how->letter == 'x' ? 16 : 10;
    char digits[24];
    char *end = digits + sizeof digits;
    char *start = end;
    do
        *--start = "0123456789abcdef"[number % base];
    while (number /= base);
    if (how->has_zeros) {
        put(out, "-", is_negative);
        fill(out, '0', (size_t)(end - start) + is_negative, how->width);
        put(out, start, (size_t)(end - start));
        return;
    }
    if (is_negative)
        *--start = '-';
    put_text(out, how, start, (size_t)(end - start));
}

/* A width or a precision: digits, or a '*' for an argument. */
static size_t read_size(const char **format, va_list *arguments)
{
    size_t size = 0;
    if (**format == '*') {
        (*format)++;
        return (size_t)va_arg(*arguments, int);
    }
    for (; **format >= '0' && **format <= '9'; (*format)++)
        size = 10 * size + (size_t)(**format - '0');
    return size;
}

/* Returns what stands behind it. */
static const char *read_conversion(const char *format, va_list *arguments, struct conversion *how)
{
    *how = (struct conversion){.precision = SIZE_MAX};
    for (; *format == '-' || *format == '0'; format++)
        *(*format == '-' ? &how->is_left : &how->has_zeros) = true;
    how->width = read_size(&format, arguments);
    if (*format == '.') {
        format++;
        how->precision = read_size(&format, arguments);
    }
    for (; *format == 'l' || *format == 'z' || *format == 'j'; format++)
        how->is_long = true;
    how->letter = *format;
    return format + 1;
}

static void convert(struct output *out, const struct conversion *how, va_list *arguments)
{
    const char *text;
    char byte;
    long number;
    switch (how->letter) {
    case 's':
        text = va_arg(*arguments, const char *);
        put_text(out, how, text, strnlen(text, how->precision));
        break;
    case 'c':
        byte = (char)va_arg(*arguments, int);
        put_text(out, how, &byte, 1);
        break;
    case 'd':
    case 'i':
        number = how->is_long ? va_arg(*arguments, long) : va_arg(*arguments, int);
        put_number(out, how, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, number < 0);
        break;
    case 'u':
    case 'x':
        put_number(out, how,
                   how->is_long ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned),
                   false);
        break;
    default:
        put(out, &how->letter, 1);
    }
}

static int print(struct output *out, const char *format, va_list given)
{
    va_list arguments;
    va_copy(arguments, given); /* as a parameter it may be a pointer, and has no address then */
    for (;;) {
        struct conversion how;
        size_t plain = strcspn(format, "%");
        put(out, format, plain);
        format += plain;
        if (*format == '\0')
            break;
        format = read_conversion(format + 1, &arguments, &how);
        convert(out, &how, &arguments);
    }
    va_end(arguments);
    return (int)out->length;
}

int vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    struct output out = {.to = to, .room = size > 0 ? size - 1 : 0};
    int length = print(&out, format, arguments);
    if (size > 0)
        to[out.length < out.room ? out.length : out.room] = '\0';
    return length;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to, size, format, arguments);
    va_end(arguments);
    return length;
}

int sprintf(char *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to, SIZE_MAX, format, arguments);
    va_end(arguments);
    return length;
}

/* Whether it was written, ferror(3) and fflush(3) tell. */
int vfprintf(FILE *file, const char *format, va_list arguments)
{
    struct output out = {.file = file};
    return print(&out, format, arguments);
}

int fprintf(FILE *file, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vfprintf(file, format, arguments);
    va_end(arguments);
    return length;
}
