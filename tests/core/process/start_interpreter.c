/* SPDX-License-Identifier: MIT */
/* start_interpreter MODULE.so ARG...: a program that knows nothing of the
 * library, and loads a module that does, as interpreters do. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

typedef int run_function(int argc, char **argv);

int main(int argc, char **argv)
{
    void *module = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;

    if (module == NULL) {
        printf("%s\n", argc > 1 ? dlerror() : "no module");
        return 2;
    }
    run_function *run = (run_function *)(uintptr_t)dlsym(module, "run");
    return run != NULL ? run(argc - 1, argv + 1) : 2;
}
