# man3.awk -v out=DIR -v version=V HEADER...: a manual page for each function
# that the public headers declare, from the comment above it: the contract is
# written once. Functions that share a comment share a page, and so does a macro
# that is called like one.

function plain(line) # a line of comment without its stars
{
    sub(/^ *\/\*+ ?/, "", line)
    sub(/ *\*+\/ *$/, "", line)
    sub(/^ \* ?/, "", line)
    return line
}

function roff(text,    before, word)
{
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    while (match(text, /`[^`]+`/)) { # `name` is set in italics
        before = substr(text, 1, RSTART - 1)
        word = substr(text, RSTART + 1, RLENGTH - 2)
        text = before "\\fI" word "\\fR" substr(text, RSTART + RLENGTH)
    }
    if (text ~ /^[.\047]/)
        text = "\\&" text
    return text
}

# The names of the functions that are declared in `text`.
function find_names(text,    rest)
{
    name_count = 0
    rest = text
    while (match(rest, /cf_[a-z_]+\(/)) {
        names[++name_count] = substr(rest, RSTART, RLENGTH - 1)
        rest = substr(rest, RSTART + RLENGTH)
        sub(/^[^;]*;/, "", rest)
    }
}

function first_sentence(text)
{
    gsub(/\n/, " ", text)
    sub(/[.:;] .*/, "", text)
    sub(/\.$/, "", text)
    return tolower(substr(text, 1, 1)) substr(text, 2)
}

function write_page(    page, i, lines, count, indented)
{
    find_names(declaration)
    if (name_count == 0)
        return
    if (macro != "") {
        for (i = name_count++; i > 0; i--)
            names[i + 1] = names[i]
        match(macro, /cf_[a-z_]+/)
        names[1] = substr(macro, RSTART, RLENGTH)
    }
    page = out "/" names[1] ".3"
    printf ".TH %s 3 \"\" \"libcf %s\" \"libcf\"\n.SH NAME\n", \
        toupper(names[1]), version > page
    for (i = 1; i <= name_count; i++)
        printf "%s%s", names[i], i < name_count ? ", " : "" > page
    printf " \\- %s\n.SH SYNOPSIS\n.nf\n#include <cf/cf.h>\n\n", \
        roff(first_sentence(comment)) > page
    gsub(/CF_API |CF_MUST_CHECK *\n?|\n *CF_PRINTF[^;]*/, "", declaration)
    gsub(/\n +/, "\n    ", declaration)
    print roff((macro != "" ? macro "\n\n" : "") declaration) ".fi\n.SH DESCRIPTION" > page
    count = split(comment, lines, "\n")
    for (i = 1; i <= count; i++) {
        if (lines[i] == "") {
            if (indented)
                print ".fi" > page
            indented = 0
            print ".PP" > page
        } else {
            if (lines[i] ~ /^    / && !indented) {
                print ".nf" > page
                indented = 1
            }
            print roff(lines[i]) > page
        }
    }
    if (indented)
        print ".fi" > page
    print ".SH SEE ALSO\nThe header <" header "> and cfbench(1)." > page
    close(page)
    for (i = 2; i <= name_count; i++) {
        printf ".so man3/%s.3\n", names[1] > (out "/" names[i] ".3")
        close(out "/" names[i] ".3")
    }
}

FNR == 1 {
    header = FILENAME
    sub(/.*\/cf\//, "cf/", header)
    state = "between"
    comment = ""
}
/^CF_NAMESAKE_/ {
    next # of the compiler's, not the contract's
}
state == "between" && /^\/\*/ {
    comment = plain($0)
    macro = ""
    state = /\*\/ *$/ ? "between" : "comment"
    next
}
state == "comment" {
    text = plain($0)
    comment = comment (comment == "" ? "" : "\n") text
    if (/\*\/ *$/) {
        sub(/\n$/, "", comment)
        state = "between"
    }
    next
}
state == "between" && /^#define cf_/ {
    macro = $0
    next
}
state == "between" && /^CF_API/ && !/extern/ {
    declaration = ""
    state = "declaration"
}
state == "declaration" {
    if ($0 == "" || /^#|^\/\*/) {
        write_page()
        comment = macro = ""
        state = "between"
    } else {
        declaration = declaration $0 "\n"
    }
}
