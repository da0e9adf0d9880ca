#!/bin/sh
# SPDX-License-Identifier: MIT
# make figures: the gallery and its pictures, from the records that are kept.
#
#   plots/gallery.sh CFBENCH [FOLDER]     from the top of the source tree
#
# FOLDER (docs) gets gallery.md and figures/ with one example of every figure
# but versus, light and dark, and the .gp and .dat that each is drawn from;
# figures/readme* is the picture of the README.
set -eu
export LC_ALL=C

cfbench=$1
docs=${2:-docs}
reference=results/reference
record=$reference/demo.json
drawn=$(mktemp -d)
trap 'rm -rf "$drawn"' EXIT

# The figures of records that measure one thing only, then those of the demo.
code=0
for part in trace lengths advice demo; do
    [ -f "$reference/$part.json" ] || {
        echo "gallery.sh: $reference/$part.json: no such record" >&2
        exit 2
    }
    mkdir "$drawn/$part"
    "$cfbench" plot "$reference/$part.json" -o "$drawn/$part" --format svg \
        >"$drawn/log" || code=$?
    if [ "$code" -ne 0 ]; then
        cat "$drawn/log" >&2
        [ $# -gt 1 ] || exit "$code" # pictures that are there stay
    fi
done
mkdir -p "$docs/figures"
for script in $(grep -ls '^# cfbench figure' "$docs"/figures/*.gp); do
    stem=${script%.gp}
    rm -f "$script" "$stem.dat" "$stem.svg" "$stem-dark.svg"
done

# What each figure is, and on which workload it shows best; the first that has
# it where that one has not.
about() {
    part=demo
    case $1 in
    gil) workload=sum_squares text='The same C code on free threads, processes and OpenMP, and on threads that share one lock by CPython'"'"'s rule. What it gains, and what it gets done: a speed-up hides how fast its base was.' ;;
    speedup) workload=http_get text='Speed-up over the serial loop, beside what the tasks and the CPUs allow at most.' ;;
    throughput) workload=sum_squares text='Tasks per second, from zero.' ;;
    efficiency) workload=sum_squares text='Speed-up divided by workers: what each further one brings.' ;;
    forest) workload=sum_squares text='The best case of each backend over the best of all, paired by block. The shaded band is the smallest difference that counts; the words are the verdicts.' ;;
    latency) workload=mixed text='The time that half, 90 % and 99 % of the tasks take at most, as far as there are tasks enough to say.' ;;
    latency_throughput) workload=http_get text='What more throughput costs each task. Numbers beside the points are workers; where a line turns up, more workers only make tasks wait.' ;;
    spectrum) workload=http_get text='Every percentile in one line: the axis runs towards 100 % in decades of what is left. Dotted where fewer than ten tasks lie beyond.' ;;
    time_split) workload=mixed text='What the workers did with the time they had, from CPU times, task times and elapsed time. `bench/record/details.h` has the definitions.' ;;
    distribution) workload=sum_squares text='The whole distribution over blocks, and every block beside the median of its case.' ;;
    recommendation) part=advice workload=mixed text='What the advice rests on: how much throughput another number of workers loses, with intervals. The thick line is the counts that may be the right answer.' ;;
    timeline) part=trace workload=mixed text='Every task of a typical batch on its worker, and how many wait. `--trace` measures it; `cfbench export -f trace` gives the same to Perfetto.' ;;
    granularity) part=lengths workload=sum_squares text='Efficiency by the length of a task. The mark is where half of the workers'"'"' time is well spent (METG). `--grain` measures it.' ;;
    crossover) part=lengths workload=sum_squares text='Threads against processes, by the length of a task. The line is where both take as long; what is not told apart has no colour.' ;;
    overhead) part=lengths workload=sum_squares text='What an executor adds to each task, by the length of the task.' ;;
    run_order) workload=sum_squares text='Every sample where it stands in the run, as a part of its case'"'"'s median: drift, jumps and bursts show here and nowhere else.' ;;
    esac
}

# The stem of a figure of that record about that workload, else about the first
# that has it.
stem_of() {
    for script in "$drawn/$3/$1"-[0-9]*-"$2".gp "$drawn/$3/$1"-[0-9]*.gp; do
        if [ -f "$script" ]; then
            basename "$script" .gp
            return
        fi
    done
}

keep() {
    for file in "$drawn/$part/$1.gp" "$drawn/$part/$1.dat" \
        "$drawn/$part/$1.svg" "$drawn/$part/$1-dark.svg"; do
        [ ! -f "$file" ] || cp "$file" "$docs/figures/"
    done
}

figure() {
    about "$1"
    stem=$(stem_of "$1" "$workload" "$part")
    [ -n "$stem" ] || return 0
    keep "$stem"
    question=$(sed -n 's/^set label 1 "\([^"]*\)" at 16,.*/\1/p' "$drawn/$part/$stem.gp")
    cat <<END

## $question

$text

<picture>
  <source media="(prefers-color-scheme: dark)" srcset="figures/$stem-dark.svg">
  <img src="figures/$stem.svg" alt="$question $text">
</picture>
END
}

gallery() {
    cat <<END
# Gallery

One example of every figure but \`versus\`, which a record of \`compare --vs\` has,
drawn by \`make figures\` from
\`$record\` and, for what a run measures only where it is asked
to, \`advice.json\`, \`trace.json\` and \`lengths.json\` beside it. Each stands
beside the \`.gp\` and \`.dat\` that draw it again:
\`cd docs/figures && gnuplot NAME.gp\`.

    cfbench plot $record -o figures
    cfbench plot $record --format ascii
    cfbench report $record -o report.html

The first screen of its report says:

END
    "$cfbench" report "$record" -o "$drawn/report.md" >/dev/null
    sed -n '/^- \*\*/p; /^In brackets/q' "$drawn/report.md"
    for name in gil speedup throughput efficiency recommendation forest \
        latency latency_throughput spectrum time_split timeline granularity \
        crossover overhead distribution run_order; do
        figure "$name"
    done
    cat <<END

## Without a screen

\`--format ascii\` draws all of them in 80 columns, in colour on a terminal:

\`\`\`
END
    "$cfbench" plot "$record" --format ascii |
        awk '/: Which backend is the fastest/ { on = 1 }
            on && /^$/ { exit } on { print }'
    cat <<END
\`\`\`
END
}

gallery >"$docs/gallery.md"
for theme in "" -dark; do
    picture=$docs/figures/$(stem_of gil sum_squares demo)$theme.svg
    [ ! -f "$picture" ] || cp "$picture" "$docs/figures/readme$theme.svg"
done
echo "$docs/gallery.md: $(ls "$docs"/figures/*.gp | wc -l) figures"
exit "$code"
