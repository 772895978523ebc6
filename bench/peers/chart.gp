# Bars of millions per second, on a logarithmic scale: cells counted above, CSV rows written below. `prefix` names the
# data and the pictures; page.py writes the former.
data = prefix.'.dat'
ours = 0x1f77b4
other = 0x9e9e9e
do for [type in 'png svg'] {
    if (type eq 'png') {
        set terminal pngcairo noenhanced size 1100,760 font 'sans,11' background '#ffffff'
    } else {
        set terminal svg noenhanced size 1100,760 font 'sans,14' background '#ffffff'
    }
    set output prefix.'.'.type
    set multiplot layout 2,1
    unset key
    set style fill solid 1.0 noborder
    set logscale x
    set grid x lc rgb '#dddddd'
    set border 3
    set tics nomirror
    set lmargin 42
    set rmargin 8
    set format x '%g'
    do for [i = 0:1] {
        set title (i == 0 ? 'Cells held against 40 GPUs, one thread' : 'Rows written to a file as CSV, evaluation included')
        set xlabel (i == 0 ? 'million cells a second' : 'million rows a second')
        set xrange [(i == 0 ? 1 : 0.05):(i == 0 ? 30000 : 100)]
        set yrange [-0.6:6.6]
        plot data index i using (0.0001):0:(0.0001):1:($0 - 0.35):($0 + 0.35):($2 > 0 ? ours : other):ytic(3) \
                with boxxyerror lc rgb variable, \
            data index i using 1:0:4 with labels left offset 0.5,0
    }
    unset multiplot
}
