# SPDX-License-Identifier: MIT
# flags.awk -v command=NAME: from `cfbench NAME --help` to one line a flag:
# command, --flag, -letter, value, kind of value, about; between tabs. What may
# follow a flag is told from how --help names its value; where that is a word of
# a short list, the words stand here, and tests/completions.sh asks the program
# whether it takes them.
function kind_of(flag, value,    words)
{
    words = chosen[command " " flag]
    if (words == "")
        words = chosen[flag]
    if (words != "")
        return words
    if (value == "")
        return "nothing"
    if (value ~ /^[a-z]+(\|[a-z]+)+$/) { # log|ols
        gsub(/\|/, " ", value)
        return "words " value
    }
    if (value ~ /^N\|[a-z]+$/) # N|auto
        return "words " substr(value, index(value, "|") + 1)
    if (value ~ /DIR/)
        return "folders"
    if (value ~ /FILE|EXE/)
        return "files"
    return "text"
}

function put()
{
    if (flag == "")
        return
    gsub(/'/, "’", about) # it will stand between two of these
    gsub(/[\t"`$\\]/, "", about)
    sub(/[,;:.]?[ ]*$/, "", about)
    print command "\t" flag "\t" letter "\t" value "\t" kind_of(flag, value) \
        "\t" about
    flag = ""
}

BEGIN {
    chosen["--backend"] = "backends"
    chosen["--param"] = "parameters"
    chosen["--arrivals"] = "words fixed poisson"
    chosen["--order"] = "words random williams sequential"
    chosen["--goal"] = "words knee throughput latency efficiency cpu-cost"
    chosen["--model"] = "words auto flat linear amdahl saturation smt usl"
    chosen["plot --format"] = "words svg png pdf ascii"
    chosen["export --format"] = "words hyperfine pyperf gbench bmf " \
        "github-action github-action-bigger benchfmt csv md trace"
}

/^  (-[A-Za-z0-9],|   ) --[a-z]/ {
    put()
    letter = substr($0, 3, 1) == "-" ? substr($0, 3, 2) : ""
    rest = substr($0, 7)
    about = ""
    if (match(rest, /  +/)) {
        about = substr(rest, RSTART + RLENGTH)
        rest = substr(rest, 1, RSTART - 1)
    }
    split(rest, part, " ")
    flag = part[1]
    value = part[2]
    next
}

# The about of a flag that filled its line; of others the first line is enough.
flag != "" && about == "" && /^ +[^ ]/ {
    about = $0
    sub(/^ +/, "", about)
}

{ put() }
END { put() }
