# What a user of the library gets: headers, both kinds of it, and cf.pc.
install(DIRECTORY include/cf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS cf_static cf_shared ${cf_modules}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

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
install(FILES ${cf_pc_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
