# What every target of ours is compiled with: targets link cf_flags PRIVATE.
add_library(cf_flags INTERFACE)
target_compile_options(cf_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
    -Wmissing-prototypes -Wvla -fvisibility=hidden
    $<$<BOOL:${CF_WERROR}>:-Werror>)
target_compile_definitions(cf_flags INTERFACE _GNU_SOURCE)

# "address" (with undefined) or "thread"; set by the presets.
set(CF_SANITIZE "" CACHE STRING "Sanitizer to build with: address, thread")
if(CF_SANITIZE STREQUAL "address")
    # the sanitizer calls dlopen() in our place: with a RUNPATH the loader would
    # look where its library says, not ours
    target_link_options(cf_flags INTERFACE LINKER:--disable-new-dtags)
    set(cf_sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
elseif(CF_SANITIZE STREQUAL "thread")
    set(cf_sanitizers -fsanitize=thread -fno-omit-frame-pointer)
endif()
if(cf_sanitizers)
    target_compile_options(cf_flags INTERFACE ${cf_sanitizers})
    target_link_options(cf_flags INTERFACE ${cf_sanitizers})
endif()
option(CF_FUZZ "Build for libFuzzer, which clang has" OFF)
if(CF_FUZZ)
    target_compile_options(cf_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
option(CF_COVERAGE "Count which lines the tests reach" OFF)
if(CF_COVERAGE)
    target_compile_options(cf_flags INTERFACE --coverage)
    target_compile_definitions(cf_flags INTERFACE CF_COVERAGE) # for tests
    target_link_options(cf_flags INTERFACE --coverage LINKER:--wrap=_exit)
    target_sources(cf_flags INTERFACE ${CMAKE_CURRENT_LIST_DIR}/count_at_exit.c)
endif()
