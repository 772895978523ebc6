/*
 * latex.c - a table as LaTeX with booktabs rules: caption, label, body, legend of the signs, footnotes. Needs nothing
 * else than \usepackage{booktabs}; any engine that reads UTF-8 sets it.
 */
#include "report/cell.h"
#include "report/escape.h"
#include "report/writers_internal.h"

/** Everything that LaTeX acts on, and the signs that its usual fonts lack. */
static const report_escape escapes[] = {
    {"\\", "\\textbackslash{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"$", "\\$"},
    {"&", "\\&"},
    {"#", "\\#"},
    {"%", "\\%"},
    {"_", "\\_"},
    {"^", "\\textasciicircum{}"},
    {"~", "\\textasciitilde{}"},
    {"<", "\\textless{}"},
    {">", "\\textgreater{}"},
    {"|", "\\textbar{}"},
    {"--", "-{}-"},
    {"``", "`{}`"},
    {"''", "'{}'"},
    {"\"", "''"},
    {"[", "{[}"},
    {"]", "{]}"},
    {"*", "{*}"},
    {CELL_DASH, "--"},
    {"\xe2\x80\x94", "---"},
    {"\xe2\x9c\x93", "$\\surd$"},
    {"\xe2\x9c\x97", "$\\times$"},
    {"\xc3\x97", "$\\times$"},
    {"\xc2\xb7", "$\\cdot$"},
    {"\xe2\x89\xa4", "$\\leq$"},
    {"\xe2\x89\xa5", "$\\geq$"},
    {"\xe2\x89\x88", "$\\approx$"},
    {"\xe2\x88\x92", "$-$"},
    {"\xe2\x86\x92", "$\\rightarrow$"},
    {"\xe2\x80\xa6", "\\ldots{}"},
    {"\xe2\x80\x99", "'"},
    {"\xc2\xb0", "$^\\circ$"},
};

static void put_text(report_file *f, const char *text) {
    report_escaped(f, text, escapes, sizeof escapes / sizeof *escapes, 0);
}

static void put_head(report_file *f, const report_table *t) {
    for (size_t j = 0; j < t->n_columns; j++) {
        report_file_text(f, j ? " & " : "  ");
        put_text(f, t->columns[j].title);
        if (!*t->columns[j].unit) continue;
        report_file_text(f, " (");
        put_text(f, t->columns[j].unit);
        report_file_text(f, ")");
    }
    report_file_text(f, " \\\\\n  \\midrule\n");
}

static void put_cell(report_file *f, const report_table *t, size_t row, size_t column) {
    char scratch[CELL_NUMBER_BYTES];
    const report_cell *cell = &t->cells[row * t->n_columns + column];
    report_file_text(f, column ? " & " : "  ");
    put_text(f, report_cell_shown(cell, &t->columns[column], scratch));
    if (cell->note) report_file_printf(f, "\\textsuperscript{%u}", (unsigned)cell->note);
    if (cell->kind == REPORT_BLANK || !*report_mark_sign(cell->mark)) return;
    report_file_text(f, "~");
    put_text(f, report_mark_sign(cell->mark));
}

static void put_body(report_file *f, const report_table *t) {
    for (size_t i = 0; i < t->n_rows; i++) {
        const report_group *g = report_group_at(t, i);
        if (g) {
            report_file_printf(f, "%s  \\multicolumn{%zu}{l}{\\textbf{", i ? "  \\addlinespace\n" : "", t->n_columns);
            put_text(f, g->label);
            report_file_text(f, "}} \\\\\n");
        }
        for (size_t j = 0; j < t->n_columns; j++)
            put_cell(f, t, i, j);
        report_file_text(f, " \\\\\n");
    }
    report_file_text(f, "  \\bottomrule\n\\end{tabular}\n");
}

static void put_small_print(report_file *f, const report_table *t) {
    unsigned marks = report_table_marks(t);
    int n = 0;
    if (!marks && !t->n_notes) return;
    report_file_text(f, "\n\\smallskip\n\\begin{minipage}{\\linewidth}\\footnotesize\n");
    for (unsigned m = REPORT_FITS; m <= REPORT_FITS_NOT; m++) {
        if (!(marks & 1u << m)) continue;
        report_file_text(f, n++ ? ", " : "");
        put_text(f, report_mark_sign(m));
        report_file_printf(f, " %s", report_mark_meaning(m));
    }
    report_file_text(f, n ? "\\par\n" : "");
    for (size_t i = 0; i < t->n_notes; i++) {
        if (i < t->n_refs) report_file_printf(f, "\\textsuperscript{%zu}~", i + 1);
        put_text(f, t->notes[i]);
        report_file_text(f, "\\par\n");
    }
    report_file_text(f, "\\end{minipage}\n");
}

err report_latex_write(report_file *f, const report_table *t) {
    report_file_text(f, "% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\n");
    if (t->title && *t->title) {
        report_file_text(f, "\\caption{");
        put_text(f, t->title);
        report_file_text(f, "}\n");
    }
    report_file_text(f, "\\label{tab:");
    report_name_write(f, t->name);
    report_file_text(f, "}\n\\begin{tabular}{");
    for (size_t j = 0; j < t->n_columns; j++)
        report_file_text(f, t->columns[j].is_text ? "l" : "r");
    report_file_text(f, "}\n  \\toprule\n");
    put_head(f, t);
    put_body(f, t);
    put_small_print(f, t);
    report_file_text(f, "\\end{table}\n");
    return report_file_write(f, "", 0);
}
