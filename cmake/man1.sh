#!/bin/sh
# man1.sh CFBENCH VERSION: cfbench(1) on stdout, from the program's own help, so
# that the two cannot differ.
set -eu
cfbench=$1 version=$2

# Text as it stands, safe for roff.
verbatim() {
    printf '.nf\n'
    sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\\([.']\\)/\\\\\\&\\1/"
    printf '.fi\n'
}

printf '.TH CFBENCH 1 "" "cfbench %s" "cfbench"\n' "$version"
printf '.SH NAME\ncfbench \\- how work scales over threads, processes and more\n'
printf '.SH SYNOPSIS\n.B cfbench\n.I command\n[\n.I argument \\&...\n]\n'
printf '.SH DESCRIPTION\n'
"$cfbench" | verbatim
for command in $("$cfbench" | awk '/^  cfbench [a-z]/ && $2 != "help" {print $2}'); do
    printf '.SH "CFBENCH %s"\n' "$(printf '%s' "$command" | tr '[:lower:]' '[:upper:]')"
    "$cfbench" "$command" --help | verbatim
done
cat <<'EOF'
.SH "EXIT STATUS"
0: fine. 1: a regression was found, or selftest is outside its limits. 2:
trouble: usage, input, a wrong result, a case that failed; one line on stderr
says what and why. 3: inconclusive, where that was asked for. An interrupted run
leaves a valid partial record and ends by the signal.
.SH "SEE ALSO"
cf_submit(3), cf_map(3), gnuplot(1)
EOF
