# cfbench figure; draw it again with: gnuplot run_order-1-sum_squares.gp
set encoding utf8
if (!exists("picture")) picture = 1
if (picture == 1) {
set terminal svg noenhanced rounded size 540,430 font "sans-serif,15" background "#ffffff"
set output "run_order-1-sum_squares.svg"
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
set terminal svg noenhanced rounded size 540,430 font "sans-serif,15" background "#14181d"
set output "run_order-1-sum_squares-dark.svg"
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
data = "run_order-1-sum_squares.dat"
set multiplot
# words
set lmargin at screen 0; set rmargin at screen 1
set bmargin at screen 0; set tmargin at screen 1
unset border; unset tics; unset key
set xrange [0:540]; set yrange [0:430]
set label 1 "Did anything drift during the run?" at 16,402 font ",20" tc rgb ink
plot data index 0 every ::0::0 using 1:2:3 with labels left font ",14" tc rgb quiet, \
     '' index 0 every ::1 using 1:2:3 with labels left font ",12" tc rgb quiet
unset label 1
# panel 1
set xrange [0:143.038193]; set yrange [0.90365411:1.23799831]
unset logscale x
unset logscale y
set border 3 lc rgb rule
unset grid; set grid ytics lc rgb grid lw 1 dt 1
set xlabel "since the run's start" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("0" 0, "40 s" 40, "80 s" 80, "120 s" 120)
set ytics nomirror scale 0 tc rgb quiet font ",13" ("100 %%" 1, "110 %%" 1.1, "120 %%" 1.2)
set lmargin at screen 0.11852; set rmargin at screen 0.74444
set bmargin at screen 0.23256; set tmargin at screen 0.75349
set label 1 "Time of a sample, of the median of its case" at screen 0.02963,0.81628 font ",14" tc rgb ink
plot \
     data index 1 using 1:2 with lines lw 1 dt 1 lc rgb rule, \
     data index 2 using 1:2 with points pt 2 ps 0.5 lw 1.25 lc rgb serial, \
     data index 3 using 1:2 with points pt 7 ps 0.5 lw 1.25 lc rgb thread, \
     data index 4 using 1:2 with points pt 5 ps 0.5 lw 1.25 lc rgb process, \
     data index 5 using 1:2 with points pt 9 ps 0.5 lw 1.25 lc rgb openmp, \
     data index 6 using 1:2 with points pt 13 ps 0.5 lw 1.25 lc rgb gil, \
     data index 7 using 1:2 with points pt 3 ps 0.5 lw 1.25 lc rgb python_serial, \
     data index 8 using 1:2 with points pt 6 ps 0.5 lw 1.25 lc rgb python_thread, \
     data index 9 using 1:2 with points pt 4 ps 0.5 lw 1.25 lc rgb python_process, \
     data index 10 every ::1 using 1:2 with points pt 2 ps 0.65 lc rgb serial, \
     data index 10 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 11 every ::1 using 1:2 with points pt 7 ps 0.65 lc rgb thread, \
     data index 11 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 12 every ::1 using 1:2 with points pt 5 ps 0.65 lc rgb process, \
     data index 12 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 13 every ::1 using 1:2 with points pt 9 ps 0.65 lc rgb openmp, \
     data index 13 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 14 every ::1 using 1:2 with points pt 13 ps 0.65 lc rgb gil, \
     data index 14 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 15 every ::1 using 1:2 with points pt 3 ps 0.65 lc rgb python_serial, \
     data index 15 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 16 every ::1 using 1:2 with points pt 6 ps 0.65 lc rgb python_thread, \
     data index 16 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 17 every ::1 using 1:2 with points pt 4 ps 0.65 lc rgb python_process, \
     data index 17 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink
unset label; unset arrow
unset multiplot
set output
if (picture < 2) picture = picture + 1; reset; reread
