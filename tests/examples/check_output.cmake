# Runs PROGRAM with ARGUMENTS ("one|two") and compares what it says with the
# file EXPECTED: cmake -D PROGRAM=... -D EXPECTED=... -P check_output.cmake. In
# the file, @EXAMPLES@ and @TESTS@ are folders, @SIZE:path@ is a file's size in
# bytes, @BACKEND@ is $CF_BACKEND, and a first line "@ANY_ORDER@" lets the lines
# come in any order.
cmake_minimum_required(VERSION 3.25)

get_filename_component(TESTS "${EXPECTED}" DIRECTORY)
string(REPLACE "|" ";" ARGUMENTS "${ARGUMENTS}")
execute_process(COMMAND "${PROGRAM}" ${ARGUMENTS}
    OUTPUT_VARIABLE output ERROR_VARIABLE error RESULT_VARIABLE result)

file(READ "${EXPECTED}" expected)
string(REPLACE "@EXAMPLES@" "${EXAMPLES}" expected "${expected}")
string(REPLACE "@TESTS@" "${TESTS}" expected "${expected}")
string(REPLACE "@BACKEND@" "$ENV{CF_BACKEND}" expected "${expected}")
while(expected MATCHES "@SIZE:([^@]*)@")
    set(path "${CMAKE_MATCH_1}")
    file(SIZE "${path}" size)
    string(REPLACE "@SIZE:${path}@" "${size}" expected "${expected}")
endwhile()

if(expected MATCHES "^@ANY_ORDER@\n")
    string(REGEX REPLACE "^@ANY_ORDER@\n" "" expected "${expected}")
    foreach(text IN ITEMS expected output)
        string(REGEX REPLACE "\n$" "" lines "${${text}}")
        string(REPLACE "\n" ";" lines "${lines}")
        list(SORT lines)
        string(REPLACE ";" "\n" ${text} "${lines}")
    endforeach()
endif()

if(NOT result STREQUAL "0" OR NOT output STREQUAL expected OR
   NOT error STREQUAL "")
    message(FATAL_ERROR "exit: ${result}\nexpected:\n${expected}\n"
        "output:\n${output}\nerror:\n${error}")
endif()
