# cf_add_test(NAME PROGRAM [ARG...]): every test has a time limit, and 77 is a
# skip whose reason stands in its output.
function(cf_add_test name)
    add_test(NAME ${name} COMMAND ${ARGN})
    set_tests_properties(${name} PROPERTIES
        TIMEOUT 60
        SKIP_RETURN_CODE 77
        ENVIRONMENT "CF_SANITIZE=${CF_SANITIZE}")
endfunction()
