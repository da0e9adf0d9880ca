# The manual: cf_*(3) from the contracts in the public headers, cfbench(1) from
# the program's own help.
find_program(AWK awk)
if(NOT AWK)
    message(STATUS "no awk: the manual is not made")
    return()
endif()

file(GLOB manual_headers ${PROJECT_SOURCE_DIR}/core/include/cf/*.h)
set(manual ${PROJECT_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${manual}/man3.made
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${manual}/man3
    COMMAND ${CMAKE_COMMAND} -E make_directory ${manual}/man3
    COMMAND ${AWK} -v out=${manual}/man3 -v version=${PROJECT_VERSION}
        -f ${PROJECT_SOURCE_DIR}/cmake/man3.awk ${manual_headers}
    COMMAND ${CMAKE_COMMAND} -E touch ${manual}/man3.made
    DEPENDS ${manual_headers} ${PROJECT_SOURCE_DIR}/cmake/man3.awk
    COMMENT "Manual pages of the library" VERBATIM)
set(manual_parts ${manual}/man3.made)
install(DIRECTORY ${manual}/man3 DESTINATION ${CMAKE_INSTALL_MANDIR}
    COMPONENT headers)

if(CF_BENCH)
    add_custom_command(OUTPUT ${manual}/man1/cfbench.1
        COMMAND ${CMAKE_COMMAND} -E make_directory ${manual}/man1
        COMMAND ${PROJECT_SOURCE_DIR}/cmake/man1.sh $<TARGET_FILE:cfbench>
            ${PROJECT_VERSION} > ${manual}/man1/cfbench.1
        DEPENDS cfbench ${PROJECT_SOURCE_DIR}/cmake/man1.sh
        COMMENT "Manual page of cfbench" VERBATIM)
    list(APPEND manual_parts ${manual}/man1/cfbench.1)
    install(FILES ${manual}/man1/cfbench.1
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tool)
endif()
add_custom_target(manual ALL DEPENDS ${manual_parts})

if(CF_TESTS)
    cf_add_test(house.the_manual_is_whole
        ${PROJECT_SOURCE_DIR}/tests/manual.sh ${PROJECT_SOURCE_DIR} ${manual})
endif()
