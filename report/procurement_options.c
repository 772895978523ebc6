/*
 * procurement_options.c - sheet "Options": a row per option, its facts and the steps of report_procurement_answer as
 * live formulas on the named inputs, the memory lines and the prices. Sums of GB are rounded to whole bytes and cost to
 * the cent, so that what is compared is the same number everywhere.
 */
#include <math.h>

#include "report/procurement_book.h"

#define GB 1e9

/** What the value of a cell may come from. */
typedef struct scope {
    const deal_book *d;
    const report_option *o;
    const report_answer *a;
    const report_gpu *g;
    const deal *one;
    const report_load *l; /* NULL: holds nobody */
} scope;

static scope scope_of(const void *of, size_t i) {
    const deal_book *d = of;
    const report_option *o = &d->p->option[i];
    return (scope){d, o, &d->p->answer[i], &d->p->gpu[o->gpu], &d->deal[i], deal_load(d, i)};
}

#define TEXT(name, expr)                                                                                               \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const scope s = scope_of(of, i);                                                                               \
        return grid_text(expr);                                                                                        \
    }
#define NUMBER(name, expr)                                                                                             \
    static grid_value name(const void *of, size_t i) {                                                                 \
        const scope s = scope_of(of, i);                                                                               \
        return grid_number(expr);                                                                                      \
    }

TEXT(model, s.o->model)
TEXT(weights, s.o->weights)
TEXT(kv, s.o->kv)
TEXT(gpu, deal_gpu_name(s.d, s.o->gpu))
TEXT(layout, s.o->layout)
TEXT(status, !s.l               ? "does not fit at this context"
             : isnan(s.a->cost) ? "no such price"
             : s.one->ok        ? ""
                                : "slower than asked")
TEXT(pareto, s.a->pareto ? "yes" : "")
TEXT(way, s.one->way)
TEXT(seller_on_demand, s.one->seller[REPORT_ON_DEMAND])
TEXT(seller_spot, s.one->seller[REPORT_SPOT])
TEXT(seller_reserved, s.one->seller[REPORT_RESERVED])
NUMBER(rank, s.a->rank)
NUMBER(cost, s.a->cost)
NUMBER(cost_user, s.a->cost_user)
NUMBER(replicas, s.a->replicas)
NUMBER(gpus, s.a->gpus)
NUMBER(nodes, s.a->nodes)
NUMBER(capacity, s.a->capacity)
NUMBER(share, s.a->share)
NUMBER(need, s.a->need / GB)
NUMBER(headroom, s.a->headroom / GB)
NUMBER(used, s.a->used)
NUMBER(tokens_user, s.a->tokens_user)
NUMBER(tokens, s.a->tokens)
NUMBER(purchase, s.a->purchase)
NUMBER(kilowatts, s.a->kilowatts)
NUMBER(electricity, s.a->electricity)
NUMBER(own_month, s.a->own_month)
NUMBER(hour_on_demand, s.a->hour[REPORT_ON_DEMAND])
NUMBER(hour_spot, s.a->hour[REPORT_SPOT])
NUMBER(hour_reserved, s.a->hour[REPORT_RESERVED])
NUMBER(month_on_demand, s.a->month[REPORT_ON_DEMAND])
NUMBER(month_spot, s.a->month[REPORT_SPOT])
NUMBER(month_reserved, s.a->month[REPORT_RESERVED])
NUMBER(even_on_demand, s.a->break_even[REPORT_ON_DEMAND])
NUMBER(even_spot, s.a->break_even[REPORT_SPOT])
NUMBER(even_reserved, s.a->break_even[REPORT_RESERVED])
NUMBER(tp, s.o->tp)
NUMBER(pp, s.o->pp)
NUMBER(users_each, s.d->context ? s.o->load[s.d->context - 1].users : 0)
NUMBER(no, (double)(s.o - s.d->p->option) + 1)
NUMBER(model_no, (double)s.one->model)
NUMBER(gpu_no, (double)s.o->gpu + 1)
NUMBER(trains, s.o->trains != 0)
NUMBER(line, s.d->context ? (double)((size_t)(s.o - s.d->p->option) * s.d->p->n_contexts + s.d->context) : 0)
NUMBER(limit, s.l ? s.l->capacity / GB : NAN)
NUMBER(read, s.o->read / GB)
NUMBER(experts, s.o->experts / GB)
NUMBER(expert_share, s.o->expert_share)
NUMBER(bandwidth, s.g->bandwidth / GB)
NUMBER(watts, s.g->watts)
NUMBER(node, s.g->node)
NUMBER(price, deal_price(s.d, s.o->gpu))
NUMBER(usd_on_demand, s.one->least[REPORT_ON_DEMAND])
NUMBER(usd_spot, s.one->least[REPORT_SPOT])
NUMBER(usd_reserved, s.one->least[REPORT_RESERVED])
NUMBER(offer_on_demand, (double)s.one->offer[REPORT_ON_DEMAND])
NUMBER(offer_spot, (double)s.one->offer[REPORT_SPOT])
NUMBER(offer_reserved, (double)s.one->offer[REPORT_RESERVED])
NUMBER(cheapest, fmin(s.a->own_month, fmin(s.a->month[REPORT_ON_DEMAND], s.a->month[REPORT_RESERVED])))
NUMBER(sum, s.one->sum)
NUMBER(spare, isnan(s.a->headroom) ? -1e15 : s.a->headroom / GB)
NUMBER(ok, s.one->ok)
NUMBER(key, s.one->key)
NUMBER(chart_users, isnan(s.a->capacity) ? 0 : s.a->capacity)

/** Points of other models than the charts' are not drawn. */
static grid_value point(const scope *s, int front) {
    int drawn = s->one->model == 1 && !isnan(s->a->cost) && !s->a->pareto == !front;
    return drawn ? grid_number(s->a->cost) : grid_text("#N/A");
}
static grid_value chart_cost(const void *of, size_t i) {
    const scope s = scope_of(of, i);
    return point(&s, 0);
}
static grid_value chart_front(const void *of, size_t i) {
    const scope s = scope_of(of, i);
    return point(&s, 1);
}

/** What an offer asks per hour for all groups of an option: in `rates`, where it has this GPU and is large enough. */
#define RENT(rates)                                                                                                    \
    "IF((offer_gpu_no=[gpu_no])*(offer_gpus>=[tp])*ISNUMBER(" rates                                                    \
    "),ROUNDUP([replicas]*[pp]/(INT(offer_gpus/[tp])+(offer_gpus<[tp])),0)*" rates ",9E+99)"
#define LEAST(rates)       "IF([replicas]=\"\",9E+99,MIN(" RENT(rates) "))"
#define PICK(least, rates) "IF([" least "]>=9E+99,0,MATCH([" least "]," RENT(rates) ",0))"
#define HOUR(least)        "IF([" least "]>=9E+99,\"\",[" least "]*per_usd)"
#define MONTH(hour, hours) "IF([" hour "]=\"\",\"\",[" hour "]*" hours "*365/12)"
#define SELLER(pick)       "IF([" pick "]=0,\"\",INDEX(offer_provider,[" pick "])&\" \"&INDEX(offer_instance,[" pick "]))"
/* Without a price of electricity it is left out; where it has one and the power is not known, nothing follows. */
#define EVEN(month)                                                                                                    \
    "IF(OR([purchase]=\"\",[" month "]=\"\",AND(COUNT(electricity)=1,[electricity]=\"\")),\"\","                       \
    "IF([" month "]-N([electricity])<=0,\"\",IF([purchase]<=0,\"\",[purchase]/([" month "]-N([electricity])))))"
#define SAME "(option_model_no=[model_no])"

static const char money[] = "#,##0", cents[] = "#,##0.00", count[] = "#,##0", gb[] = "#,##0.00", tenth[] = "#,##0.0",
                  percent[] = "0.0%", plain[] = "0", below[] = "[<=-1000000000000]\"none\";#,##0.00",
                  rate[] = "[>=1000000000000]\"none\";#,##0.00";

enum { NAMED = GRID_NAMED, WORKING = GRID_WORKING, STEP = GRID_WORKING | GRID_ARRAY };

static const grid_column columns[] = {
    {"rank", "Option", "Rank", "", plain, 8, NAMED, "IF([cost]=\"\",\"\",1+SUMPRODUCT(" SAME "*(option_cost<[cost])))",
     rank},
    {"pareto", NULL, "Pareto", "", NULL, 9, NAMED,
     "IF(COUNT([cost],[capacity],[headroom])<3,\"\",IF(SUMPRODUCT(" SAME
     "*(option_cost<=[cost])*(option_capacity>=[capacity])*(option_spare>=[spare]))>SUMPRODUCT(" SAME
     "*(option_cost=[cost])*(option_capacity=[capacity])*(option_spare=[spare])),\"\",\"yes\"))",
     pareto},
    {"model", NULL, "Model", "", NULL, 14, NAMED, NULL, model},
    {"weights", NULL, "Weights", "", NULL, 9, NAMED, NULL, weights},
    {"kv", NULL, "KV cache", "", NULL, 8, NAMED, NULL, kv},
    {"gpu", NULL, "GPU", "", NULL, 14, NAMED, NULL, gpu},
    {"layout", NULL, "Layout of a replica", "", NULL, 11, NAMED, NULL, layout},
    {"cost", "Cost", "Cost", "$/month", money, 12, NAMED, "IF([sum]=\"\",\"\",ROUND([sum]+0.00000001,2))", cost},
    {"cost_user", NULL, "Cost per user", "$/month", cents, 12, NAMED,
     "IF(OR([cost]=\"\",[trains]=1),\"\",[cost]/users)", cost_user},
    {"way", NULL, "Paid as", "", NULL, 11, NAMED,
     "IF([sum]=\"\",\"\",IF(cost_basis<>\"cheapest\",cost_basis,IF([own_month]=[sum],\"purchase\","
     "IF([month_on_demand]=[sum],\"on-demand\",\"reserved\"))))",
     way},
    {"gpus", "Hardware", "GPUs", "", count, 8, NAMED, "IF([replicas]=\"\",\"\",[replicas]*[tp]*[pp])", gpus},
    {"nodes", NULL, "Nodes", "", count, 8, NAMED,
     "IF(OR([replicas]=\"\",[node]<[tp]),\"\",ROUNDUP([replicas]*[pp]/INT([node]/[tp]),0))", nodes},
    {"replicas", NULL, "Replicas", "", count, 9, NAMED,
     "IF([users_each]<1,\"\",IF([trains]=1,1,ROUNDUP(users/[users_each],0)))", replicas},
    {"tp", NULL, "Tensor parallel", "GPUs", plain, 9, 0, NULL, tp},
    {"pp", NULL, "Pipeline stages", "", plain, 9, 0, NULL, pp},
    {"capacity", "Users", "Users held", "", count, 9, NAMED, "IF([replicas]=\"\",\"\",[replicas]*[users_each])",
     capacity},
    {"users_each", NULL, "Users a replica holds", "", count, 10, NAMED, "IF([line]=0,0,INDEX(memory_users,[line]))",
     users_each},
    {"share", NULL, "Users of the fullest replica", "", count, 10, 0,
     "IF([replicas]=\"\",\"\",ROUNDUP(users/[replicas],0))", share},
    {"need", "Fullest GPU", "Need", "GB", gb, 10, NAMED,
     "IF([replicas]=\"\",\"\",IF(INDEX(memory_need,[line])=\"\",\"\",ROUND(MAX("
     "INDEX(memory_need,[line])+INDEX(memory_need_user,[line])*[share],"
     "INDEX(memory_need_2,[line])+INDEX(memory_need_2_user,[line])*[share]),9)))",
     need},
    {"headroom", NULL, "Headroom", "GB", gb, 11, NAMED, "IF([need]=\"\",\"\",ROUND([limit]-[need],9))", headroom},
    {"used", NULL, "Used", "%", percent, 9, NAMED, "IF([need]=\"\",\"\",[need]/[limit])", used},
    {"tokens_user", "Ceiling of decoding", "Ceiling per user", "tokens/s", tenth, 11, NAMED,
     "IF(OR([trains]=1,COUNT([bandwidth],[read],[share])<3),\"\",[bandwidth]/([read]+[experts]*(1-(1-[expert_share])^("
     "[share]/[pp]))+(INDEX(memory_cache,[line])+INDEX(memory_cache_user,[line])*[share])/[pp]))",
     tokens_user},
    {"tokens", NULL, "Ceiling together", "tokens/s", count, 11, 0, "IF([tokens_user]=\"\",\"\",[tokens_user]*users)",
     tokens},
    {"purchase", "Purchase", "Purchase", "$", money, 12, NAMED,
     "IF(COUNT([gpus],[nodes],[price])<3,\"\",[gpus]*[price]*(1-discount)+[nodes]*host_price)", purchase},
    {"kilowatts", NULL, "Power", "kW", gb, 9, 0, "IF(COUNT([gpus],[watts])<2,\"\",[gpus]*[watts]*pue/1000)", kilowatts},
    {"electricity", NULL, "Electricity", "$/month", money, 12, NAMED,
     "IF(COUNT([kilowatts],electricity)<2,\"\",[kilowatts]*hours_per_day*365/12*electricity)", electricity},
    {"own_month", NULL, "Owning", "$/month", money, 12, NAMED,
     "IF(OR([purchase]=\"\",AND(COUNT(electricity)=1,[electricity]=\"\")),\"\",[purchase]/months+N([electricity]))",
     own_month},
    {"hour_on_demand", "Rent per hour", "On demand", "$/h", cents, 11, 0, HOUR("usd_on_demand"), hour_on_demand},
    {"hour_spot", NULL, "Spot", "$/h", cents, 11, 0, HOUR("usd_spot"), hour_spot},
    {"hour_reserved", NULL, "Reserved", "$/h", cents, 11, 0, HOUR("usd_reserved"), hour_reserved},
    {"month_on_demand", "Rent per month", "On demand", "$/month", money, 12, NAMED,
     MONTH("hour_on_demand", "hours_per_day"), month_on_demand},
    {"month_spot", NULL, "Spot", "$/month", money, 12, NAMED, MONTH("hour_spot", "hours_per_day"), month_spot},
    {"month_reserved", NULL, "Reserved", "$/month", money, 12, NAMED, MONTH("hour_reserved", "24"), month_reserved},
    {"even_on_demand", "Break-even of a purchase", "Against on demand", "months", tenth, 10, NAMED,
     EVEN("month_on_demand"), even_on_demand},
    {"even_spot", NULL, "Against spot", "months", tenth, 10, NAMED, EVEN("month_spot"), even_spot},
    {"even_reserved", NULL, "Against reserved", "months", tenth, 10, NAMED, EVEN("month_reserved"), even_reserved},
    {"seller_on_demand", "Cheapest offer", "On demand", "", NULL, 14, NAMED, SELLER("offer_on_demand"),
     seller_on_demand},
    {"seller_spot", NULL, "Spot", "", NULL, 14, 0, SELLER("offer_spot"), seller_spot},
    {"seller_reserved", NULL, "Reserved", "", NULL, 14, 0, SELLER("offer_reserved"), seller_reserved},
    {"status", "Status", "Status", "", NULL, 28, NAMED,
     "IF([users_each]<1,\"does not fit at this context\",IF([cost]=\"\",\"no such price\",IF([ok]=0,"
     "\"slower than asked\",\"\")))",
     status},
    {"no", "Steps on the way", "Option", "", plain, 8, NAMED | WORKING, NULL, no},
    {"model_no", NULL, "Model", "", plain, 8, NAMED | WORKING, NULL, model_no},
    {"gpu_no", NULL, "GPU", "", plain, 8, NAMED | WORKING, NULL, gpu_no},
    {"trains", NULL, "Trains", "", plain, 8, WORKING, NULL, trains},
    {"line", NULL, "Line of Memory", "", plain, 9, WORKING,
     "IFERROR(([no]-1)*COLUMNS(contexts)+MATCH(context,contexts,0),0)", line},
    {"limit", NULL, "Capacity of a GPU", "GB", gb, 10, WORKING, "IF([users_each]<1,\"\",INDEX(memory_capacity,[line]))",
     limit},
    {"read", NULL, "Weights read per step", "GB", gb, 10, WORKING, NULL, read},
    {"experts", NULL, "Routed experts", "GB", gb, 10, WORKING, NULL, experts},
    {"expert_share", NULL, "Share of them per token", "", "0.0000", 10, WORKING, NULL, expert_share},
    {"bandwidth", NULL, "Bandwidth", "GB/s", count, 10, WORKING,
     "IF(INDEX(gpu_bandwidth,[gpu_no])=\"\",\"\",INDEX(gpu_bandwidth,[gpu_no]))", bandwidth},
    {"watts", NULL, "Power of a GPU", "W", count, 9, WORKING,
     "IF(INDEX(gpu_watts,[gpu_no])=\"\",\"\",INDEX(gpu_watts,[gpu_no]))", watts},
    {"node", NULL, "GPUs of a node", "", plain, 9, WORKING, "INDEX(gpu_node,[gpu_no])", node},
    {"price", NULL, "Price of a GPU", "$", money, 11, WORKING, "INDEX(gpu_effective,[gpu_no])", price},
    {"usd_on_demand", NULL, "Least on demand", "USD/h", rate, 11, STEP, LEAST("offer_on_demand"), usd_on_demand},
    {"usd_spot", NULL, "Least spot", "USD/h", rate, 11, STEP, LEAST("offer_spot"), usd_spot},
    {"usd_reserved", NULL, "Least reserved", "USD/h", rate, 11, STEP, LEAST("offer_reserved"), usd_reserved},
    {"offer_on_demand", NULL, "Its row of Cloud", "", plain, 9, STEP, PICK("usd_on_demand", "offer_on_demand"),
     offer_on_demand},
    {"offer_spot", NULL, "Its row of Cloud", "", plain, 9, STEP, PICK("usd_spot", "offer_spot"), offer_spot},
    {"offer_reserved", NULL, "Its row of Cloud", "", plain, 9, STEP, PICK("usd_reserved", "offer_reserved"),
     offer_reserved},
    {"cheapest", NULL, "Cheapest but spot", "$/month", cents, 12, WORKING,
     "IF(COUNT([own_month],[month_on_demand],[month_reserved])=0,\"\",MIN([own_month],[month_on_demand],"
     "[month_reserved]))",
     cheapest},
    {"sum", NULL, "Cost before rounding", "$/month", cents, 12, WORKING,
     "IF(cost_basis=\"purchase\",[own_month],IF(cost_basis=\"on-demand\",[month_on_demand],IF(cost_basis=\"spot\","
     "[month_spot],IF(cost_basis=\"reserved\",[month_reserved],[cheapest]))))",
     sum},
    {"spare", NULL, "Headroom to compare", "GB", below, 10, NAMED | WORKING, "IF([headroom]=\"\",-1E+15,[headroom])",
     spare},
    {"ok", NULL, "May be proposed", "", plain, 9, NAMED | WORKING,
     "IF([cost]=\"\",0,IF(AND(ISNUMBER([tokens_user]),[tokens_user]<min_tokens),0,1))", ok},
    {"key", NULL, "Model and place", "", plain, 11, NAMED | WORKING,
     "IF([ok]=0,0,[model_no]*1000000+1+SUMPRODUCT(" SAME "*option_ok*((option_cost<[cost])+(option_cost=[cost])*("
     "(option_gpus<[gpus])+(option_gpus=[gpus])*((option_spare>[spare])+(option_spare=[spare])*(option_no<[no]))))))",
     key},
    {"chart_users", NULL, "Chart: users held", "", count, 9, NAMED | WORKING, "IF([capacity]=\"\",0,[capacity])",
     chart_users},
    {"chart_cost", NULL, "Chart: other options", "$/month", money, 12, NAMED | WORKING,
     "IF(OR([cost]=\"\",[model_no]<>chart_model_no,[pareto]=\"yes\"),NA(),[cost])", chart_cost},
    {"chart_front", NULL, "Chart: Pareto", "$/month", money, 12, NAMED | WORKING,
     "IF(AND([model_no]=chart_model_no,[pareto]=\"yes\"),[cost],NA())", chart_front},
};

/** Signs that follow the numbers as they change. */
static void put_conditions(deal_book *d, const grid *g) {
    static const struct {
        const char *formula, *from, *to;
        lxw_color_t ink, fill;
        uint8_t bold;
    } rules[] = {
        {"=[users_each]<1", "rank", "status", 0xa6a6a6, 0xf2f2f2, 0},
        {"=AND(ISNUMBER([used]),[used]>0.9)", "used", "used", 0x7f6000, 0xffeb9c, 0},
        {"=AND(ISNUMBER([tokens_user]),[tokens_user]<min_tokens)", "tokens_user", "tokens_user", 0x9c0006, 0xffc7ce, 0},
        {"=[rank]=1", "rank", "way", 0x006100, 0xc6efce, 1},
        {"=[pareto]=\"yes\"", "rank", "way", 0, 0, 1},
        {"=ISNA([chart_front])", "chart_front", "chart_front", 0xd9d9d9, 0, 0},
        {"=ISNA([chart_cost])", "chart_cost", "chart_cost", 0xd9d9d9, 0, 0},
    };
    char formula[GRID_TEXT_BYTES];
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        lxw_format *f = workbook_add_format(d->b.file);
        if (rules[i].ink) format_set_font_color(f, rules[i].ink);
        if (rules[i].fill) format_set_bg_color(f, rules[i].fill);
        if (rules[i].bold) format_set_bold(f);
        book_grid_formula(g, rules[i].formula, book_grid_first(g), formula);
        lxw_conditional_format rule = {.type = LXW_CONDITIONAL_TYPE_FORMULA, .value_string = formula, .format = f};
        book_check(&d->b,
                   worksheet_conditional_format_range(d->options, book_grid_first(g), book_grid_find(g, rules[i].from),
                                                      book_grid_last(g), book_grid_find(g, rules[i].to), &rule));
    }
}

grid deal_options_grid(const deal_book *d) {
    return (grid){.sheet = "Options",
                  .prefix = "option",
                  .column = columns,
                  .n_columns = sizeof columns / sizeof *columns,
                  .n_rows = d->p->n_options,
                  .head_row = DEAL_HEAD + 1,
                  .banded = 1,
                  .folded = 1,
                  .of = d,
                  .money = d->money};
}

void deal_put_options(deal_book *d) {
    const grid g = deal_options_grid(d);
    deal_put_title(
        d, d->options, "Options",
        "Every way to run the workload. Green: the cheapest of its model. Bold: on the Pareto front, no other "
        "option of the model is as good in cost, users held and headroom and better in one. Grey: does not "
        "fit. Amber: more than 90 % of the memory used. Red: slower than asked for. Steps on the way are folded away "
        "at the right (+).");
    book_grid_write(&d->b, d->options, &g);
    put_conditions(d, &g);
    deal_finish_grid(d, d->options, &g, book_grid_find(&g, "cost"), book_grid_find(&g, "status"), 3);
}
