# Modules: what a backend needs of a runtime that libcf itself does not link,
# each a library of its own, loaded when its backend is first asked for.
set(cf_modules "")

# cf_add_module(NAME SOURCE LIBRARY...): libcf-NAME.so.
function(cf_add_module name source)
    add_library(cf_module_${name} SHARED ${source})
    set_target_properties(cf_module_${name} PROPERTIES
        OUTPUT_NAME cf-${name}
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR})
    target_link_libraries(cf_module_${name} PRIVATE cf_headers cf_flags ${ARGN})
    set(cf_modules ${cf_modules} cf_module_${name} PARENT_SCOPE)
endfunction()

find_package(OpenMP COMPONENTS C)
if(OpenMP_C_FOUND)
    cf_add_module(openmp src/module_openmp.c OpenMP::OpenMP_C)
    # For programs that load nothing: linked, it is found without a loader.
    add_library(cf_module_openmp_static STATIC src/module_openmp.c)
    set_target_properties(cf_module_openmp_static PROPERTIES
        OUTPUT_NAME cf-openmp)
    target_link_libraries(cf_module_openmp_static
        PUBLIC cf_headers PRIVATE cf_flags OpenMP::OpenMP_C)
    target_link_options(cf_module_openmp_static
        INTERFACE LINKER:-u,cf_module_openmp)
    list(APPEND cf_modules cf_module_openmp_static)
endif()
