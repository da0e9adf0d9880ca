# cfbench figure; draw it again with: gnuplot throughput-1-sum_squares.gp
set encoding utf8
if (!exists("picture")) picture = 1
if (picture == 1) {
set terminal svg noenhanced rounded size 960,440 font "sans-serif,15" background "#ffffff"
set output "throughput-1-sum_squares.svg"
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
set output "throughput-1-sum_squares-dark.svg"
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
data = "throughput-1-sum_squares.dat"
set multiplot
# words
set lmargin at screen 0; set rmargin at screen 1
set bmargin at screen 0; set tmargin at screen 1
unset border; unset tics; unset key
set xrange [0:960]; set yrange [0:440]
set label 1 "How many tasks get done in a second?" at 16,412 font ",20" tc rgb ink
plot data index 0 every ::0::0 using 1:2:3 with labels left font ",14" tc rgb quiet, \
     '' index 0 every ::1 using 1:2:3 with labels left font ",12" tc rgb quiet
unset label 1
# panel 1
set xrange [0.875606038:4.80773129]; set yrange [0:1245.29988]
set logscale x
unset logscale y
set border 3 lc rgb rule
set grid ytics lc rgb grid lw 1 dt 1
set errorbars 0.6
set xlabel "workers" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("1" 1, "2" 2, "4" 4)
set ytics nomirror scale 0 tc rgb quiet font ",13" ("0" 0, "200" 200, "400" 400, "600" 600, "800" 800, "1000" 1000, "1200" 1200)
set lmargin at screen 0.06667; set rmargin at screen 0.35625
set bmargin at screen 0.22727; set tmargin at screen 0.75909
set label 1 "Throughput, tasks per second" at screen 0.01667,0.82045 font ",14" tc rgb ink
set arrow 1 from 2,graph 0 to 2,graph 1 nohead back lw 1 dt (2,4) lc rgb rule
set label 2 "2 usable CPUs" at 2,screen 0.77727 center font ",12" tc rgb quiet
plot \
     data index 1 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb serial, \
     '' index 1 using 1:3 with lines lw 1.5 dt (4,4) lc rgb serial, \
     data index 2 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb thread, \
     '' index 2 using 1:3 with lines lw 2 dt 1 lc rgb thread, \
     '' index 2 using 1:3:4:5 with yerrorbars lw 1.5 pt 7 ps 0.65 lc rgb thread, \
     data index 3 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb process, \
     '' index 3 using 1:3 with lines lw 2 dt (12,4) lc rgb process, \
     '' index 3 using 1:3:4:5 with yerrorbars lw 1.5 pt 5 ps 0.65 lc rgb process, \
     data index 4 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb openmp, \
     '' index 4 using 1:3 with lines lw 2 dt (8,3,2,3) lc rgb openmp, \
     '' index 4 using 1:3:4:5 with yerrorbars lw 1.5 pt 9 ps 0.65 lc rgb openmp, \
     data index 5 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb gil, \
     '' index 5 using 1:3 with lines lw 2 dt (3,3) lc rgb gil, \
     '' index 5 using 1:3:4:5 with yerrorbars lw 1.5 pt 13 ps 0.65 lc rgb gil, \
     data index 6 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb python_serial, \
     '' index 6 using 1:3 with lines lw 2 dt (4,4) lc rgb python_serial, \
     '' index 6 using 1:3:4:5 with yerrorbars lw 1.5 pt 3 ps 0.65 lc rgb python_serial, \
     data index 7 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb python_thread, \
     '' index 7 using 1:3 with lines lw 2 dt 1 lc rgb python_thread, \
     '' index 7 using 1:3:4:5 with yerrorbars lw 1.5 pt 6 ps 0.65 lc rgb python_thread, \
     data index 8 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb python_process, \
     '' index 8 using 1:3 with lines lw 2 dt (12,4) lc rgb python_process, \
     '' index 8 using 1:3:4:5 with yerrorbars lw 1.5 pt 4 ps 0.65 lc rgb python_process, \
     data index 9 using 1:2 with lines lw 0.75 dt 1 lc rgb serial, \
     '' index 9 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb quiet, \
     data index 10 using 1:2 with lines lw 0.75 dt 1 lc rgb thread, \
     '' index 10 every ::1 using 1:2 with points pt 7 ps 0.65 lc rgb thread, \
     '' index 10 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 11 using 1:2 with lines lw 0.75 dt 1 lc rgb process, \
     '' index 11 every ::1 using 1:2 with points pt 5 ps 0.65 lc rgb process, \
     '' index 11 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 12 using 1:2 with lines lw 0.75 dt 1 lc rgb openmp, \
     '' index 12 every ::1 using 1:2 with points pt 9 ps 0.65 lc rgb openmp, \
     '' index 12 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 13 using 1:2 with lines lw 0.75 dt 1 lc rgb gil, \
     '' index 13 every ::1 using 1:2 with points pt 13 ps 0.65 lc rgb gil, \
     '' index 13 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 14 using 1:2 with lines lw 0.75 dt (1,6) lc rgb python_serial, \
     '' index 14 every ::1 using 1:2 with points pt 3 ps 0.65 lc rgb python_serial, \
     '' index 14 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 15 using 1:2 with lines lw 0.75 dt 1 lc rgb python_thread, \
     '' index 15 every ::1 using 1:2 with points pt 6 ps 0.65 lc rgb python_thread, \
     '' index 15 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 16 using 1:2 with lines lw 0.75 dt 1 lc rgb python_process, \
     '' index 16 every ::1 using 1:2 with points pt 4 ps 0.65 lc rgb python_process, \
     '' index 16 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink
unset label; unset arrow
# panel 2
set xrange [0.88171582:9.07321817]; set yrange [0:1261.40851]
set logscale x
unset logscale y
set border 3 lc rgb rule
set grid ytics lc rgb grid lw 1 dt 1
set errorbars 0.6
set xlabel "workers" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("1" 1, "2" 2, "4" 4)
set ytics nomirror scale 0 tc rgb quiet font ",13" ("0" 0, "200" 200, "400" 400, "600" 600, "800" 800, "1000" 1000, "1200" 1200)
set lmargin at screen 0.56667; set rmargin at screen 0.88125
set bmargin at screen 0.22727; set tmargin at screen 0.75909
set label 1 "The best backend and its model" at screen 0.51667,0.82045 font ",14" tc rgb ink
set arrow 1 from 2,graph 0 to 2,graph 1 nohead back lw 1 dt (2,4) lc rgb rule
set label 2 "2 usable CPUs" at 2,screen 0.77727 center font ",12" tc rgb quiet
plot \
     data index 17 using 1:2 with lines lw 1.5 dt (1,4) lc rgb quiet, \
     data index 18 using 1:3:4 with filledcurves fs transparent solid 0.15 noborder fc rgb openmp, \
     '' index 18 using 1:2 with lines lw 2 dt (8,3) lc rgb openmp, \
     data index 19 using 1:3:4 with filledcurves fs transparent solid 0.07 noborder fc rgb openmp, \
     '' index 19 using 1:2 with lines lw 2 dt (2,4) lc rgb openmp, \
     data index 20 using 1:2:3:4 with xerrorbars lw 2 pt 1 ps 1 lc rgb ink, \
     data index 21 using 1:3:4:5 with yerrorbars lw 1.5 pt 9 ps 0.65 lc rgb openmp, \
     data index 22 using 1:2 with lines lw 0.75 dt (1,6) lc rgb openmp, \
     '' index 22 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 23 using 1:2 with lines lw 0.75 dt 1 lc rgb quiet, \
     '' index 23 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb quiet
unset label; unset arrow
unset multiplot
set output
if (picture < 2) picture = picture + 1; reset; reread
