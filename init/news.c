#include "init/news.h"

#include <stddef.h>

static news_voice *current;

void news_set_voice(news_voice *voice)
{
    current = voice;
}

bool news_has_voice(void)
{
    return current != NULL;
}

bool news_tell(const struct news *news)
{
    if (!current)
        return false;
    current(news);
    return true;
}
