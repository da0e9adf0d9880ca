# Completion for bash, zsh and fish, from the program's own help.
set(completions ${PROJECT_BINARY_DIR}/completions)
set(completion_parts)
foreach(shell IN ITEMS bash zsh fish)
    add_custom_command(OUTPUT ${completions}/cfbench.${shell}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}
        COMMAND ${PROJECT_SOURCE_DIR}/cmake/completions/make.sh
            $<TARGET_FILE:cfbench> ${shell} > ${completions}/cfbench.${shell}
        DEPENDS cfbench
            ${PROJECT_SOURCE_DIR}/cmake/completions/make.sh
            ${PROJECT_SOURCE_DIR}/cmake/completions/flags.awk
            ${PROJECT_SOURCE_DIR}/cmake/completions/${shell}.in
        COMMENT "Completion for ${shell}" VERBATIM)
    list(APPEND completion_parts ${completions}/cfbench.${shell})
endforeach()
add_custom_target(completions ALL DEPENDS ${completion_parts})

# Where each shell looks: Debian's zsh at packages' files in a folder of its own.
set(zsh_folder zsh/site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND EXISTS /etc/debian_version)
    set(zsh_folder zsh/vendor-completions)
endif()
install(FILES ${completions}/cfbench.bash RENAME cfbench COMPONENT tool
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/cfbench.zsh RENAME _cfbench COMPONENT tool
    DESTINATION ${CMAKE_INSTALL_DATADIR}/${zsh_folder})
install(FILES ${completions}/cfbench.fish COMPONENT tool
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

if(CF_TESTS)
    cf_add_test(house.completions_are_whole
        bash ${PROJECT_SOURCE_DIR}/tests/completions.sh $<TARGET_FILE:cfbench>
            ${completions})
endif()
