#!/bin/sh
# layers.sh ROOT: who may include whom, where the include path does not say.
set -u
cd "$1" || exit 1
bad=0

# refuse FOLDER PATTERN WHY: no file of FOLDER includes what matches PATTERN.
refuse() {
    found=$(grep -rnE "^ *# *include *[<\"]($2)" --include='*.[ch]' $1)
    [ -z "$found" ] && return
    echo "$3:"
    echo "$found"
    bad=1
}

refuse core/include '[^<]*_impl\.h|workload|record|plots|curl|openssl|gsl|cjson' \
    "public headers include libc and cf/ alone"
refuse core/src 'workload|record|plots|curl|openssl|gsl|cjson|hwloc' \
    "the library knows nothing of measuring"
refuse workloads '[a-z_]*_impl\.h|record|plots|gsl' \
    "workloads know no insides of the library, no records"
refuse bench/record 'cf/|workload|plots|curl|hwloc' \
    "records know neither executor nor workloads"
refuse "plots" 'cf/|workload|gsl|cjson|curl|hwloc' \
    "drawing reads records and computes no statistics"
refuse examples '[a-z_]*_impl\.h|record|plots|gsl|cjson' \
    "examples show the public headers"
found=$(grep -lE '# *include "(\.\./)?plots' bench/*.[ch] 2>/dev/null | grep -v '^bench/main\.c$')
if [ -n "$found" ]; then
    echo "only bench/main.c sees plots: $found"
    bad=1
fi

# Only its module knows a runtime, and nobody prints in the library.
found=$(grep -lE 'omp\.h|#pragma omp' core/src/*.[ch] | grep -v 'module_openmp\.c')
[ -n "$found" ] && { echo "OpenMP outside its module: $found"; bad=1; }
found=$(grep -lE '<mpi\.h>' core/src/*.[ch] | grep -v 'module_mpi\.c')
[ -n "$found" ] && { echo "MPI outside its module: $found"; bad=1; }
found=$(grep -nE '\b(printf|puts|fprintf|perror)\(' core/src/*.c)
[ -n "$found" ] && { echo "the library prints: $found"; bad=1; }
exit $bad
