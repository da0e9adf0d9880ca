# What a user of the library gets: headers, both kinds of it, and cf.pc.
install(DIRECTORY include/cf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS cf_static cf_shared
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

# Paths relative to the file itself, so that the tree may be moved.
set(cf_pc_folder ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH cf_pc_libdir ${cf_pc_folder} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH cf_pc_includedir
    ${cf_pc_folder} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
set(cf_pc_private -pthread)
if(OpenMP_C_FOUND)
    string(APPEND cf_pc_private " ${OpenMP_C_FLAGS}")
endif()
configure_file(cf.pc.in cf.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cf.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
