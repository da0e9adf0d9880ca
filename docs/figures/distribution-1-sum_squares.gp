# cfbench figure; draw it again with: gnuplot distribution-1-sum_squares.gp
set encoding utf8
if (!exists("picture")) picture = 1
if (picture == 1) {
set terminal svg noenhanced rounded size 960,646 font "sans-serif,15" background "#ffffff"
set output "distribution-1-sum_squares.svg"
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
set terminal svg noenhanced rounded size 960,646 font "sans-serif,15" background "#14181d"
set output "distribution-1-sum_squares-dark.svg"
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
data = "distribution-1-sum_squares.dat"
set multiplot
# words
set lmargin at screen 0; set rmargin at screen 1
set bmargin at screen 0; set tmargin at screen 1
unset border; unset tics; unset key
set xrange [0:960]; set yrange [0:646]
set label 1 "How much do the blocks differ?" at 16,618 font ",20" tc rgb ink
plot data index 0 every ::0::0 using 1:2:3 with labels left font ",14" tc rgb quiet, \
     '' index 0 every ::1 using 1:2:3 with labels left font ",12" tc rgb quiet
unset label 1
# panel 1
set xrange [0.0486637982:0.630496385]; set yrange [0:1.06]
set logscale x
unset logscale y
set border 3 lc rgb rule
unset grid; set grid ytics lc rgb grid lw 1 dt 1
set xlabel "time of a batch" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("50 ms" 0.05, "100 ms" 0.1, "200 ms" 0.2, "500 ms" 0.5)
set ytics nomirror scale 0 tc rgb quiet font ",13" ("0" 0, "20 %%" 0.2, "40 %%" 0.4, "60 %%" 0.6, "80 %%" 0.8, "100 %%" 1)
set lmargin at screen 0.06667; set rmargin at screen 0.33958
set bmargin at screen 0.15483; set tmargin at screen 0.83588
set label 1 "Share of blocks with a batch within that time" at screen 0.01667,0.87768 font ",14" tc rgb ink
plot \
     data index 1 using 1:2 with steps lw 1.5 dt (4,4) lc rgb serial, \
     '' index 1 every ::1 using 1:2 with points pt 2 ps 0.55 lc rgb serial, \
     data index 2 using 1:2 with steps lw 1.5 dt 1 lc rgb thread, \
     '' index 2 every ::1 using 1:2 with points pt 7 ps 0.55 lc rgb thread, \
     data index 3 using 1:2 with steps lw 1.5 dt (12,4) lc rgb process, \
     '' index 3 every ::1 using 1:2 with points pt 5 ps 0.55 lc rgb process, \
     data index 4 using 1:2 with steps lw 1.5 dt (8,3,2,3) lc rgb openmp, \
     '' index 4 every ::1 using 1:2 with points pt 9 ps 0.55 lc rgb openmp, \
     data index 5 using 1:2 with steps lw 1.5 dt (3,3) lc rgb gil, \
     '' index 5 every ::1 using 1:2 with points pt 13 ps 0.55 lc rgb gil, \
     data index 6 using 1:2 with steps lw 1.5 dt (4,4) lc rgb python_serial, \
     '' index 6 every ::1 using 1:2 with points pt 3 ps 0.55 lc rgb python_serial, \
     data index 7 using 1:2 with steps lw 1.5 dt 1 lc rgb python_thread, \
     '' index 7 every ::1 using 1:2 with points pt 6 ps 0.55 lc rgb python_thread, \
     data index 8 using 1:2 with steps lw 1.5 dt (12,4) lc rgb python_process, \
     '' index 8 every ::1 using 1:2 with points pt 4 ps 0.55 lc rgb python_process, \
     data index 9 every ::1 using 1:2 with points pt 2 ps 0.65 lc rgb serial, \
     data index 9 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 10 every ::1 using 1:2 with points pt 7 ps 0.65 lc rgb thread, \
     data index 10 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 11 every ::1 using 1:2 with points pt 5 ps 0.65 lc rgb process, \
     data index 11 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 12 every ::1 using 1:2 with points pt 9 ps 0.65 lc rgb openmp, \
     data index 12 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 13 every ::1 using 1:2 with points pt 13 ps 0.65 lc rgb gil, \
     data index 13 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 14 every ::1 using 1:2 with points pt 3 ps 0.65 lc rgb python_serial, \
     data index 14 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 15 every ::1 using 1:2 with points pt 6 ps 0.65 lc rgb python_thread, \
     data index 15 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 16 every ::1 using 1:2 with points pt 4 ps 0.65 lc rgb python_process, \
     data index 16 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink
unset label; unset arrow
# panel 2
set xrange [0.90365411:1.23799831]; set yrange [0:23.15]
unset logscale x
unset logscale y
set border 1 lc rgb rule
unset grid; set grid xtics lc rgb grid lw 1 dt 1
set errorbars 0.6
unset xlabel; unset ytics
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("100 %%" 1, "110 %%" 1.1, "120 %%" 1.2)
set lmargin at screen 0.66458; set rmargin at screen 0.97292
set bmargin at screen 0.15483; set tmargin at screen 0.83588
set label 1 "Each block, of the median of its case" at screen 0.51667,0.87768 font ",14" tc rgb ink
plot \
     data index 17 using 1:2 with lines lw 1 dt 1 lc rgb rule, \
     data index 18 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb serial, \
     data index 19 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb thread, \
     data index 20 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb thread, \
     data index 21 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb thread, \
     data index 22 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb process, \
     data index 23 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb process, \
     data index 24 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb process, \
     data index 25 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb openmp, \
     data index 26 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb openmp, \
     data index 27 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb openmp, \
     data index 28 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb gil, \
     data index 29 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb gil, \
     data index 30 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb gil, \
     data index 31 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb python_serial, \
     data index 32 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb python_thread, \
     data index 33 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb python_thread, \
     data index 34 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb python_thread, \
     data index 35 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb python_process, \
     data index 36 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb python_process, \
     data index 37 using 1:2 with points pt 6 ps 0.55 lw 1.25 lc rgb python_process, \
     data index 38 using 1:2:3 with labels right offset -0.8,0 font ",13" tc rgb ink, \
     '' index 38 using 4:2:5 with labels left offset 1,0 font ",13" tc rgb ink
unset label; unset arrow
unset multiplot
set output
if (picture < 2) picture = picture + 1; reset; reread
