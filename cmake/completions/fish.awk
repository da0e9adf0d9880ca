# SPDX-License-Identifier: MIT
# fish.awk: from the table of flags.awk to a complete line for each flag.
function action(kind)
{
    if (kind ~ /^words /)
        return " -x -a \047(__cfbench_list " substr(kind, 7) ")\047"
    if (kind == "backends" || kind == "parameters")
        return " -x -a \047(__cfbench_" kind ")\047"
    if (kind == "files")
        return " -r -F"
    if (kind == "folders")
        return " -x -a \047(__fish_complete_directories (commandline -ct))\047"
    return kind == "nothing" ? "" : " -x"
}

function rest(command)
{
    if (command == "run" || command == "recommend")
        return "-a \047(__cfbench_workloads)\047"
    if (command == "list")
        return "-a \047workloads backends\047"
    if (command == "env")
        return "-a \047show check\047"
    if (command == "selftest")
        return "-a \047aa\047"
    return "-F"
}

$1 != command {
    command = $1
    printf "complete -c cfbench -n \047__cfbench_using %s\047 %s\n", command,
        rest(command)
}

{
    printf "complete -c cfbench -n \047__cfbench_using %s\047 -l %s%s%s -d \047%s\047\n",
        $1, substr($2, 3), $3 == "" ? "" : " -s " substr($3, 2), action($5), $6
}
