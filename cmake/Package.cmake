# `make package`: three Debian packages, one a component of the installation.
#   libcf0      the shared library and its modules
#   libcf-dev   headers, static library, pkg-config and CMake files, manual
#   cfbench     the program, its manual, completions, Python's lanes
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libcf)
set(CPACK_PACKAGE_VENDOR "the libcf project")
set(CPACK_PACKAGE_CONTACT "the libcf project <maintainers@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL library headers)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")

set(library libcf${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
    "Python's concurrent.futures in C: submit, map, as_completed, wait, and
behind them threads, worker processes on shared memory, or an OpenMP team.")

set(CPACK_DEBIAN_HEADERS_PACKAGE_NAME libcf-dev)
set(CPACK_DEBIAN_HEADERS_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_HEADERS_PACKAGE_DEPENDS "${library} (= ${version}), libc6-dev")
set(CPACK_COMPONENT_HEADERS_DESCRIPTION
    "What programs on libcf are built with: headers, libcf.a, files for pkg-config
and CMake, and a manual page for each function.")

if(CF_BENCH)
    list(APPEND CPACK_COMPONENTS_ALL tool)
    set(CPACK_DEBIAN_TOOL_PACKAGE_NAME cfbench)
    set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION utils)
    set(CPACK_DEBIAN_TOOL_PACKAGE_SHLIBDEPS ON)
    # Its openmp backend loads a module of that package.
    set(CPACK_DEBIAN_TOOL_PACKAGE_DEPENDS "${library} (= ${version})")
    set(CPACK_DEBIAN_TOOL_PACKAGE_RECOMMENDS "gnuplot-nox, python3")
    set(CPACK_DEBIAN_TOOL_PACKAGE_CONTROL_EXTRA
        ${PROJECT_SOURCE_DIR}/cmake/debian/prerm)
    set(CPACK_COMPONENT_TOOL_DESCRIPTION
        "The program: it runs work of all kinds, also your own, over backends and
worker counts, keeps every timing, and says how many workers pay, how sure
that is, and why.")
endif()

# Each package has the licence; an installation by hand does without.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} COMPONENT)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
        DESTINATION share/doc/${CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME}
        COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
include(CPack)
