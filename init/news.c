#include "init/news.h"

#include <stddef.h>

static news_voice *voice;

void news_set_voice(news_voice *other)
{
    voice = other;
}

bool news_has_voice(void)
{
    return voice != NULL;
}

bool news_tell(const struct news *news)
{
    if (!voice)
        return false;
    voice(news);
    return true;
}
