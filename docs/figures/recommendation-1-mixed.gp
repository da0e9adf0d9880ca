# cfbench figure; draw it again with: gnuplot recommendation-1-mixed.gp
set encoding utf8
if (!exists("picture")) picture = 1
if (picture == 1) {
set terminal svg noenhanced rounded size 540,430 font "sans-serif,15" background "#ffffff"
set output "recommendation-1-mixed.svg"
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
set output "recommendation-1-mixed-dark.svg"
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
data = "recommendation-1-mixed.dat"
set multiplot
# words
set lmargin at screen 0; set rmargin at screen 1
set bmargin at screen 0; set tmargin at screen 1
unset border; unset tics; unset key
set xrange [0:540]; set yrange [0:430]
set label 1 "What would another number of workers cost?" at 16,402 font ",20" tc rgb ink
plot data index 0 every ::0::0 using 1:2:3 with labels left font ",14" tc rgb quiet, \
     '' index 0 every ::1 using 1:2:3 with labels left font ",12" tc rgb quiet
unset label 1
# panel 1
set xrange [0.810738982:39.4701633]; set yrange [0:0.952710582]
set logscale x
unset logscale y
set border 3 lc rgb rule
set grid ytics lc rgb grid lw 1 dt 1
set errorbars 0.6
set xlabel "workers" tc rgb quiet font ",13" offset 0,0.7
set xtics nomirror scale 0.5 tc rgb quiet font ",13" ("1" 1, "2" 2, "4" 4, "6" 6, "10" 10, "16" 16, "32" 32)
set ytics nomirror scale 0 tc rgb quiet font ",13" ("0" 0, "20 %%" 0.2, "40 %%" 0.4, "60 %%" 0.6, "80 %%" 0.8)
set lmargin at screen 0.11852; set rmargin at screen 0.84815
set bmargin at screen 0.23256; set tmargin at screen 0.75349
set label 1 "Throughput lost against the best (shaded: allowed)" at screen 0.02963,0.81628 font ",14" tc rgb ink
set arrow 1 from 2,graph 0 to 2,graph 1 nohead back lw 1 dt (2,4) lc rgb rule
set label 2 "2 usable CPUs" at 2,screen 0.77209 center font ",12" tc rgb quiet
set arrow 2 from 13,graph 0 to 13,graph 1 nohead back lw 1 dt (2,4) lc rgb rule
set label 3 "recommended 13" at 13,screen 0.77209 center font ",12" tc rgb quiet
plot \
     data index 1 using 1:2:3 with filledcurves fs solid 1.0 noborder fc rgb grid, \
     data index 2 using 1:2 with lines lw 7 dt 1 lc rgb ink, \
     data index 3 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb thread, \
     '' index 3 using 1:3 with lines lw 2 dt 1 lc rgb thread, \
     '' index 3 using 1:3:4:5 with yerrorbars lw 1.5 pt 7 ps 0.65 lc rgb thread, \
     data index 4 using 1:4:5 with filledcurves fs transparent solid 0.12 noborder fc rgb process, \
     '' index 4 using 1:3 with lines lw 2 dt (12,4) lc rgb process, \
     '' index 4 using 1:3:4:5 with yerrorbars lw 1.5 pt 5 ps 0.65 lc rgb process, \
     data index 5 using 1:2 with lines lw 0.75 dt 1 lc rgb thread, \
     '' index 5 every ::1 using 1:2 with points pt 7 ps 0.65 lc rgb thread, \
     '' index 5 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink, \
     data index 6 using 1:2 with lines lw 0.75 dt 1 lc rgb process, \
     '' index 6 every ::1 using 1:2 with points pt 5 ps 0.65 lc rgb process, \
     '' index 6 every ::1 using 1:2:3 with labels left offset 1,0 font ",14" tc rgb ink
unset label; unset arrow
unset multiplot
set output
if (picture < 2) picture = picture + 1; reset; reread
