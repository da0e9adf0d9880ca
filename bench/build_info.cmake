# Writes OUTPUT, a header with the commit that is being built; touches it only
# where something changed. Called on every build:
#   cmake -DSOURCE=... -DOUTPUT=... -DCC=... -DCFLAGS=... -P build_info.cmake
find_program(GIT git)
set(commit unknown)
set(dirty false)
if(GIT)
    execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short=12 HEAD
        OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(found)
        set(commit ${found})
    endif()
    execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain -uno
        OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
        set(dirty true)
    endif()
endif()
set(content "/* SPDX-License-Identifier: MIT */
/* Made by build_info.cmake. */
#define BUILD_COMMIT \"${commit}\"
#define BUILD_DIRTY  ${dirty}
#define BUILD_CC     \"${CC}\"
#define BUILD_CFLAGS \"${CFLAGS}\"
")
if(EXISTS ${OUTPUT})
    file(READ ${OUTPUT} before)
endif()
if(NOT content STREQUAL before)
    file(WRITE ${OUTPUT} "${content}")
endif()
