#include "sweep/run.h"
err sweep_run_recommend(sweep_run *run, const sweep_report *r) {
    (void)run;
    (void)r;
    return ERR_OK;
}
