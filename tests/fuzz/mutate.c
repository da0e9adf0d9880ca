/* SPDX-License-Identifier: MIT */
/*
 * mutate ROUNDS SEED...: a target's main() where there is no libFuzzer. Each
 * seed as it is, each with its end cut off, then so many rounds of seeds that
 * were changed; the same ones in each run. Before each the input lies in
 * last-input, so that what kills the program can be had again.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 1 << 20 };

struct input {
    uint8_t *data; /* INPUT_MAX bytes */
    size_t bytes;
};

static uint64_t state = 1;

/* splitmix64: Steele, Lea, Flood 2014 */
static uint64_t draw(uint64_t below)
{
    uint64_t mixed = state += 0x9e3779b97f4a7c15u;

    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (mixed ^ mixed >> 31) % below;
}

static void replace(struct input *input, size_t at, size_t length,
                    const void *by, size_t by_bytes)
{
    if (input->bytes - length + by_bytes > INPUT_MAX)
        return;
    memmove(input->data + at + by_bytes, input->data + at + length,
            input->bytes - at - length);
    memcpy(input->data + at, by, by_bytes);
    input->bytes = input->bytes - length + by_bytes;
}

/* A number of the text becomes one that nobody expects there. */
static void change_number(struct input *input)
{
    static const char *const numbers[] = {"0",
                                          "-1",
                                          "1",
                                          "1e308",
                                          "-1e308",
                                          "1e-320",
                                          "18446744073709551616",
                                          "1e999",
                                          "0.5",
                                          "nan",
                                          "null",
                                          "4294967296",
                                          "2147483648",
                                          "\"\"",
                                          "[]",
                                          "{}",
                                          "64",
                                          "1e15",
                                          "true"};
    size_t begin = draw(input->bytes), end;

    while (begin < input->bytes &&
           memchr("0123456789", input->data[begin], 10) == NULL)
        begin++;
    for (end = begin; end < input->bytes &&
                      memchr("0123456789.eE+-", input->data[end], 15) != NULL;)
        end++;
    const char *number = numbers[draw(sizeof numbers / sizeof numbers[0])];
    if (begin < end)
        replace(input, begin, end - begin, number, strlen(number));
}

/* From one separator to another: what lies there goes, or comes twice. */
static void change_span(struct input *input)
{
    size_t begin = draw(input->bytes), end, length;

    while (begin < input->bytes &&
           memchr(",{[\n", input->data[begin], 4) == NULL)
        begin++;
    for (end = begin + 1;
         end < input->bytes && memchr(",}]\n", input->data[end], 4) == NULL;)
        end++;
    if (end >= input->bytes)
        return;
    length = end - begin;
    if (draw(2) == 0) {
        replace(input, begin, length, "", 0);
    } else if (input->bytes + length <= INPUT_MAX) {
        memmove(input->data + end, input->data + begin, input->bytes - begin);
        input->bytes += length;
    }
}

static void change(struct input *input)
{
    uint8_t byte = (uint8_t)draw(256);

    if (input->bytes == 0)
        return;
    switch (draw(5)) {
    case 0:
    case 1:
        change_number(input);
        break;
    case 2:
        change_span(input);
        break;
    case 3:
        replace(input, draw(input->bytes), 1, &byte, 1);
        break;
    case 4:
        replace(input, draw(input->bytes), 0, &byte, 1);
        break;
    }
}

static void read_seed(const char *path, struct input *input)
{
    FILE *file = fopen(path, "re");

    MUST(file != NULL);
    input->bytes = fread(input->data, 1, INPUT_MAX, file);
    fclose(file);
}

static void try(const struct input *input)
{
    static int fd = -1;

    if (fd < 0)
        fd = open("last-input", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    MUST(fd >= 0 && ftruncate(fd, 0) == 0 &&
         pwrite(fd, input->data, input->bytes, 0) == (ssize_t)input->bytes);
    LLVMFuzzerTestOneInput(input->data, input->bytes);
}

static void try_cut(const struct input *seed)
{
    struct input cut = *seed;

    for (int i = 1; i <= 10; i++) {
        cut.bytes = seed->bytes * (size_t)i / 10;
        try(&cut);
    }
}

int main(int argc, char **argv)
{
    static uint8_t space[INPUT_MAX];
    struct input input = {.data = space};

    if (argc < 3)
        return 2;
    for (int i = 2; i < argc; i++) {
        read_seed(argv[i], &input);
        try_cut(&input);
    }
    for (long round = atol(argv[1]); round > 0; round--) {
        read_seed(argv[2 + draw((uint64_t)argc - 2)], &input);
        for (uint64_t changes = 1 + draw(6); changes > 0; changes--)
            change(&input);
        try(&input);
    }
    unlink("last-input");
    return 0;
}
