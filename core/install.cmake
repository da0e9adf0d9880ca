# What a user of the library gets: headers, both kinds of it, and what
# pkg-config and CMake find it by. Components are the packages of `make package`.
install(DIRECTORY include/cf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT headers)
install(TARGETS cf_static cf_shared ${cf_modules}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT headers
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        NAMELINK_COMPONENT headers)

# Paths relative to the file itself, so that the tree may be moved.
set(cf_pc_folder ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH cf_pc_libdir ${cf_pc_folder} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH cf_pc_includedir
    ${cf_pc_folder} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cf.pc.in cf.pc @ONLY)
set(cf_pc_files ${CMAKE_CURRENT_BINARY_DIR}/cf.pc)
if(OpenMP_C_FOUND)
    configure_file(cf-openmp.pc.in cf-openmp.pc @ONLY)
    list(APPEND cf_pc_files ${CMAKE_CURRENT_BINARY_DIR}/cf-openmp.pc)
endif()
install(FILES ${cf_pc_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT headers)

# The same for CMake: find_package(libcf).
include(CMakePackageConfigHelpers)
set(cf_cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/libcf)
file(RELATIVE_PATH cf_cmake_libdir
    ${CMAKE_INSTALL_FULL_LIBDIR}/cmake/libcf ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH cf_cmake_includedir
    ${CMAKE_INSTALL_FULL_LIBDIR}/cmake/libcf ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(libcf-config.cmake.in libcf-config.cmake @ONLY)
write_basic_package_version_file(libcf-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libcf-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/libcf-config-version.cmake
    DESTINATION ${cf_cmake_folder} COMPONENT headers)
