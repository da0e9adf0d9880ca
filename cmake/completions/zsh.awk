# SPDX-License-Identifier: MIT
# zsh.awk: from the table of flags.awk to a case of _arguments for each command.
function action(kind)
{
    if (kind ~ /^words /)
        return "_values -s , word " substr(kind, 7)
    if (kind == "backends")
        return "_cfbench_backends"
    if (kind == "parameters")
        return "_cfbench_parameters"
    if (kind == "files")
        return "_files"
    if (kind == "folders")
        return "_files -/"
    return " "
}

function rest(command)
{
    if (command == "run" || command == "recommend")
        return "*:workload:_cfbench_workloads"
    if (command == "list")
        return "*:what:(workloads backends)"
    if (command == "env")
        return "*:what:(show check)"
    if (command == "selftest")
        return "*:what:(aa)"
    return "*:record:_files"
}

# What _arguments would read as more than text.
function plain(text)
{
    gsub(/\[/, "", text)
    gsub(/\]/, "", text)
    gsub(/:/, "", text)
    return text
}

function finish()
{
    if (command != "")
        printf " \\\n            \047%s\047 ;;\n", rest(command)
}

$1 != command {
    finish()
    command = $1
    printf "    %s)\n        _arguments -s", command
}

{
    about = plain($6)
    value = plain($4)
    after = $5 == "nothing" ? "" : ":" value ":" action($5)
    printf " \\\n            \047*%s[%s]%s\047", $2 ($4 == "" ? "" : "="), about,
        after
    if ($3 != "")
        printf " \\\n            \047*%s[%s]%s\047", $3 ($4 == "" ? "" : "+"),
            about, after
}

END { finish() }
