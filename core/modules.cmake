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

option(CF_MPI "Build a module for each MPI that is found" ON)
if(NOT CF_MPI)
    return() # a package for everybody does not ask everybody for an MPI
endif()

# cf_uses_NAME: an MPI as a program links it.
function(cf_add_mpi name library)
    add_library(cf_uses_${name} INTERFACE)
    target_link_libraries(cf_uses_${name} INTERFACE ${library})
    cf_add_module(mpi-${name} src/module_mpi.c cf_uses_${name})
    set(cf_modules ${cf_modules} PARENT_SCOPE)
endfunction()

# One build for each MPI that is found, by its pkg-config file where the system
# has several; else the one that CMake finds.
pkg_check_modules(OPENMPI QUIET IMPORTED_TARGET GLOBAL ompi-c)
pkg_check_modules(MPICH QUIET mpich)
if(OPENMPI_FOUND)
    cf_add_mpi(openmpi PkgConfig::OPENMPI)
endif()
if(MPICH_FOUND) # of what its file names, only this is ours to link
    cf_add_mpi(mpich -lmpich)
    target_include_directories(cf_uses_mpich SYSTEM
        INTERFACE ${MPICH_INCLUDE_DIRS})
    target_link_directories(cf_uses_mpich INTERFACE ${MPICH_LIBRARY_DIRS})
endif()
if(NOT OPENMPI_FOUND AND NOT MPICH_FOUND)
    set(MPI_CXX_SKIP_MPICXX ON)
    find_package(MPI COMPONENTS C)
    if(MPI_C_FOUND)
        set_target_properties(MPI::MPI_C PROPERTIES IMPORTED_GLOBAL TRUE)
        include(CheckSymbolExists)
        set(CMAKE_REQUIRED_LIBRARIES MPI::MPI_C)
        check_symbol_exists(OPEN_MPI mpi.h CF_MPI_IS_OPENMPI)
        unset(CMAKE_REQUIRED_LIBRARIES)
        if(CF_MPI_IS_OPENMPI)
            cf_add_mpi(openmpi MPI::MPI_C)
        else()
            cf_add_mpi(mpich MPI::MPI_C)
        endif()
    else()
        message(STATUS "no MPI: the backend mpi cannot run")
    endif()
endif()
