# cf_add_test(NAME PROGRAM [ARG...]): every test has a time limit (a sanitizer
# makes some ten times as slow, and so does each process that writes down what it
# reached), and 77 is a skip whose reason stands in its output.
if(CF_SANITIZE STREQUAL "" AND NOT CF_COVERAGE)
    set(cf_test_limit_s 300) # where it is slow and busy, too
else()
    set(cf_test_limit_s 900)
endif()

function(cf_add_test name)
    add_test(NAME ${name} COMMAND ${ARGN})
    set_tests_properties(${name} PROPERTIES
        TIMEOUT ${cf_test_limit_s}
        SKIP_RETURN_CODE 77
        # A worker process whose tasks submit tasks starts threads, which the
        # thread sanitizer ends it for where its host had some at the fork.
        ENVIRONMENT "CF_SANITIZE=${CF_SANITIZE};TSAN_OPTIONS=die_after_fork=0")
endfunction()

# cf_long_tests(NAME...): tests that start before all others, so that none of
# them is left alone at the end.
function(cf_long_tests)
    set_tests_properties(${ARGN} PROPERTIES COST 1000)
endfunction()
