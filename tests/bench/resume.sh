#!/bin/bash
# SPDX-License-Identifier: MIT
# What a resumed run promises: resume.sh PROGRAM PROMISE. Runs are ended at a
# sample that is known beforehand: their --prepare, run before each, does it.
program=$1
promise=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

complain()
{
    echo "$1"
    cat out err
    exit 1
}

cat >before <<'END'
#!/bin/sh
echo >>seen
[ "$(grep -c '' seen)" -ne "$(cat moment)" ] || kill "-$(cat with)" "$(cat pid)"
END
chmod +x before

# end SIGNAL N cfbench ...: what follows, ended before its N-th sample; no
# signal where N is 0.
end()
{
    rm -f seen
    echo "$1" >with
    echo "$2" >moment
    shift 3
    # shellcheck disable=SC2016 # its own process
    sh -c 'echo $$ >pid; exec "$@"' sh "$program" "$@" >out 2>err
}

# samples FILE: how many are in it that were finished
samples()
{
    grep -c '"elapsed_s": \?[0-9]' "$1"
}

# begin SIGNAL N FILE: a run of 12 samples, ended before its N-th
begin()
{
    end "$1" "$2" cfbench run -b serial --tasks 1 --blocks 12 --gap 1ms \
        --prepare ./before -o "$3" -- true
}

# A resume that is killed costs one sample, like any other run.
goes_on_from_a_killed_resume()
{
    local first second third
    begin TERM 3 out.json
    first=$(samples out.json)
    end KILL 5 cfbench run --resume out.json
    second=$(samples out.jsonl)
    [ "$second" -eq $((first + 4)) ] || complain "not killed where it should"
    end KILL 2 cfbench run --resume out.json
    grep -q '^cfbench: warning: out.jsonl: ' err ||
        complain "not said that it goes on from the journal"
    third=$(samples out.jsonl)
    [ "$third" -eq $((second + 1)) ] || complain "$second samples, then $third"
    end KILL 0 cfbench run --resume out.json || complain "not resumed"
    [ "$(grep -c '' seen)" -eq $((12 - third)) ] || complain "measured again"
    [ "$(samples out.json)" -eq 12 ] || complain "not complete"
    [ ! -e out.jsonl ] || complain "the journal stays"
}

refuses_the_journal_of_another_run()
{
    begin KILL 4 other.json
    begin TERM 3 out.json
    mv other.jsonl out.jsonl
    cp out.jsonl before.jsonl
    end KILL 0 cfbench run --resume out.json
    [ $? -eq 2 ] || complain "not refused"
    [ "$(grep -c '' err)" -eq 1 ] || complain "not one line"
    grep -q '^cfbench: out.jsonl: .*another run' err || complain "not clear"
    cmp out.jsonl before.jsonl || complain "the other run's journal is changed"
    [ ! -e seen ] || complain "measured before it was refused"
}

# A journal whose document has all of it is what a kill between the two leaves.
replaces_a_journal_that_has_no_more()
{
    begin KILL 4 out.json
    cp out.jsonl all.jsonl
    end TERM 3 cfbench run --resume out.jsonl
    cp all.jsonl out.jsonl
    end KILL 0 cfbench run --resume out.json || complain "not resumed"
    [ "$(samples out.json)" -eq 12 ] || complain "not complete"
}

# A document need not be called .json.
writes_where_the_killed_run_would()
{
    mkdir to
    begin KILL 4 to/noext
    end KILL 0 cfbench run --resume to/noext.jsonl || complain "not resumed"
    [ "$(samples to/noext)" -eq 12 ] || complain "not written to to/noext"
    [ "$(ls to)" = noext ] || complain "also left: $(ls to)"
}

# The journal was of a run that did not end; this one did.
says_nothing_of_an_end_that_was_made_up_for()
{
    begin KILL 4 out.json
    end KILL 0 cfbench run --resume out.jsonl || complain "not resumed"
    [ "$(samples out.json)" -eq 12 ] || complain "not complete"
    ! grep -q 'did not come to its end' out || complain "called partial"
}

# The budget leaves the first pilot no time for 30 batches: it cuts one.
finishes_the_pilots_of_the_warm_up()
{
    end TERM 2 cfbench run -b thread -j 1,2 --tasks 2 --blocks 2 --gap 1ms \
        --warmup auto --budget 2s --prepare ./before -o out.json -- sleep 0.02
    [ "$(grep -o '"steadiness"' out.json | wc -l)" -eq 1 ] ||
        complain "not ended in the second pilot"
    end KILL 0 cfbench run --resume out.json || complain "not resumed"
    [ "$(grep -o '"steadiness"' out.json | wc -l)" -eq 2 ] ||
        complain "the second pilot was not taken, or the first again"
    grep -q '"warmup": *[1-9]' out.json || complain "no warm-up"
    grep -q '"warmup_unfinished": *false' out.json || complain "not finished"
    [ "$(grep -c '"warmup": *false' out.json)" -eq 4 ] || complain "incomplete"
}

# What is there already has taken its time: also what came before its samples.
is_never_shorter_than_before()
{
    local first second
    end KILL 0 cfbench run -b serial --tasks 1 --blocks 2 --gap 1ms \
        --setup '[ -e ready ] || sleep 0.7; : >ready' -o out.json -- true
    first=$(sed -n 's/.*"duration_s": *\([0-9.]*\).*/\1/p' out.json)
    end KILL 0 cfbench run --resume out.json || complain "not resumed"
    second=$(sed -n 's/.*"duration_s": *\([0-9.]*\).*/\1/p' out.json)
    awk "BEGIN { exit !($first > 0.7 && $second >= $first) }" ||
        complain "duration_s: first $first, then $second"
    sed 's/"duration_s": *[0-9.]*/"duration_s": 1e300/;
        s/"started_s": *[0-9.]*/"started_s": 1e300/' out.json >forged.json
    end KILL 0 cfbench run --resume forged.json || complain "not resumed"
    ! grep -q '"duration_s": *[^,]*[-e]' forged.json ||
        complain "no duration: $(grep duration_s forged.json)"
}

# The log of the first part is gone on with, after its last whole line.
goes_on_with_the_log_of_its_commands()
{
    end KILL 4 cfbench run -b serial --tasks 1 --blocks 12 --gap 1ms \
        --joblog log --prepare ./before -o out.json -- true
    printf 'half of a li' >>log
    end KILL 3 cfbench run --resume out.jsonl --joblog log
    printf 'half of a li' >>log
    cp log before.log
    end KILL 0 cfbench run --resume out.jsonl --joblog log ||
        complain "not resumed"
    [ "$(grep -c '^start_s' log)" -eq 1 ] || complain "not one head"
    [ "$(awk -F '\t' 'NR > 1 && NF == 8' log | wc -l)" -eq 12 ] ||
        complain "not 12 lines: $(cat log)"
    [ "$(wc -l <log)" -eq 13 ] || complain "more in the log: $(cat log)"
    end KILL 0 cfbench run --resume out.json --joblog another ||
        complain "not resumed with a new log"
    [ "$(grep -c '^start_s' another)" -eq 1 ] || complain "no head"
    end KILL 0 cfbench run empty -b serial --blocks 1 --tasks 1 -o none.json
    end KILL 0 cfbench run --resume none.json --joblog log
    [ $? -eq 2 ] || complain "a log of no command"
    echo mine >notes
    end KILL 0 cfbench run --resume out.json --joblog notes
    [ $? -eq 2 ] || complain "a log in somebody's notes"
    [ "$(cat notes)" = mine ] || complain "the notes are gone"
}

# What no flag of the second command says is as in the first.
rests_limits_and_traces_as_before()
{
    local gap
    cat >work <<'END'
[ ! -e hang ] || sleep 5
END
    end TERM 2 cfbench run -b serial --tasks 1 --blocks 5 --gap 150ms \
        --limit 700ms --trace --prepare ./before -o out.json -- sh ./work
    end KILL 3 cfbench run --resume out.json
    [ "$(samples out.jsonl)" -eq 4 ] || complain "not killed where it should"
    gap=$(sed -n 's/.*"started_s": *\([0-9.]*\).*/\1/p' out.jsonl |
        awk 'NR > 2 && $1 - last < 0.15 { print "short" } { last = $1 }')
    [ -z "$gap" ] || complain "no rest between samples"
    rm out.json # with the traces of the first part
    end KILL 0 cfbench run --resume out.jsonl || complain "not resumed"
    grep -q '"spans"' out.json || complain "no traces"
    end TERM 3 cfbench run -b serial --tasks 1 --blocks 4 --gap 1ms \
        --limit 700ms --prepare ./before -o out.json -- sh ./work
    touch hang
    end KILL 0 cfbench run --resume out.json
    grep -q 'took longer than the limit of 0.7 s' err || complain "no limit"
}

"$promise"
