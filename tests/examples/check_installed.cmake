# Installs BUILD under PREFIX and compiles every example in EXAMPLES with the
# line that their README shows: CC x.c -o x $(pkg-config --cflags --libs cf);
# then CONSUMER, a project that finds it by find_package(libcf).
cmake_minimum_required(VERSION 3.25)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result
        OUTPUT_VARIABLE output ERROR_VARIABLE error)
    if(NOT result STREQUAL "0" OR NOT error STREQUAL "")
        message(FATAL_ERROR "${ARGN}: ${result}\n${output}${error}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

if(NOT "$ENV{CF_SANITIZE}" STREQUAL "")
    message(STATUS "skipped: the library needs the sanitizer's flags, too")
    return()
endif()

file(REMOVE_RECURSE ${PREFIX})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX})
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/${LIBDIR}/pkgconfig)
set(ENV{LD_LIBRARY_PATH} ${PREFIX}/${LIBDIR})
file(GLOB sources ${EXAMPLES}/*.c)
foreach(source IN LISTS sources)
    get_filename_component(name ${source} NAME_WE)
    set(packages cf)
    if(name STREQUAL as_completed)
        list(APPEND packages libcurl)
    endif()
    run(pkg-config --cflags --libs ${packages})
    separate_arguments(flags UNIX_COMMAND "${output}")
    run(${CC} ${source} -o ${PREFIX}/${name} ${flags})
endforeach()

run(${PREFIX}/submit)
if(NOT output STREQUAL "25\n")
    message(FATAL_ERROR "submit says '${output}'")
endif()

run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${PREFIX}/consumer -DEXAMPLES=${EXAMPLES}
    -DCMAKE_C_COMPILER=${CC} -DCMAKE_PREFIX_PATH=${PREFIX})
run(${CMAKE_COMMAND} --build ${PREFIX}/consumer)
foreach(kind IN ITEMS cf cf_static)
    run(${PREFIX}/consumer/with_${kind})
    if(NOT output STREQUAL "25\n")
        message(FATAL_ERROR "the consumer of libcf::${kind} says '${output}'")
    endif()
endforeach()
