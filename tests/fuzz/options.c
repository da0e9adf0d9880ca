/* SPDX-License-Identifier: MIT */
/* Words on a command line that measures, one a line; the first is the command. */
#include "fuzz.h"

#include <string.h>

#include "options.h"

enum { WORDS_MAX = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char *const commands[] = {"run", "recommend", "compare",
                                           "gate"};
    char *words[WORDS_MAX + 1] = {NULL};
    char *text = malloc(bytes + 1), *rest = text;
    struct options options;
    int count = 0;
    bool is_command = false;

    MUST(text != NULL);
    memcpy(text, data, bytes);
    text[bytes] = '\0';
    while (count < WORDS_MAX && (words[count] = strsep(&rest, "\n")) != NULL)
        count++;
    words[count] = NULL;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        is_command = is_command || strcmp(words[0], commands[i]) == 0;
    if (is_command) {
        (void)options_read(count, words, &options);
        options_free(&options);
    }
    free(text);
    return 0;
}
