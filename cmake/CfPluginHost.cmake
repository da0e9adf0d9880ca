# cf_hosts_plugins(TARGET): a program whose plugins find all of libcf in it,
# also what it does not call itself.
function(cf_hosts_plugins target)
    set_target_properties(${target} PROPERTIES
        ENABLE_EXPORTS ON
        LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,cf_static")
endfunction()
