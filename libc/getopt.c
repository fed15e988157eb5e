/*
 * getopt_long(3) as it is in use here: the letters begin with "+:", so options end at the first
 * other word and nothing is printed. What musl's has beyond that is 4 kB.
 */
#include <getopt.h>
#include <string.h>

char *optarg;
int optind = 1; /* 0: begin once more */
int opterr;
int optopt;

static const char *more; /* letters of a word that was begun, or NULL */

static int take_letter(int argc, char *const *argv, const char *letters)
{
    const char *found = strchr(letters + 2, *more);
    optopt = (unsigned char)*more++;
    char *rest = *more != '\0' ? argv[optind] + (more - argv[optind]) : NULL;
    if (!rest) {
        more = NULL;
        optind++;
    }
    if (!found || optopt == ':')
        return '?';
    if (found[1] != ':')
        return optopt;
    if (!rest && optind >= argc)
        return ':';
    optarg = rest ? rest : argv[optind];
    optind++;
    more = NULL;
    return optopt;
}

/* The option of this name, or the only one that begins with it; else NULL. */
static const struct option *find(const struct option *options, const char *name, size_t length)
{
    const struct option *found = NULL;
    int count = 0;
    for (; options->name; options++) {
        if (strncmp(options->name, name, length) != 0)
            continue;
        if (options->name[length] == '\0')
            return options;
        found = options;
        count++;
    }
    return count == 1 ? found : NULL;
}

static int take_name(int argc, char *const *argv, const struct option *options)
{
    char *name = argv[optind++] + 2;
    size_t length = strcspn(name, "=");
    const struct option *option = find(options, name, length);
    optopt = option ? option->val : 0;
    if (!option || (option->has_arg == no_argument && name[length] == '='))
        return '?';
    if (option->has_arg == no_argument)
        return option->val;
    if (name[length] == '=')
        optarg = name + length + 1;
    else if (optind < argc)
        optarg = argv[optind++];
    else
        return ':';
    return option->val;
}

int getopt_long(int argc, char *const *argv, const char *letters, const struct option *options,
                int *index)
{
    (void)index;
    if (optind == 0) {
        optind = 1;
        more = NULL;
    }
    optarg = NULL;
    if (more)
        return take_letter(argc, argv, letters);
    const char *word = optind < argc ? argv[optind] : NULL;
    if (!word || word[0] != '-' || word[1] == '\0')
        return -1;
    if (strcmp(word, "--") == 0) {
        optind++;
        return -1;
    }
    if (word[1] == '-')
        return take_name(argc, argv, options);
    more = word + 1;
    return take_letter(argc, argv, letters);
}
