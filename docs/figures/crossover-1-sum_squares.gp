# cfbench figure; draw it again with: gnuplot crossover-1-sum_squares.gp
set encoding utf8
if (!exists("picture")) picture = 1
if (picture == 1) {
set terminal svg noenhanced rounded size 540,244 font "sans-serif,15" background "#ffffff"
set output "crossover-1-sum_squares.svg"
paper = "#ffffff"; ink = "#1f2328"; quiet = "#59636e"
rule = "#8b949e"; grid = "#e4e8ec"
serial = "#6e7781"
thread = "#0072b2"
process = "#d55e00"
openmp = "#009e73"
gil = "#000000"
mpi = "#8c510a"
own_workers = "#117733"
python_serial = "#8f7a4e"
python_thread = "#e69f00"
python_process = "#cc79a7"
python_free_threaded = "#56b4e9"
other = "#6f42c1"
part_busy = "#2f4a63"
part_overhead = "#b5306f"
part_waiting = "#a4b0bc"
part_idle = "#dfe5ea"
}
if (picture == 2) {
set terminal svg noenhanced rounded size 540,244 font "sans-serif,15" background "#14181d"
set output "crossover-1-sum_squares-dark.svg"
paper = "#14181d"; ink = "#e6eaee"; quiet = "#a3adb8"
rule = "#6b7580"; grid = "#2a3138"
serial = "#a0a9b3"
thread = "#58b4f0"
process = "#ff8f4a"
openmp = "#3ed6a5"
gil = "#ffffff"
mpi = "#d8a15c"
own_workers = "#66c28a"
python_serial = "#cdb98a"
python_thread = "#ffc54d"
python_process = "#eda6cc"
python_free_threaded = "#9bd4f7"
other = "#b392f0"
part_busy = "#b4cbe0"
part_overhead = "#ee7fb0"
part_waiting = "#5f6e7c"
part_idle = "#2f3840"
}
data = "crossover-1-sum_squares.dat"
set multiplot
# words
set lmargin at screen 0; set rmargin at screen 1
set bmargin at screen 0; set tmargin at screen 1
unset border; unset tics; unset key
set xrange [0:540]; set yrange [0:244]
set label 1 "When are processes as fast as threads?" at 16,216 font ",20" tc rgb ink
plot data index 0 every ::0::0 using 1:2:3 with labels left font ",14" tc rgb quiet, \
     '' index 0 every ::1 using 1:2:3 with labels left font ",12" tc rgb quiet
unset label 1
# panel 1
set xrange [3.27448808e-06:0.00416526386]; set yrange [0:2]
set logscale x
unset logscale y
set border 1 lc rgb rule
unset grid; set grid xtics lc rgb grid lw 1 dt 1
set errorbars 0.6
unset xlabel; unset ytics
set xlabel "a task in the plain loop" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("10 µs" 1e-05, "100 µs" 0.0001, "1 ms" 0.001)
set lmargin at screen 0.18889; set rmargin at screen 0.81111
set bmargin at screen 0.40984; set tmargin at screen 0.56557
set label 1 "Time with threads over time with processes" at screen 0.02963,0.67623 font ",14" tc rgb ink
plot \
     data index 1 using 1:2:3:4:5:6 with boxxyerror fs solid 1.0 border lc rgb paper lw 1 fc rgb "#6fb0dc", \
     data index 2 using 1:2:3:4:5:6 with boxxyerror fs solid 1.0 border lc rgb paper lw 1 fc rgb "#bcd9ee", \
     data index 3 using 1:2:3:4:5:6 with boxxyerror fs solid 1.0 border lc rgb paper lw 1 fc rgb "#f4f4f2", \
     data index 4 using 1:2:3 with labels center font ",12" tc rgb "#0b0d10", \
     data index 5 using 1:2 with lines lw 6 dt 1 lc rgb paper, \
     '' index 5 using 1:2 with lines lw 2.5 dt 1 lc rgb ink, \
     data index 6 using 1:2:3 with labels right offset -0.8,0 font ",13" tc rgb ink, \
     '' index 6 using 4:2:5 with labels left offset 1,0 font ",13" tc rgb ink
unset label; unset arrow
unset multiplot
set output
if (picture < 2) picture = picture + 1; reset; reread
