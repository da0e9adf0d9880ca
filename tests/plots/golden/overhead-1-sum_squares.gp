# cfbench figure; draw it again with: gnuplot overhead-1-sum_squares.gp
set encoding utf8
if (!exists("picture")) picture = 1
if (picture == 1) {
set terminal svg noenhanced rounded size 960,440 font "sans-serif,15" background "#ffffff"
set output "overhead-1-sum_squares.svg"
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
set terminal svg noenhanced rounded size 960,440 font "sans-serif,15" background "#14181d"
set output "overhead-1-sum_squares-dark.svg"
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
if (picture == 3) {
set terminal pngcairo noenhanced size 1920,880 font "sans-serif,15" fontscale 1.5 linewidth 2 pointscale 2.6 background rgb "#ffffff"
set output "overhead-1-sum_squares.png"
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
if (picture == 4) {
set terminal pngcairo noenhanced size 1920,880 font "sans-serif,15" fontscale 1.5 linewidth 2 pointscale 2.6 background rgb "#14181d"
set output "overhead-1-sum_squares-dark.png"
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
data = "overhead-1-sum_squares.dat"
set multiplot
# words
set lmargin at screen 0; set rmargin at screen 1
set bmargin at screen 0; set tmargin at screen 1
unset border; unset tics; unset key
set xrange [0:960]; set yrange [0:440]
set label 1 "What does an executor add to each task?" at 16,412 font ",20" tc rgb ink
plot data index 0 every ::0::0 using 1:2:3 with labels left font ",14" tc rgb quiet, \
     '' index 0 every ::1 using 1:2:3 with labels left font ",12" tc rgb quiet
unset label 1
# panel 1
set xrange [4.60434885e-05:0.0069753111]; set yrange [1.69862188e-05:0.00516107132]
set logscale x
set logscale y
set border 3 lc rgb rule
unset grid; set grid ytics lc rgb grid lw 1 dt 1
set xlabel "a task in the plain loop" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("50 µs" 5e-05, "200 µs" 0.0002, "1 ms" 0.001, "5 ms" 0.005)
set ytics nomirror scale 0 tc rgb quiet font ",13" ("20 µs" 2e-05, "50 µs" 5e-05, "100 µs" 0.0001, "200 µs" 0.0002, "500 µs" 0.0005, "1 ms" 0.001, "2 ms" 0.002, "5 ms" 0.005)
set lmargin at screen 0.06667; set rmargin at screen 0.36458
set bmargin at screen 0.22727; set tmargin at screen 0.75909
set label 1 "Added to each task, one worker" at screen 0.01667,0.82045 font ",14" tc rgb ink
plot \
     data index 1 using 1:2 with lines lw 1.5 dt (4,4) lc rgb quiet, \
     data index 2 using 1:2 with lines lw 1.5 dt 1 lc rgb thread, \
     '' index 2 using 1:2:3:4 with yerrorbars lw 1.5 pt 7 ps 0.65 lc rgb thread, \
     data index 3 using 1:2 with lines lw 1.5 dt (12,4) lc rgb process, \
     '' index 3 using 1:2:3:4 with yerrorbars lw 1.5 pt 5 ps 0.65 lc rgb process, \
     data index 4 every ::1 using 1:2 with points pt 7 ps 0.65 lc rgb thread, \
     data index 4 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 5 every ::1 using 1:2 with points pt 5 ps 0.65 lc rgb process, \
     data index 5 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 6 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb quiet
unset label; unset arrow
# panel 2
set xrange [4.60434885e-05:0.0069753111]; set yrange [2.59807317e-05:0.0148381932]
set logscale x
set logscale y
set border 3 lc rgb rule
unset grid; set grid ytics lc rgb grid lw 1 dt 1
set xlabel "a task in the plain loop" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("50 µs" 5e-05, "200 µs" 0.0002, "1 ms" 0.001, "5 ms" 0.005)
set ytics nomirror scale 0 tc rgb quiet font ",13" ("50 µs" 5e-05, "100 µs" 0.0001, "200 µs" 0.0002, "500 µs" 0.0005, "1 ms" 0.001, "2 ms" 0.002, "5 ms" 0.005, "10 ms" 0.01)
set lmargin at screen 0.56667; set rmargin at screen 0.86458
set bmargin at screen 0.22727; set tmargin at screen 0.75909
set label 1 "Each worker's, a worker for each usable CPU" at screen 0.51667,0.82045 font ",14" tc rgb ink
plot \
     data index 7 using 1:2 with lines lw 1.5 dt (4,4) lc rgb quiet, \
     data index 8 using 1:2 with lines lw 1.5 dt 1 lc rgb thread, \
     '' index 8 using 1:2:3:4 with yerrorbars lw 1.5 pt 7 ps 0.65 lc rgb thread, \
     data index 9 using 1:2 with lines lw 1.5 dt (12,4) lc rgb process, \
     '' index 9 using 1:2:3:4 with yerrorbars lw 1.5 pt 5 ps 0.65 lc rgb process, \
     data index 10 every ::1 using 1:2 with points pt 7 ps 0.65 lc rgb thread, \
     data index 10 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 11 every ::1 using 1:2 with points pt 5 ps 0.65 lc rgb process, \
     data index 11 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 12 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb quiet
unset label; unset arrow
unset multiplot
set output
if (picture < 4) picture = picture + 1; reset; reread
